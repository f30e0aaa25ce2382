"""Flows between groups, and what was to be expected of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from vitalfew.algorithms.statistics import exact_tests
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.jobs.segment_moves.params import MoveParams

NEW, GONE = "(new)", "(gone)"
LAST, COUNTER = "last flows", "counter flow"
ZERO = Decimal("0.00")


def key(group: str) -> str:
    """What a group is by: the number of a cluster, the name of any other."""
    number, colon, _ = group.partition(": ")
    return number if colon and number.isdigit() else group


@dataclass(frozen=True)
class Flow:
    """Those who were in one group and are in another (or the same): how many, how they went, what they are worth."""

    kind: str
    from_group: str
    to_group: str
    customers: int
    up: int = 0
    down: int = 0
    change: int | None = None
    value_before: Decimal = ZERO
    value_now: Decimal = ZERO
    value_up: Decimal = ZERO
    value_down: Decimal = ZERO

    @property
    def way(self) -> tuple[str, str]:
        return self.from_group, self.to_group

    @property
    def direction(self) -> str | None:
        if self.change is None or self.kind == "stayed":
            return None
        return "up" if self.change > 0 else "down" if self.change < 0 else "level"


@dataclass
class Comparison:
    """All flows of one scheme between two days; `previous_on` is None where there is no slice before."""

    scheme: str
    as_of: date
    previous_on: date | None = None
    other_settings_on: date | None = None
    """Of the slice before, where it was made with other settings and so is not compared."""
    flows: list[Flow] = field(default_factory=list)

    def count(self, *kinds: str) -> int:
        return sum(flow.customers for flow in self.flows if flow.kind in kinds)

    def sum(self, kind: str, name: str) -> Decimal:
        return sum((getattr(flow, name) for flow in self.flows if flow.kind == kind), ZERO)

    @property
    def is_possible(self) -> bool:
        """Whether both days have customers."""
        return self.previous_on is not None and bool(self.count("stayed", "moved", "entered"))

    @property
    def groups_now(self) -> set[str]:
        """Numbers or names of the groups that have customers."""
        return {key(flow.to_group) for flow in self.flows} - {GONE}

    @property
    def is_regrouped(self) -> bool:
        """Whether a cluster is new or has gone since: then customers changed cluster without changing themselves."""
        before = {key(flow.from_group) for flow in self.flows} - {NEW}
        return self.is_possible and self.scheme == "clusters" and before != self.groups_now

    @property
    def days(self) -> int:
        return (self.as_of - self.previous_on).days if self.previous_on else 0


@dataclass
class History:
    """The flows of the comparison before, over so many days."""

    days: int
    customers: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def groups(self) -> set[str]:
        return {key(to) for _, to in self.customers} - {GONE}

    def named(self, ways: Iterable[tuple[str, str]]) -> History:
        """The same, where clusters have the names of today: they are one by their number."""
        names = {key(group): group for way in ways for group in way}
        found: Counter[tuple[str, str]] = Counter()
        for (start, end), n in self.customers.items():
            found[names.get(key(start), start), names.get(key(end), end)] += n
        return History(self.days, dict(found))


@dataclass(frozen=True)
class Expected:
    """What a flow is compared with."""

    basis: str
    customers: float
    log_p: float


def with_expectation(
    seen: Comparison, last: History | None, params: MoveParams
) -> tuple[list[Flow], dict[tuple[str, str], Expected]]:
    """The flows, those that have dried up among them, and what was to be expected of each.

    Nothing is where the clusters themselves have changed: then people moved without doing anything. Without history,
    nothing is of segments either: the way through them is one way, from New to Lost, so no flow comes back.
    """
    if seen.is_regrouped:
        return seen.flows, {}
    is_alike = last is not None and abs(seen.days - last.days) <= params.span_tolerance * last.days
    if last is not None and is_alike and not (seen.scheme == "clusters" and last.groups != seen.groups_now):
        last = last.named([flow.way for flow in seen.flows])
        known = {flow.way for flow in seen.flows}
        dried = [way for way, n in sorted(last.customers.items()) if n and way not in known and way[0] != way[1]]
        flows = [*seen.flows, *[Flow(kind_of(way), *way, customers=0) for way in dried]]
        return flows, against_last(flows, last)
    return seen.flows, {} if seen.scheme == "rfm" else against_counter_flow(seen.flows)


def kind_of(way: tuple[str, str]) -> str:
    return "entered" if way[0] == NEW else "left" if way[1] == GONE else "moved"


def totals(flows: Iterable[Flow]) -> Mapping[str, int]:
    """Customers of each group before."""
    found: Counter[str] = Counter()
    for flow in flows:
        found[flow.from_group] += flow.customers
    return found


def against_last(flows: Sequence[Flow], last: History) -> dict[tuple[str, str], Expected]:
    """Each flow against the share that took it in the last comparison; none from groups that were not there then.

    Flows to a group that did not exist then are not tested.
    """
    sizes, sizes_then = totals(flows), Counter[str]()
    places_then = {to for _, to in last.customers} | {GONE}
    for (start, _), customers in last.customers.items():
        sizes_then[start] += customers
    tested = [
        flow
        for flow in flows
        if flow.kind != "stayed"
        and sizes_then[flow.from_group]
        and sizes[flow.from_group]
        and flow.to_group in places_then
    ]
    found = {}
    for flow in tested:
        now, then = sizes[flow.from_group], sizes_then[flow.from_group]
        before = last.customers.get(flow.way, 0)
        hits, drawn = np.array([flow.customers]), np.array([now])
        log_p = exact_tests.fisher(hits, drawn, np.array([flow.customers + before]), now + then)
        found[flow.way] = Expected(LAST, before / then * now, float(log_p[0]))
    return found


def against_counter_flow(flows: Sequence[Flow]) -> dict[tuple[str, str], Expected]:
    """Each move against the moves the other way: where nothing changes, as many go as come."""
    counts = {flow.way: flow.customers for flow in flows if flow.kind == "moved"}
    ways = sorted(counts)
    there = np.array([counts[way] for way in ways], np.int64)
    back = np.array([counts.get((way[1], way[0]), 0) for way in ways], np.int64)
    log_p = exact_tests.balance(there, back)
    return {way: Expected(COUNTER, float(there[i] + back[i]) / 2, float(log_p[i])) for i, way in enumerate(ways)}


def rates(log_p: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """The q value of each flow tested."""
    if not log_p:
        return {}
    q = np.exp(log_false_discovery_rate(np.array(list(log_p.values()))))
    return dict(zip(log_p, q.tolist(), strict=True))
