"""From estimates to verdicts: intervals, means of categories, what is withheld, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyspark.sql import Row

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.normal_quantiles import two_sided
from vitalfew.algorithms.statistics.random_effects import Pooled, pooled, shrunk
from vitalfew.dataframes.arrays import Bools, Floats
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.tables import CANNOT_TELL, ELASTIC, INELASTIC

NEUTRAL = -1.0
"""The elasticity at which revenue stays as it is, whatever the price."""
LEAST_POOLED = 5
"""Products that a category needs for a mean of its own; products of others are drawn to that of the shop."""
LEAST_CATEGORY = 3
"""Products of which the mean of a category is published."""
CATEGORY_DOUBT = 0.01
"""How seldom chance may make the prices of a whole category seem to follow demand."""
MOST_CHANGES = 10_000


@dataclass(frozen=True)
class Interval:
    """A figure with both ends of its interval."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """What is known of one product: its elasticity drawn to others, or None where it is withheld."""

    found: Interval | None
    verdict: str
    reason: str
    needed: int | None


@dataclass(frozen=True)
class Found:
    """The estimates as arrays, and which of them are any; `wide` errors hold with normal quantiles."""

    rows: Sequence[Row]
    own: Floats
    error: Floats
    wide: Floats
    is_known: Bools


def found(rows: Sequence[Row], params: PriceParams) -> Found:
    """The estimates, errors widened as the t distribution with their degrees of freedom is wider than the normal."""
    from scipy.special import stdtrit

    own, error = (np.array([row[name] for row in rows], dtype=float) for name in ("elasticity", "error"))
    is_known = np.isfinite(own) & np.isfinite(error) & (error > 0)
    free = np.array([row["free"] for row in rows], dtype=float)
    wide = error * stdtrit(free, 0.5 + params.confidence / 2) / two_sided(params.confidence)
    return Found(rows, own, error, wide, is_known)


def mean_of(estimates: Found, chosen: Bools) -> Pooled | None:
    """The mean of some products; None where nothing is known of any."""
    wanted = chosen & estimates.is_known
    if not wanted.any():
        return None
    return pooled(estimates.own[wanted], estimates.error[wanted], estimates.wide[wanted])


def mean_timing(rows: Sequence[Row], name: str, widening: Floats, chosen: Bools) -> Pooled | None:
    """The mean of a coefficient of the price of other weeks."""
    values, errors = (np.array([row[key] for row in rows], dtype=float) for key in (name, f"{name}_error"))
    wanted = chosen & np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    if not wanted.any():
        return None
    return pooled(values[wanted], errors[wanted], (errors * widening)[wanted])


def widening(estimates: Found) -> Floats:
    return np.where(estimates.is_known, estimates.wide / np.where(estimates.is_known, estimates.error, 1.0), 1.0)


def is_anticipated(mean: Pooled | None, elasticity: Pooled | None, params: PriceParams) -> bool:
    """Whether the prices of a whole category follow demand."""
    if mean is None or elasticity is None:
        return False
    is_sure = abs(mean.mean) > two_sided(1 - CATEGORY_DOUBT) * mean.error
    return is_sure and abs(mean.mean) > params.max_anticipation * abs(elasticity.mean)


def judged(
    estimates: Found, categories: Sequence[str | None], anticipated: Mapping[str | None, bool], params: PriceParams
) -> list[Judged]:
    """One for each row: drawn to the mean of its category, withheld where a check failed."""
    middle, error = drawn(estimates, categories)
    widths = two_sided(params.confidence) * error
    sure = is_off_neutral(estimates, params)
    return [
        verdict(row, estimates.is_known[place], Interval(m, m - w, m + w), bool(sure[place]), anticipated, name, params)
        for place, (row, name, m, w) in enumerate(
            zip(estimates.rows, categories, middle.tolist(), widths.tolist(), strict=True)
        )
    ]


def drawn(estimates: Found, categories: Sequence[str | None]) -> tuple[Floats, Floats]:
    """Each elasticity drawn to the mean of its category, or of the shop where that has few; and its error."""
    middle, error = estimates.own.copy(), estimates.wide.copy()
    everything = mean_of(estimates, np.ones(len(categories), bool))
    names = np.array([name or "" for name in categories], dtype=object)
    for name in sorted({*names.tolist()}):
        members = (names == name) & estimates.is_known
        mean = mean_of(estimates, members) if name and members.sum() >= LEAST_POOLED else everything
        if mean is not None and mean.count >= LEAST_POOLED:
            middle[members], error[members] = shrunk(estimates.own[members], estimates.wide[members], mean)
    return middle, error


def is_off_neutral(estimates: Found, params: PriceParams) -> Bools:
    """Which own elasticities are not -1, with few false ones among all that are said to be so."""
    from scipy.special import stdtr

    known = estimates.is_known
    free = np.array([row["free"] for row in estimates.rows], dtype=float)
    away = np.abs(estimates.own[known] - NEUTRAL) / estimates.error[known]
    p = 2 * stdtr(free[known], -away)
    sure = np.zeros(len(known), bool)
    sure[known] = log_false_discovery_rate(np.log(np.maximum(p, 1e-300))) <= math.log(params.significance)
    return sure


def verdict(
    row: Row,
    is_known: bool,
    interval: Interval,
    is_sure: bool,
    anticipated: Mapping[str | None, bool],
    category: str | None,
    params: PriceParams,
) -> Judged:
    if not is_known:
        return Judged(None, CANNOT_TELL, "no_variation", None)
    if anticipated.get(category, False) or follows_demand(row, params):
        return Judged(None, CANNOT_TELL, "anticipated", None)
    if row["gain"] <= 0:
        return Judged(None, CANNOT_TELL, "not_better", None)
    if interval.low > 0:
        return Judged(None, CANNOT_TELL, "wrong_sign", None)
    side = side_of(interval)
    if side is None or not is_sure:
        return Judged(interval, CANNOT_TELL, "wide", needed(row["changes"], interval))
    return Judged(interval, side, "clear", None)


def side_of(interval: Interval) -> str | None:
    """elastic or inelastic; None where the interval says neither."""
    if interval.high < NEUTRAL:
        return ELASTIC
    return INELASTIC if interval.low > NEUTRAL else None


def follows_demand(row: Row, params: PriceParams) -> bool:
    """Whether the price of the next week explains the units of this one, beyond chance and by enough to matter."""
    from scipy.special import stdtrit

    after, error = row["after"], row["after_error"]
    if after is None or error is None or not math.isfinite(after) or not math.isfinite(error) or error <= 0:
        return False
    is_sure = abs(after) > float(stdtrit(row["free"], 0.5 + params.confidence / 2)) * error
    return bool(is_sure and abs(after) > params.max_anticipation * abs(row["elasticity"]))


def needed(changes: int, interval: Interval) -> int | None:
    """Price changes in all with which the interval would leave -1 out, its width falling with their square root."""
    distance = abs(interval.middle - NEUTRAL)
    width = (interval.high - interval.low) / 2
    if distance <= 0 or changes <= 0:
        return None
    wanted = max(changes * (width / distance) ** 2, changes + 1.0)
    return math.ceil(wanted) if wanted <= MOST_CHANGES else None


def number(value: Any) -> float | None:
    """None of what is none."""
    return float(value) if value is not None and math.isfinite(value) else None
