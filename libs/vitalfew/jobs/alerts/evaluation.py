"""Whether alerts say more than what is known without them: back-tests of each kind, and what is raised by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.statistics.matched_difference import Matched, matched
from vitalfew.dataframes.arrays import Bools, Floats, Ints
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.fits import Cell, Fit
from vitalfew.jobs.alerts.earlier_days import MEASURED, flag, observed
from vitalfew.jobs.alerts.kinds import (
    BUYS_MORE,
    BY_SILENCE,
    CLAIMS,
    HAS_LIFT,
    KINDS,
    NO_HISTORY,
    NO_LIFT,
    NOT_MEASURED,
    NOTHING,
    SPENDS_LESS,
    STANDARD,
    STAYS_AWAY,
    TOO_FEW,
)
from vitalfew.jobs.alerts.params import AlertParams

Z = 1.959963984540054
"""Of an interval that holds 95 %."""
FEWEST = 30
"""Named, with others like them: of fewer nothing is concluded."""
VALUE_GROUPS = 10
SILENCE_STEP = 1.15
"""Days silent are alike up to such a factor."""
DECIMALS = 9
SHOWN = (
    *("precision", "came_anyway", "compared_rate", "matched_rate", "lift", "lift_low", "lift_high"),
    *("named_before", "named_after", "matched_before", "matched_after"),
)
"""Columns that are NULL where they are not measured."""
NEVER = "never"
RAISED = "raised"


@dataclass(frozen=True)
class Observations:
    """One row per origin and customer: who, on which origin, what happened, and the cells in which rows are alike."""

    frame: pa.Table
    who: Ints
    outcomes: Mapping[str, Bools]
    usual_cents: Floats
    by_silence: Ints
    by_value: Ints

    @property
    def size(self) -> int:
        return len(self.who)

    def numbers(self, name: str) -> Ints:
        """A column of whole numbers."""
        return numbers(self.frame, name)

    def flags(self, name: str) -> Bools:
        """A column of truth."""
        return np.asarray(self.frame[name].to_numpy(zero_copy_only=False), dtype=bool)


def numbers(frame: pa.Table, name: str) -> Ints:
    """A column of whole numbers."""
    return np.asarray(frame[name].to_numpy(zero_copy_only=False), dtype=np.int64)


def observations(frame: pa.Table, horizon: int) -> Observations:
    """The rows of `earlier_days.observed`, of which the order does not matter."""
    rows = frame.sort_by([("origin", "ascending"), ("customer_id", "ascending")])
    _, who = np.unique(np.asarray(rows["customer_id"].to_numpy(zero_copy_only=False)).astype(str), return_inverse=True)
    origin, silent, cents = (numbers(rows, name) for name in ("origin", "silent_days", "cents"))
    age, days = numbers(rows, "age_days"), numbers(rows, "sale_days")
    after, after_days = numbers(rows, "after_cents"), numbers(rows, "after_days")
    usual_days = usual(origin, days - 1, age) * horizon
    usual_cents = usual_days * cents / days
    outcomes = {
        STAYS_AWAY: after_days == 0,
        SPENDS_LESS: 2 * after < usual_cents,
        BUYS_MORE: after_days > usual_days,
    }
    worth = origin * VALUE_GROUPS + value_groups(origin, usual_cents)
    like = numbered(worth, silence_groups(silent))
    return Observations(rows, who.reshape(-1), outcomes, usual_cents, like, numbered(worth))


def usual(origin: Ints, repeats: Ints, age: Ints) -> Floats:
    """Days with a sale per day, as each customer's own past and that of all of their origin let expect.

    The own rate, drawn to that of all as gamma-distributed rates of Poisson buyers are (Ehrenberg 1959), by moments:
    who by chance has bought more often than they usually do is overdue sooner, and buys less afterwards, and that says
    nothing of anybody.
    """
    found = np.zeros(len(origin))
    for each in np.unique(origin):
        own = origin == each
        n, days = repeats[own].astype(float), age[own].astype(float)
        rate = n.sum() / days.sum()
        beyond = np.sum((n - rate * days) ** 2 - rate * days)
        variance = max(beyond, 0.0) / np.sum(days**2)
        found[own] = rate if variance == 0 else (rate**2 + variance * n) / (rate + variance * days)
    return found


def value_groups(origin: Ints, value: Floats) -> Ints:
    """The tenth of each customer by what they usually bring, among those of their origin; equal values are together.

    Cuts are exact quantiles: the smallest value that is at least as large as a tenth, two tenths … of all.
    """
    found = np.zeros(len(value), dtype=np.int64)
    for each in np.unique(origin):
        own = origin == each
        shares = np.arange(1, VALUE_GROUPS) / VALUE_GROUPS
        cuts = np.quantile(value[own], shares, method="inverted_cdf")
        found[own] = np.searchsorted(cuts, value[own])
    return found


def silence_groups(silent: Ints) -> Ints:
    """Groups of days silent, one up to few days and each wider than the one before by SILENCE_STEP."""
    most = int(silent.max()) if len(silent) else 0
    starts, at = [0], 1
    while at <= most:
        starts.append(at)
        at = max(at + 1, int(at * SILENCE_STEP))
    return np.asarray(np.searchsorted(np.array(starts), silent, side="right"))


def numbered(*columns: Ints) -> Ints:
    """Rows that are equal in all columns get one number, from 0."""
    _, number = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    return np.asarray(number.reshape(-1))


def evaluated(orders: DataFrame, params: AlertParams, as_of: date, stage: Stage) -> list[dict[str, Any]]:
    """The rows of ALERT_EVALUATION."""
    origins, frame = observed(orders, params, as_of, stage)
    seen = None if frame is None else observations(frame, params.evaluation_days)
    rows = [row(kind, rule, seen, origins, params) for kind in KINDS for rule in rules(kind)]
    chosen = raised(rows)
    return [{**each, "is_raised": chosen[each["kind"]] == each["rule"]} for each in rows]


def rules(kind: str) -> list[str]:
    """The rules of a kind, the plain one first."""
    return [rule for of, rule in MEASURED if of == kind] or [STANDARD]


def row(kind: str, rule: str, seen: Observations | None, origins: int, params: AlertParams) -> dict[str, Any]:
    """A row of ALERT_EVALUATION but for `is_raised`."""
    known = {
        "kind": kind,
        "rule": rule,
        "claim": CLAIMS.get(kind, NOTHING),
        "compared_with": compared_with(kind),
        "horizon_days": params.evaluation_days,
        "origins": origins if kind in CLAIMS else 0,
        "named": 0,
        "customers": 0,
        "compared": 0,
        **dict.fromkeys(SHOWN),
    }
    if kind not in CLAIMS:
        return {**known, "reason": NOT_MEASURED}
    if seen is None:
        return {**known, "reason": NO_HISTORY}
    return {**known, **measured(kind, rule, seen, params)}


def compared_with(kind: str) -> str:
    """With whom those are compared whom a kind names."""
    if kind not in CLAIMS:
        return "nobody"
    return "less_silent" if kind in BY_SILENCE else "equally_silent"


def measured(kind: str, rule: str, seen: Observations, params: AlertParams) -> dict[str, Any]:
    """What came of those whom a rule names, beside those whom it could have named and did not."""
    is_named, outcome = seen.flags(flag(kind, rule)), seen.outcomes[CLAIMS[kind]]
    named = int(is_named.sum())
    counts = {"named": named, "customers": len(np.unique(seen.who[is_named]))}
    if not named:
        return {**counts, "reason": TOO_FEW}
    silent = seen.numbers("silent_days")
    among = is_named | (silent < silent[is_named].min()) if kind in BY_SILENCE else np.ones(seen.size, dtype=bool)
    cell = seen.by_value if kind in BY_SILENCE else seen.by_silence
    found = matched(cell[among], seen.who[among], is_named[among], outcome[among])
    shares = {
        **counts,
        "precision": rounded(outcome[is_named].mean()),
        "came_anyway": rounded(1 - seen.outcomes[STAYS_AWAY][is_named].mean()),
    }
    if found is None:
        return {**shares, "reason": TOO_FEW}
    low, high = (found.difference + sign * Z * found.standard_error for sign in (-1, 1))
    return {
        **shares,
        "compared": found.compared,
        "compared_rate": rounded(found.named_rate),
        "matched_rate": rounded(found.other_rate),
        "lift": rounded(found.difference),
        "lift_low": rounded(low),
        "lift_high": rounded(high),
        **money(seen, among, found),
        "reason": verdict(found.compared, found.difference, low, high, params.least_lift),
    }


def verdict(compared: int, lift: float, low: float, high: float, least: float) -> str:
    """has_lift: beyond chance there is one, and it is worth having; no_lift: beyond chance it is not; else too_few."""
    if compared < FEWEST:
        return TOO_FEW
    if low > 0 and lift >= least:
        return HAS_LIFT
    return NO_LIFT if high < least else TOO_FEW


def money(seen: Observations, among: Bools, found: Matched) -> dict[str, Decimal]:
    """What those compared brought in the days after, and what they usually bring, per customer; and those like them."""
    before = seen.usual_cents
    after = seen.numbers("after_cents").astype(float)
    return {
        f"{side}_{when}": amount(float(np.sum(weight * value[among])))
        for side, weight in (("named", found.named_weight), ("matched", found.other_weight))
        for when, value in (("before", before), ("after", after))
    }


def amount(cents: float) -> Decimal:
    return Decimal(round(round(cents, 3))) / 100


def rounded(share: Floats | float) -> float:
    return round(float(share), DECIMALS)


def raised(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By kind the rule that is raised: the first with lift, else the first of which nothing is known; `never` if none.

    A shop that is too young, or too small, for a proof has its alerts; they are said to be unproved.
    """
    found = {}
    for kind in KINDS:
        reasons = {each["rule"]: each["reason"] for each in rows if each["kind"] == kind}
        proved = [rule for rule, reason in reasons.items() if reason == HAS_LIFT]
        unknown = [rule for rule, reason in reasons.items() if reason != NO_LIFT]
        found[kind] = next(iter([*proved, *unknown]), NEVER)
    return found


def cells(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[Cell]]:
    """What a later day needs to raise alerts by."""
    return {(RAISED, kind): [rule] for kind, rule in raised(rows).items()}


def of_fit(fit: Fit) -> dict[str, str]:
    """By kind the rule that is raised, or `never`."""
    return {kind: fit.word(RAISED, kind) or STANDARD for kind in KINDS}
