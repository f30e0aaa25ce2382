"""What sets a cohort apart from the others, whether that is more than chance, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from vitalfew.algorithms.statistics import exact_tests
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.jobs.cohorts.params import CohortParams
from vitalfew.jobs.cohorts.retention import ALL, Cohort
from vitalfew.messages.message import Message, message, with_code
from vitalfew.messages.words import ENGLISH, Words

NAMED = ("other", "unknown")
RARER = {"first_product": "rare_product", "first_channel": "rare_channel"}
"""How the small cohorts of a dimension, taken together, are called."""
Test = tuple[float | None, float | None]
UNTESTED: Test = (None, None)


def profiles(
    cohorts: Sequence[Cohort], params: CohortParams, grown_up: int, words: Words = ENGLISH
) -> list[dict[str, Any]]:
    """The rows of COHORT_PROFILES; `cohorts` are sorted by dimension.

    `grown_up` is the first month of those who are new for certain: only these are compared with each other.
    """
    rows = []
    for _, group in groupby(cohorts, key=lambda cohort: cohort.dimension):
        together = list(group)
        new = [cohort for cohort in together if min(cohort.of_month) >= grown_up] or together
        whole = merged(new)
        tested = dict(zip(map(id, new), tests(new, whole), strict=True))
        for cohort in together:
            rest = whole if id(cohort) in tested else together_with(whole, cohort)
            row = profile(cohort, rest, tested.get(id(cohort), UNTESTED), params, grown_up)
            rows.append({**row, **with_code("action", action(row), words)})
    return rows


def together_with(whole: Cohort, cohort: Cohort) -> Cohort:
    return merged([whole, cohort])


def merged(cohorts: Sequence[Cohort]) -> Cohort:
    """All cohorts of a dimension as one."""
    whole = Cohort(cohorts[0].dimension, ALL, cohorts[0].now)
    for cohort in cohorts:
        for month, counts in cohort.of_month.items():
            before = whole.of_month.get(month, (0, 0, 0))
            whole.of_month[month] = before[0] + counts[0], before[1] + counts[1], before[2] + counts[2]
        for month, (active, value) in cohort.cells.items():
            known = whole.cells.get(month)
            whole.cells[month] = (known[0] + active, known[1] + value) if known else (active, value)
    return whole


def tests(cohorts: Sequence[Cohort], whole: Cohort) -> list[Test]:
    """p and q of each cohort against the others; None where one side has nobody to ask."""
    asked = [number for number, c in enumerate(cohorts) if 0 < c.observed < whole.observed]
    found = [UNTESTED] * len(cohorts)
    if asked:
        returned = np.array([cohorts[number].returned for number in asked])
        observed = np.array([cohorts[number].observed for number in asked])
        log_p = exact_tests.fisher(returned, observed, np.full(len(asked), whole.returned), whole.observed)
        log_q = log_false_discovery_rate(log_p)
        for number, log_p_of, log_q_of in zip(asked, log_p, log_q, strict=True):
            found[number] = float(np.exp(log_p_of)), float(np.exp(log_q_of))
    return found


def profile(cohort: Cohort, whole: Cohort, test: Test, params: CohortParams, grown_up: int) -> dict[str, Any]:
    """One row of COHORT_PROFILES without its texts; `whole` is what it is compared with, itself included."""
    p, q = test
    others = whole.observed - cohort.observed
    value, value_of_all = cohort.value_at(params.horizon_months), whole.value_at(params.horizon_months)
    return {
        "dimension": cohort.dimension,
        "cohort": cohort.cohort,
        "customers": cohort.customers,
        "may_be_older": min(cohort.of_month) < grown_up,
        "months_observed": cohort.months_observed,
        "return_days": params.return_days,
        "observed_customers": cohort.observed,
        "returned_customers": cohort.returned,
        "returned_share": cohort.returned / cohort.observed if cohort.observed else None,
        "returned_share_of_others": (whole.returned - cohort.returned) / others if others else None,
        "p_value": p,
        "q_value": q,
        "is_different": q is not None and q <= params.significance,
        "horizon_months": params.horizon_months,
        "value_at_horizon": value,
        "value_ratio": value / value_of_all if value is not None and value_of_all and value_of_all > 0 else None,
    }


def who(row: Mapping[str, Any]) -> Message:
    """The customers of a cohort."""
    dimension, name = row["dimension"], row["cohort"]
    if name == "other" and dimension in RARER:
        return message(f"cohorts.who.{RARER[dimension]}")
    return message(f"cohorts.who.{dimension}", **({} if dimension == ALL else {"cohort": name}))


def verdict(row: Mapping[str, Any]) -> str:
    """Which advice a cohort is given: the code of a message of `cohorts.advice`, or `named`."""
    if row["cohort"] in NAMED:
        return "named"
    is_better = row["returned_share"] > row["returned_share_of_others"]
    return f"{'better' if is_better else 'worse'}_{row['dimension']}"


def action(row: Mapping[str, Any]) -> Message:
    """What to do next, with the figures that say so."""
    days, share, others = row["return_days"], row["returned_share"], row["returned_share_of_others"]
    if share is None:
        return message("cohort_profiles.action.wait", who=who(row), days=days)
    if row["dimension"] == ALL:
        return message("cohort_profiles.action.goal", who=who(row), days=days, share=share)
    if row["may_be_older"]:
        return message("cohort_profiles.action.older", days=days, share=share)
    if not row["is_different"]:
        return message("cohort_profiles.action.same", who=who(row), days=days, share=share)
    code, figures = verdict(row), {"days": days, "share": share, "others": others}
    if code == "named":
        return message("cohort_profiles.action.look", who=who(row), **figures)
    return message(f"cohort_profiles.action.{code}", cohort=row["cohort"], **figures)
