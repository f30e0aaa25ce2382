"""Each treated arm against its control arm: the difference, what it needs to be sure, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf, log
from typing import Any

import numpy as np

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.power import for_means, least_detectable
from vitalfew.algorithms.statistics.two_arms import Difference, Sums, cuped, narrower, welch
from vitalfew.jobs.uplift.arms import Action, sums_of
from vitalfew.jobs.uplift.assignments import CONTROL
from vitalfew.jobs.uplift.outcomes import ALL, OUTCOMES, UNKNOWN
from vitalfew.jobs.uplift.params import UpliftParams

MOST_NEEDED = 10**9
"""More customers than that are no plan: the difference seen is next to nothing."""


@dataclass(frozen=True)
class Comparison:
    """One arm against the control arm, of one group and by one outcome."""

    action: Action
    arm: str
    dimension: str
    member: str
    outcome: str
    treated: Sums
    control: Sums
    plain: Difference | None
    adjusted: Difference | None
    narrowing: float | None
    is_adjusted: bool

    @property
    def difference(self) -> Difference | None:
        """The one that counts."""
        return self.adjusted if self.is_adjusted else self.plain


def comparisons(action: Action, params: UpliftParams) -> Iterator[Comparison]:
    """All that can be asked of an action; of one without a control arm only what it brought in all."""
    told = {dimension for _, dimension, member in action.rows if member != UNKNOWN}
    groups = sorted({(dimension, member) for _, dimension, member in action.rows if dimension in told})
    if CONTROL not in action.arms:
        groups = [(ALL, ALL)]
    for arm in action.arms:
        for dimension, member in groups if arm != CONTROL else ():
            pair = action.of(arm, dimension, member), action.of(CONTROL, dimension, member)
            for outcome in OUTCOMES:
                sums = sums_of(pair[0], outcome), sums_of(pair[1], outcome)
                yield compared(action, (arm, dimension, member, outcome), sums, params)


def compared(
    action: Action, key: tuple[str, str, str, str], sums: tuple[Sums, Sums], params: UpliftParams
) -> Comparison:
    is_enough = min(each.n for each in sums) >= params.min_customers
    plain = welch(*sums) if is_enough else None
    adjusted = cuped(*sums) if plain else None
    narrowing = narrower(adjusted, plain) if plain and adjusted else None
    is_adjusted = narrowing is not None and narrowing > params.min_narrowing
    return Comparison(action, *key, *sums, plain, adjusted, narrowing, is_adjusted)


def q_values(found: Sequence[Comparison]) -> list[float | None]:
    """Benjamini-Hochberg over all comparisons that could be made."""
    log_p = [log(one.difference.p_value) if one.difference.p_value else -inf for one in found if one.difference]
    log_q = iter(log_false_discovery_rate(np.array(log_p)))
    return [float(np.exp(next(log_q))) if one.difference else None for one in found]


def uplift_row(one: Comparison, q_value: float | None, params: UpliftParams) -> dict[str, Any]:
    """A row of UPLIFT without its text."""
    found = one.difference
    low, high = found.interval(params.confidence) if found else (None, None)
    reason = reason_of(one, q_value, params)
    verdict = "cannot_tell"
    if reason == "significant" and found:
        verdict = "worked" if found.value > 0 else "harmed"
    return {
        "campaign": one.action.campaign,
        "action": one.action.action,
        "arm": one.arm,
        "dimension": one.dimension,
        "member": one.member,
        "outcome": one.outcome,
        "horizon_days": params.horizon_days,
        "before_days": params.before_days,
        "customers": one.treated.n,
        "control_customers": one.control.n,
        "smaller_arm": min(one.treated.n, one.control.n),
        "mean": one.treated.mean if one.treated.n else None,
        "control_mean": one.control.mean if one.control.n else None,
        "difference": found.value if found else None,
        "difference_low": low,
        "difference_high": high,
        "standard_error": found.standard_error if found else None,
        "p_value": found.p_value if found else None,
        "q_value": q_value,
        "narrowing": one.narrowing,
        "is_adjusted": one.is_adjusted,
        "least_detectable": least_detectable(found.standard_error, params.power, params.significance)
        if found
        else None,
        "needed_customers": needed(one, params) if reason == "chance" else None,
        "verdict": verdict,
        "reason": reason,
    }


def reason_of(one: Comparison, q_value: float | None, params: UpliftParams) -> str:
    """`significant`, or why nobody can tell; what spoils the whole comparison comes first."""
    if CONTROL not in one.action.arms:
        return "no_control"
    if one.action.is_ratio_off:
        return "ratio"
    if q_value is None:
        rows = [one.action.of(arm, one.dimension, one.member) for arm in (one.arm, CONTROL)]
        assigned = min(row.get("customers", 0) for row in rows)
        if min(one.treated.n, one.control.n) >= params.min_customers:
            return "constant"
        return "too_early" if assigned >= params.min_customers else "too_few"
    return "significant" if q_value <= params.significance else "chance"


def needed(one: Comparison, params: UpliftParams) -> int | None:
    """Customers in each arm that show the relevant difference, or that which was seen; None of more than there are."""
    found = one.difference
    if found is None:
        return None
    wanted = abs(one.control.mean) * params.relevant_lift if params.relevant_lift else abs(found.value)
    if not wanted:
        return None
    customers = for_means(found.variances, wanted, params.power, params.significance)
    return ceil(customers) if customers <= MOST_NEEDED else None
