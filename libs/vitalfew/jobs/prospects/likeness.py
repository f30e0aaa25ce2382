"""What new customers bring, what the best of them had in common, and whether likeness to them says anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import scipy

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.over_represented import difference, ratio_interval
from vitalfew.dataframes.arrays import Bools, Floats, Ints
from vitalfew.dataframes.arrow_columns import ranked, whole
from vitalfew.jobs.prospects.params import ProspectsParams

PRIOR_CUSTOMERS = 50.0
"""As many customers of all weigh in the mean of a third."""
CONFIDENCE = 1.959964
THIRDS = 3


@dataclass(frozen=True)
class NewCustomers:
    """Customers: what they brought in cents, whether they are of the best, and codes of their traits (-1: unknown)."""

    who: Ints
    cents: Floats
    is_best: Bools
    codes: Ints
    traits: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    @property
    def least_of_best(self) -> float | None:
        return float(self.cents[self.is_best].min()) if self.is_best.any() else None


@dataclass(frozen=True)
class Likeness:
    """Log-odds of each trait and value, and from which sums on somebody is of the middle and of the high third.

    `cents` are what the low, the middle and the high third brought, drawn to the mean, by the mean of all: that traits
    are known at all is no likeness, as those may be known best who buy most.
    """

    log_odds: tuple[dict[str, float], ...]
    cuts: tuple[float, float]
    cents: tuple[float, float, float]


def new_customers(found: pa.Table, traits: Sequence[str], best_share: float) -> NewCustomers:
    """From rows of who, cents and traits; the best are the `best_share` with the largest amounts, ties with them."""
    found = found.sort_by([("who", "ascending")])
    cents = found["cents"].to_numpy().astype(float)
    texts = [ranked(whole(found[name])) for name in traits]
    edge = np.sort(cents)[::-1][max(0, int(np.ceil(best_share * len(cents))) - 1)] if len(cents) else 0.0
    codes = [each.ranks for each in texts]
    return NewCustomers(
        found["who"].to_numpy().astype(np.int64),
        cents,
        np.asarray((cents >= edge) & (cents > 0)),
        np.column_stack(codes) if codes else np.zeros((len(cents), 0), dtype=np.int64),
        tuple(traits),
        tuple(tuple(each.texts.to_pylist()) for each in texts),
    )


def counted(of: NewCustomers, place: int, rows: Bools) -> tuple[Floats, Floats]:
    """By value of a trait, how many of the best and of the others have it."""
    codes, size = of.codes[:, place], len(of.values[place])
    known = rows & (codes >= 0)
    best, others = (np.bincount(codes[known & who], minlength=size).astype(float) for who in (of.is_best, ~of.is_best))
    return best, others


def differences(of: NewCustomers, place: int, rows: Bools, params: ProspectsParams) -> Floats | None:
    """By value, the log-odds among the best less those among others; None where nothing differs.

    0 of values that fewer than `min_people` have, or that are not of the `max_values` most frequent.
    """
    best, others = counted(of, place, rows)
    if not best.sum() or not others.sum() or np.count_nonzero(best + others) < 2:
        return None
    frequent = np.zeros(len(best), dtype=bool)
    frequent[np.argsort(-(best + others), kind="stable")[: params.max_values]] = True
    return np.where(frequent & (best + others >= params.min_people), difference(best, others).log_odds, 0.0)


def profile(of: NewCustomers, params: ProspectsParams) -> list[dict[str, Any]]:
    """PROSPECT_PROFILE: values that enough customers have; a trait with one value only says nothing."""
    rows: list[dict[str, Any]] = []
    logs: list[float] = []
    every = np.ones(len(of.who), dtype=bool)
    for place, trait in enumerate(of.traits):
        best, others = counted(of, place, every)
        sums = best.sum(), others.sum()
        if not all(sums) or np.count_nonzero(best + others) < 2:
            continue
        said = difference(best, others)
        for code in np.flatnonzero(best + others >= params.min_people):
            low, high = ratio_interval(best[code], sums[0], others[code], sums[1], CONFIDENCE)
            rows.append(
                {
                    "trait": trait,
                    "value": of.values[place][code],
                    "customers": int(best[code] + others[code]),
                    "best_customers": int(best[code]),
                    "share_of_best": float(best[code] / sums[0]),
                    "share_of_others": float(others[code] / sums[1]),
                    "lift": float((best[code] + 0.5) / (sums[0] + 0.5) * (sums[1] + 0.5) / (others[code] + 0.5)),
                    "lift_low": low,
                    "lift_high": high,
                    "log_odds": float(said.log_odds[code]),
                }
            )
            logs.append(float(said.log_p[code]))
    q = np.exp(log_false_discovery_rate(np.array(logs)))
    return [
        {**row, "q_value": float(value), "is_distinct": bool(value <= params.significance)}
        for row, value in zip(rows, q, strict=True)
    ]


def likeness(of: NewCustomers, usable: Sequence[str], params: ProspectsParams) -> Likeness | None:
    """Likeness by the traits that prospects have too; None where the high third brought no more than the low one.

    Each half of the customers is sorted by what the other half says, and the difference is tested on both together.
    """
    places = [place for place, trait in enumerate(of.traits) if trait in usable]
    half = (of.who >> 16) % 2 == 0
    known = (of.codes[:, places] >= 0).any(axis=1) if places else np.zeros(len(of.who), dtype=bool)
    third = np.full(len(of.who), -1)
    for learnt_from, sorted_by in ((half, ~half), (~half, half)):
        by = sums(of, places, learnt_from, params)
        own = known & sorted_by
        if own.any():
            third[own] = np.searchsorted(cuts_of(by[own]), by[own], side="right")
    if not beats_chance(of.cents[third == THIRDS - 1], of.cents[third == 0], params.significance):
        return None
    mean, of_known = float(of.cents.mean()), float(of.cents[third >= 0].mean())
    if min(mean, of_known) <= 0:
        return None
    groups = [of.cents[third == number] for number in range(THIRDS)]
    drawn = [float((group.sum() + PRIOR_CUSTOMERS * of_known) / (len(group) + PRIOR_CUSTOMERS)) for group in groups]
    drawn = [mean * amount / of_known for amount in drawn]
    by = sums(of, places, np.ones(len(of.who), dtype=bool), params)
    first, second = cuts_of(by[known])
    return Likeness(
        tuple(named(of, place, params) for place in places), (first, second), (drawn[0], drawn[1], drawn[2])
    )


def named(of: NewCustomers, place: int, params: ProspectsParams) -> dict[str, float]:
    """The log-odds of one trait by value; none of values that say nothing."""
    said = differences(of, place, np.ones(len(of.who), dtype=bool), params)
    if said is None:
        return {}
    return {value: round(float(odds), 9) for value, odds in zip(of.values[place], said, strict=True) if odds}


def sums(of: NewCustomers, places: Sequence[int], learnt_from: Bools, params: ProspectsParams) -> Floats:
    """Of every customer the sum of what the values say, rounded so that alike is alike."""
    total = np.zeros(len(of.who))
    for place in places:
        said = differences(of, place, learnt_from, params)
        if said is not None:
            total += np.append(np.round(said, 9), 0.0)[of.codes[:, place]]
    return np.round(total, 6)


def cuts_of(by: Floats) -> tuple[float, float]:
    """Where the middle and the high third begin."""
    first, second = np.quantile(by, [1 / THIRDS, 2 / THIRDS])
    return float(first), float(second)


def beats_chance(high: Floats, low: Floats, significance: float) -> bool:
    """Whether the mean of `high` is above that of `low` (Welch, one-sided), amounts above their 99 % cut to it."""
    if min(len(high), len(low)) < 2:
        return False
    edge = np.quantile(np.concatenate([high, low]), 0.99)
    high, low = np.minimum(high, edge), np.minimum(low, edge)
    error = np.sqrt(high.var(ddof=1) / len(high) + low.var(ddof=1) / len(low))
    return bool(error > 0 and (high.mean() - low.mean()) / error > scipy.special.ndtri(1 - significance))
