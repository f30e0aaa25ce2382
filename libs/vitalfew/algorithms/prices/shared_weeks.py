"""How much less is known of the effect of a price where the prices of other products move in the same weeks."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.prices.series import Series
from vitalfew.algorithms.prices.two_effects import LEAST_VARIATION, Fitted
from vitalfew.dataframes.arrays import Floats

NOTHING = 1e-9
"""Of the information on a week: less is none."""


def shared(rows: Series, fitted: Fitted) -> Floats:
    """Of each product, how many times the variance of its one coefficient is that of effects of weeks given.

    A promotion of all products in one week cannot be told from what else moves that week. The effects of weeks are
    estimated with the coefficients, so the variance is an element of the inverse of the information on both, cells
    taken out (Frisch-Waugh-Lovell; inverted by Woodbury's identity). It is at least that of the mean of all
    products, beside independent ones: what all share, no mean makes smaller. Infinite where nothing is known.
    """
    spread, mean, within = np.zeros(rows.products), fitted.mean, fitted.within[:, 0]
    spread += np.bincount(rows.product, mean * within**2, rows.products)
    is_known = spread > LEAST_VARIATION * np.maximum(np.bincount(rows.product, mean, rows.products), 1.0)
    if not is_known.any():
        return np.ones(rows.products)
    weeks = int(rows.week.max()) + 1
    units, pull = np.zeros((weeks, rows.products)), np.zeros((weeks, rows.products))
    units[rows.week, rows.product] = mean
    pull[rows.week, rows.product] = mean * within
    pull = pull[:, is_known]
    scale = units.sum(1) ** -0.5
    left = without_cells(rows, units) - pull / spread[is_known] @ pull.T
    values, vectors = np.linalg.eigh(scale[:, None] * left * scale)
    turned = vectors.T @ (scale[:, None] * np.column_stack([pull, pull.sum(1)]))
    size = np.append(spread[is_known], spread[is_known].sum())
    is_none = values < NOTHING
    lost = (turned[~is_none] ** 2 / values[~is_none, None]).sum(0) / size
    lost[(turned[is_none] ** 2).sum(0) > NOTHING * size] = np.inf
    found = np.ones(rows.products)
    found[is_known] = 1 + np.maximum(lost[:-1], lost[-1])
    return found


def without_cells(rows: Series, units: Floats) -> Floats:
    """The information on the effects of weeks, those of cells being estimated too."""
    block = np.zeros(len(units), np.int64)
    block[rows.week] = rows.block
    found = np.diag(units.sum(1))
    for each in np.unique(block):
        weeks = np.flatnonzero(block == each)
        own = units[weeks]
        total = np.maximum(own.sum(0), 1e-300)
        found[np.ix_(weeks, weeks)] -= own / total @ own.T
    return found
