"""Whether effects, learnt from some weeks, say more of other weeks than no effect at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vitalfew.algorithms.prices.series import Series
from vitalfew.algorithms.prices.two_effects import Fitted, expected, newton_step
from vitalfew.algorithms.statistics.random_effects import pooled
from vitalfew.dataframes.arrays import Bools, Floats, Ints

STEPS = 15
NEAR = 1e-6
PARTS = 5
LEAST_DRAWN = 5
"""Products with an effect of their own that a mean needs, to which each is then drawn."""


def gains(rows: Series, x: Floats, fitted: Fitted, errors: Floats, without: Fitted) -> tuple[Floats, Floats]:
    """Of each product: by how much the deviance of held-out weeks is less than without an effect; and the latter.

    Blocks of weeks are held out in turn, in `PARTS` parts. The effect of the one `x` is learnt from the others, and
    drawn to the mean of all products as far as its standard error in `errors` asks for: as it is published.
    """
    gained, before = np.zeros(rows.products), np.zeros(rows.products)
    flat = deviance(rows.units, expected(rows, without.week[rows.week]))
    part = parts_of(rows.block)
    for held in np.unique(part):
        is_held = part == held
        learnt = drawn(of_others(rows, x, fitted, ~is_held), fitted.coefficients[:, 0], errors)
        mean = expected(rows, fitted.week[rows.week] + x[:, 0] * learnt[rows.product])
        plain = np.where(is_held, flat, 0.0)
        priced = np.where(is_held, deviance(rows.units, mean), 0.0)
        before += np.bincount(rows.product, plain, rows.products)
        gained += np.bincount(rows.product, plain - priced, rows.products)
    return gained, before


def parts_of(block: Ints) -> Ints:
    """Blocks in at most `PARTS` parts, those of a part next to each other."""
    number = np.unique(block, return_inverse=True)[1]
    count = int(number.max()) + 1
    found: Ints = number * min(count, PARTS) // count
    return found


def of_others(rows: Series, x: Floats, fitted: Fitted, kept: Bools) -> Floats:
    """The coefficient of the kept rows, the effects of weeks being given; NaN where x does not vary in these."""
    found, weight = np.nan_to_num(fitted.coefficients), kept.astype(float)
    some = replace(rows, units=rows.units * weight)
    is_known = np.zeros(rows.products, bool)
    for _ in range(STEPS):
        mean = expected(rows, fitted.week[rows.week] + (x * found[rows.product]).sum(1))
        step, is_known = newton_step(some, x, mean * weight)
        found = found + step
        if np.abs(step).max(initial=0.0) < NEAR:
            break
    return np.where(is_known, found[:, 0], np.nan)


def drawn(learnt: Floats, own: Floats, errors: Floats) -> Floats:
    """What was learnt, drawn to its mean; 0 where nothing was, and there is no mean."""
    has_own = np.isfinite(own) & np.isfinite(errors) & (errors > 0)
    is_known = has_own & np.isfinite(learnt)
    if is_known.sum() < LEAST_DRAWN:
        return np.where(is_known, learnt, 0.0)
    between = pooled(own[has_own], errors[has_own]).between
    mean = pooled(learnt[is_known], errors[is_known]).mean
    weight = between / (between + np.where(has_own, errors, 1.0) ** 2)
    return np.where(is_known, weight * np.nan_to_num(learnt) + (1 - weight) * mean, mean)


def deviance(units: Floats, mean: Floats) -> Floats:
    """Of a Poisson distribution."""
    found: Floats = 2 * (np.where(units > 0, units * np.log(np.maximum(units, 1e-300) / mean), 0.0) - (units - mean))
    return found
