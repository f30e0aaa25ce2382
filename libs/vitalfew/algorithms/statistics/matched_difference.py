"""The difference of a share between those who are named and others like them, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Matched:
    """`compared`: those named who have others in their cell. Rates and difference are over the cells by `weights`."""

    compared: int
    named_rate: float
    other_rate: float
    difference: float
    standard_error: float
    named_weight: Floats
    other_weight: Floats
    """By row, for means of something else over the same cells; each sums to 1."""


def matched(cell: Ints, who: Ints, is_named: Bools, outcome: Bools) -> Matched | None:
    """The risk difference of Mantel and Haenszel over cells; None where no cell has both.

    Weights n1 n0 / (n1 + n0) of a cell with n1 named and n0 others (Greenland & Robins, Biometrics 41, 1985). The
    standard error is by linearisation with the rows of one of `who` (numbered from 0) as one cluster (Liang & Zeger,
    Biometrika 73, 1986): who is seen several times counts once. With one row each it is the root of the sum of
    w^2 (p1 q1 / n1 + p0 q0 / n0) over the square of the sum of w.
    """
    size = int(cell.max()) + 1 if len(cell) else 0
    n1 = np.bincount(cell[is_named], minlength=size).astype(float)
    n0 = np.bincount(cell[~is_named], minlength=size).astype(float)
    weight = np.where((n1 > 0) & (n0 > 0), n1 * n0 / np.maximum(n1 + n0, 1.0), 0.0)
    if not weight.any():
        return None
    weight = weight / weight.sum()
    hits1 = np.bincount(cell[is_named & outcome], minlength=size)
    hits0 = np.bincount(cell[~is_named & outcome], minlength=size)
    p1, p0 = hits1 / np.maximum(n1, 1.0), hits0 / np.maximum(n0, 1.0)
    by_row1 = np.where(is_named, (weight / np.maximum(n1, 1.0))[cell], 0.0)
    by_row0 = np.where(is_named, 0.0, (weight / np.maximum(n0, 1.0))[cell])
    influence = by_row1 * (outcome - p1[cell]) - by_row0 * (outcome - p0[cell])
    variance = float(np.sum(np.bincount(who, weights=influence) ** 2))
    rates = float(np.sum(weight * p1)), float(np.sum(weight * p0))
    compared = int(n1[weight > 0].sum())
    return Matched(compared, *rates, rates[0] - rates[1], float(np.sqrt(variance)), by_row1, by_row0)
