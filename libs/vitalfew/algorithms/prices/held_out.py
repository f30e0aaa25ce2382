"""Whether a coefficient, learnt from some weeks, says more of other weeks than no effect at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vitalfew.algorithms.prices.series import Series
from vitalfew.algorithms.prices.two_effects import Fitted, expected, newton_step
from vitalfew.dataframes.arrays import Bools, Floats

STEPS = 15
PARTS = 5


def gains(rows: Series, x: Floats, fitted: Fitted, without: Fitted) -> tuple[Floats, Floats]:
    """Of each product: by how much the deviance of held-out weeks is less than without an effect; and the latter.

    Blocks of weeks are held out in turn, in `PARTS` parts; the effect of a price is learnt from the others.
    """
    gained, before = np.zeros(rows.products), np.zeros(rows.products)
    number = np.unique(rows.block, return_inverse=True)[1]
    part = number * PARTS // max(int(number.max()) + 1, PARTS) if number.max() >= PARTS else number
    start = np.nan_to_num(fitted.coefficients)
    flat = expected(rows, without.week[rows.week])
    for held in np.unique(part):
        is_held = part == held
        learnt = of_others(rows, x, fitted.week, start, ~is_held)
        mean = expected(rows, fitted.week[rows.week] + (x * learnt[rows.product]).sum(1))
        plain = np.where(is_held, deviance(rows.units, flat), 0.0)
        priced = np.where(is_held, deviance(rows.units, mean), 0.0)
        before += np.bincount(rows.product, plain, rows.products)
        gained += np.bincount(rows.product, plain - priced, rows.products)
    return gained, before


def of_others(rows: Series, x: Floats, week: Floats, start: Floats, kept: Bools) -> Floats:
    """The coefficients of the kept rows, the effects of weeks being given; 0 where these do not vary."""
    found, weight = start, kept.astype(float)
    is_known = np.zeros(rows.products, bool)
    for _ in range(STEPS):
        mean = expected(rows, week[rows.week] + (x * found[rows.product]).sum(1))
        step, is_known = newton_step_of(rows, x, mean, weight)
        found = found + step
        if np.abs(step).max(initial=0.0) < 1e-6:
            break
    return np.where(is_known[:, None], found, 0.0)


def newton_step_of(rows: Series, x: Floats, mean: Floats, weight: Floats) -> tuple[Floats, Bools]:
    """As `newton_step`, of the rows whose weight is 1: whole cells, so that effects of cells are as they were."""
    some = replace(rows, units=rows.units * weight)
    return newton_step(some, x, mean * weight)


def deviance(units: Floats, mean: Floats) -> Floats:
    """Of a Poisson distribution."""
    found: Floats = 2 * (np.where(units > 0, units * np.log(np.maximum(units, 1e-300) / mean), 0.0) - (units - mean))
    return found
