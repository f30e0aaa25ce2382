"""Poisson regression with an effect of each cell, an effect of each week, and coefficients of each product.

E[units] = exp(cell + week + coefficients of the product times x), by maximum likelihood, which needs no more than the
mean to be right: units need not be Poisson, and weeks without a sale count as they are (Gourieroux, Monfort & Trognon
1984; Santos Silva & Tenreyro 2006). One kind of parameter after the other, until nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.prices.series import Series
from vitalfew.dataframes.arrays import Floats, Ints

ROUNDS = 500
LEAST_DETERMINANT = 1e-6
"""Of the correlations of several x: with less, they cannot be told apart."""
NEAR = 1e-7
LONGEST_STEP = 1.0
LARGEST = 300.0
"""Of a logarithm, of which a double still holds the square."""
LEAST_VARIATION = 1e-9
"""Of x within cells, weighted by units: with less, a product has no coefficient."""


@dataclass(frozen=True)
class Fitted:
    """coefficients: of each product (rows) and x; NaN where x does not vary within its cells.

    week: the effect of each week; mean: the expected units of each row; within: x less its weighted mean in the cell.
    """

    coefficients: Floats
    week: Floats
    mean: Floats
    within: Floats


def fit(rows: Series, x: Floats) -> Fitted:
    """The maximum of the likelihood; `x` has a column for each coefficient, and may have none."""
    week = np.zeros(int(rows.week.max()) + 1)
    coefficients = np.zeros((rows.products, x.shape[1]))
    by_week = np.bincount(rows.week, rows.units)
    mean = expected(rows, week[rows.week])
    for _ in range(ROUNDS):
        step, _ = newton_step(rows, x, mean)
        coefficients = coefficients + step
        mean = expected(rows, week[rows.week] + (x * coefficients[rows.product]).sum(1))
        shift = np.log(by_week / np.bincount(rows.week, mean))
        week = week + shift
        mean = expected(rows, week[rows.week] + (x * coefficients[rows.product]).sum(1))
        if np.abs(step).max(initial=0.0) < NEAR and np.abs(shift).max() < NEAR:
            break
    _, is_known = newton_step(rows, x, mean)
    known = np.where(is_known[:, None], coefficients, np.nan)
    return Fitted(known, week, mean, centred(rows, x, mean))


def expected(rows: Series, without_cell: Floats) -> Floats:
    """The mean of each row, where the effect of each cell is such that its units add up."""
    weight = np.exp(np.clip(without_cell, -LARGEST, LARGEST))
    scale = np.bincount(rows.cell, rows.units) / np.bincount(rows.cell, weight)
    found: Floats = weight * scale[rows.cell]
    return found


def centred(rows: Series, x: Floats, weight: Floats) -> Floats:
    """`x` less its weighted mean in the cell."""
    total = np.maximum(np.bincount(rows.cell, weight), 1e-300)
    found = np.empty_like(x)
    for column in range(x.shape[1]):
        found[:, column] = x[:, column] - (np.bincount(rows.cell, weight * x[:, column]) / total)[rows.cell]
    return found


def newton_step(rows: Series, x: Floats, mean: Floats) -> tuple[Floats, np.ndarray]:
    """How far to move the coefficients of each product, the weeks being given; and which products have any."""
    within = centred(rows, x, mean)
    gradient = by_product(rows.product, within * (rows.units - mean)[:, None], rows.products)
    information = crossed(rows.product, within, mean, rows.products)
    inverse, is_known = inverses(information, np.bincount(rows.product, mean, rows.products).astype(float))
    step = np.einsum("pij,pj->pi", inverse, gradient)
    return np.clip(step, -LONGEST_STEP, LONGEST_STEP), is_known


def by_product(product: Ints, values: Floats, products: int) -> Floats:
    """The sums of the columns of `values`."""
    columns = [np.bincount(product, values[:, column], products) for column in range(values.shape[1])]
    return np.stack(columns, axis=1) if columns else np.zeros((products, 0))


def crossed(product: Ints, x: Floats, weight: Floats, products: int) -> Floats:
    """Of each product, the weighted sums of the products of columns."""
    count = x.shape[1]
    found = np.zeros((products, count, count))
    for row in range(count):
        for column in range(row + 1):
            found[:, row, column] = np.bincount(product, weight * x[:, row] * x[:, column], products)
            found[:, column, row] = found[:, row, column]
    return found


def inverses(information: Floats, size: Floats) -> tuple[Floats, np.ndarray]:
    """The inverse of each matrix, 0 where it has none; and which have one."""
    count = information.shape[1]
    diagonal = np.einsum("pii->pi", information)
    is_known = (diagonal > LEAST_VARIATION * np.maximum(size, 1.0)[:, None]).all(1)
    if count <= 1:
        return np.where(is_known[:, None, None], 1 / np.maximum(information, 1e-300), 0.0), is_known
    scale = np.sqrt(np.maximum(diagonal, 1e-300))
    scaled = information / scale[:, :, None] / scale[:, None, :]
    scaled[~is_known] = np.eye(count)
    is_known &= np.linalg.det(scaled) > LEAST_DETERMINANT
    scaled[~is_known] = np.eye(count)
    inverse = np.linalg.inv(scaled) / scale[:, :, None] / scale[:, None, :]
    inverse[~is_known] = 0.0
    return inverse, is_known
