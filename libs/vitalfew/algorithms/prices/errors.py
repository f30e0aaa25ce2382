"""Standard errors of coefficients of products, where residuals of a week are like those of the weeks around it."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.prices.series import Series
from vitalfew.algorithms.prices.two_effects import Fitted, by_product, crossed, inverses
from vitalfew.dataframes.arrays import Floats, Ints

LAGS = 4


def standard_errors(rows: Series, fitted: Fitted) -> Floats:
    """Of each product and coefficient, the largest of three; NaN where there is no coefficient.

    Of the dispersion of a Poisson regression (never below 1); by Newey & West (1987), Bartlett weights over four weeks;
    and clustered by spells of one price. What the week effects take up is not counted twice: the information of a row
    is less by the share of its product in the units of the week.
    """
    products, within, rest = rows.products, fitted.within, rows.units - fitted.mean
    share = fitted.mean / np.bincount(rows.week, fitted.mean)[rows.week]
    bread, _ = inverses(
        crossed(rows.product, within, fitted.mean * (1 - share), products),
        np.bincount(rows.product, fitted.mean, products).astype(float),
    )
    size = np.bincount(rows.product, minlength=products)
    free = np.maximum(size - cells_of(rows) - within.shape[1], 1)
    scores = within * rest[:, None]
    pearson = np.bincount(rows.product, rest**2 / np.maximum(fitted.mean, 1e-12), products) / free
    model = np.maximum(pearson, 1.0)[:, None] * np.einsum("pii->pi", bread)
    correction = (size / free)[:, None]
    serial = correction * sandwich(bread, newey_west(rows, scores))
    spells = np.bincount(rows.product[np.unique(rows.spell, return_index=True)[1]], minlength=products)
    clustered = (spells / np.maximum(spells - 1, 1))[:, None] * correction * sandwich(bread, of_spells(rows, scores))
    error = np.sqrt(np.maximum.reduce([model, serial, clustered]))
    return np.where(np.isnan(fitted.coefficients), np.nan, error)


def cells_of(rows: Series) -> Ints:
    """How many cells each product has."""
    first = np.unique(rows.cell, return_index=True)[1]
    return np.bincount(rows.product[first], minlength=rows.products)


def sandwich(bread: Floats, meat: Floats) -> Floats:
    found: Floats = np.einsum("pij,pjk,pki->pi", bread, meat, bread)
    return found


def newey_west(rows: Series, scores: Floats) -> Floats:
    ones = np.ones(len(scores))
    total = crossed(rows.product, scores, ones, rows.products)
    for lag in range(1, LAGS + 1):
        is_near = (rows.product[lag:] == rows.product[:-lag]) & (rows.week[lag:] - rows.week[:-lag] == lag)
        weight = (1 - lag / (LAGS + 1)) * is_near
        for row in range(scores.shape[1]):
            for column in range(scores.shape[1]):
                values = weight * scores[lag:, row] * scores[:-lag, column]
                added = np.bincount(rows.product[lag:], values, rows.products)
                total[:, row, column] += added
                total[:, column, row] += added
    return total


def of_spells(rows: Series, scores: Floats) -> Floats:
    spell = np.unique(rows.spell, return_inverse=True)[1]
    sums = by_product(spell, scores, int(spell.max()) + 1)
    first = np.unique(rows.spell, return_index=True)[1]
    return crossed(rows.product[first], sums, np.ones(len(sums)), rows.products)
