"""Flows between groups: what was to be expected, whether a flow is abnormal, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from vitalfew.algorithms import exact_tests
from vitalfew.algorithms.hypergeometric import log_false_discovery_rate
from vitalfew.analyses.move_params import MoveParams

NEW, GONE = "(new)", "(gone)"
LAST, COUNTER = "last flows", "counter flow"
ZERO = Decimal("0.00")
NAMES = {"rfm": "segment", "clusters": "cluster", "contribution": "ABC class"}


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
    def days(self) -> int:
        return (self.as_of - self.previous_on).days if self.previous_on else 0


@dataclass
class History:
    """The flows of the comparison before, over so many days."""

    days: int
    customers: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Expected:
    """What a flow is compared with."""

    basis: str
    customers: float
    log_p: float


def flow_rows(seen: Comparison, last: History | None, params: MoveParams) -> list[dict[str, Any]]:
    """The rows of MOVE_MATRIX of one scheme; none where nothing can be compared."""
    if not seen.is_possible:
        return []
    is_usable = last is not None and abs(seen.days - last.days) <= params.span_tolerance * last.days
    if last is not None and is_usable:
        known = {flow.way for flow in seen.flows}
        vanished = [way for way, n in sorted(last.customers.items()) if n and way not in known and way[0] != way[1]]
        flows = [*seen.flows, *[Flow(kind_of(way), *way, customers=0) for way in vanished]]
        expected = against_last(flows, last)
    else:
        flows = seen.flows
        expected = against_counter_flow(flows)
    q = rates({way: e.log_p for way, e in expected.items()})
    sizes = totals(flows)
    return [
        matrix_row(seen, flow, sizes[flow.from_group], expected.get(flow.way), q.get(flow.way), params)
        for flow in flows
    ]


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

    A group that is new now, or was then, is no place to go to or not: flows to it are not tested.
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


def matrix_row(
    seen: Comparison, flow: Flow, size: int, expected: Expected | None, q: float | None, params: MoveParams
) -> dict[str, Any]:
    """A row of MOVE_MATRIX."""
    is_enough = expected is not None and max(flow.customers, expected.customers) >= params.min_customers
    is_abnormal = q is not None and q <= params.significance and is_enough
    return {
        "scheme": seen.scheme,
        "previous_on": seen.previous_on,
        "days": seen.days,
        "kind": flow.kind,
        "from_group": flow.from_group,
        "to_group": flow.to_group,
        "direction": flow.direction,
        "customers": flow.customers,
        "share_of_from": flow.customers / size if size else 0.0,
        "value_before": flow.value_before,
        "value_now": flow.value_now,
        "basis": expected.basis if expected else None,
        "expected": expected.customers if expected else None,
        "p_value": float(np.exp(expected.log_p)) if expected else None,
        "q_value": q,
        "is_abnormal": is_abnormal,
        "action": abnormal(seen.scheme, flow, expected, q) if is_abnormal and expected else normal(flow, expected),
    }


def abnormal(scheme: str, flow: Flow, expected: Expected, q: float | None) -> str:
    """What is unusual about a flow, in figures, and what to do."""
    is_more = flow.customers > expected.customers
    worth = f", worth {flow.value_before or flow.value_now:,.0f}," if flow.customers else ""
    than = "from the last comparison" if expected.basis == LAST else "if as many went as came back"
    what = (
        f"{flow.customers:,} customers{worth} {went(scheme, flow)}, "
        f"{'more' if is_more else 'fewer'} than the {expected.customers:,.0f} expected {than} (q = {q:.2g}): "
    )
    return what + ADVICE[flow.direction or flow.kind, is_more]


def went(scheme: str, flow: Flow) -> str:
    if flow.kind == "entered":
        return f"are new in {flow.to_group}"
    if flow.kind == "left":
        return f"left from {flow.from_group}"
    return f"went from {NAMES[scheme]} {flow.from_group} to {flow.to_group}"


ADVICE: Mapping[tuple[str, bool], str] = {
    ("down", True): "ask the most valuable of them what went wrong, and make them an offer this week.",
    ("down", False): "keep what was done for them lately; it holds them.",
    ("up", True): "find out what brought them up (offer, season, product), and do it for the next ones.",
    ("up", False): "the way up is slower than it was; lead them to the next order.",
    ("level", True): "look at what they have in common.",
    ("level", False): "look at what has kept them.",
    ("moved", True): "look at what they have in common, and write to them as to their new group.",
    ("moved", False): "look at what has kept them.",
    ("entered", True): "find out where these new customers came from.",
    ("entered", False): "find out why fewer new customers begin like this.",
    ("left", True): "find out why they are no longer counted: their orders fell out of the window, or were taken back.",
    ("left", False): "nothing to mend.",
}


def normal(flow: Flow, expected: Expected | None) -> str:
    if flow.kind == "stayed":
        return "They stayed: go on as before."
    return "As expected: no special measure." if expected else "Nothing to compare with yet: watch it at the next run."


def total_row(seen: Comparison, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A row of MOVE_TOTALS; all zero where nothing can be compared."""
    moved = [flow for flow in seen.flows if flow.kind == "moved"] if seen.is_possible else []
    count: Callable[..., int] = seen.count if seen.is_possible else lambda *_: 0
    summed: Callable[..., Decimal] = seen.sum if seen.is_possible else lambda *_: ZERO
    found: dict[str, Any] = {
        "scheme": seen.scheme,
        "previous_on": seen.previous_on,
        "customers_before": seen.count("stayed", "moved", "left"),
        "customers_now": seen.count("stayed", "moved", "entered"),
        "stayed": count("stayed"),
        "moved": count("moved"),
        "moved_up": sum(flow.up for flow in moved),
        "moved_down": sum(flow.down for flow in moved),
        "entered": count("entered"),
        "left": count("left"),
        "value_moved": summed("moved", "value_before"),
        "value_up": summed("moved", "value_up"),
        "value_down": summed("moved", "value_down"),
        "value_entered": summed("entered", "value_now"),
        "value_left": summed("left", "value_before"),
        "abnormal_flows": sum(row["is_abnormal"] for row in rows),
    }
    return {**found, "note": note(seen, found)}


def note(seen: Comparison, found: Mapping[str, Any]) -> str:
    """What moved, in a sentence, or why nothing is compared."""
    if not found["customers_now"]:
        return f"There is no slice of {seen.scheme} for this day: run {seen.scheme} first."
    if seen.previous_on is None:
        return f"There is no slice of {seen.scheme} before this day, so nothing is compared: run both again later."
    before = found["customers_before"]
    share = f" ({found['moved'] / before:.0%})" if before else ""
    ways = "" if seen.scheme == "clusters" else f", {found['moved_up']:,} up and {found['moved_down']:,} down"
    return (
        f"Since {seen.previous_on}: {found['moved']:,} of {before:,} customers{share} changed {NAMES[seen.scheme]}"
        f"{ways}; {found['value_moved']:,.0f} moved with them. {found['entered']:,} entered, {found['left']:,} left."
    )
