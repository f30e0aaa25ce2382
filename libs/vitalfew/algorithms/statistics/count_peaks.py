"""Whether counts stand above what is expected, beyond chance, where they vary more than a Poisson process does."""

from __future__ import annotations

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Floats

LEAST_P = 1e-300
"""Below it doubles end."""


def dispersion(counts: Floats, spread: Floats, periods: int) -> Floats:
    """Of each cell, the variance of its counts between periods over that of a Poisson process; at least 1.

    `counts` are those of all periods together, `spread` is the sum over the periods of count² / count of all cells in
    that period. Pearson's X² / (periods - 1), the mean of a period being the cell's share of it (McCullagh & Nelder
    1989, 4.5): growth, seasons and holidays that all cells share are no dispersion. Of the cell's own figure and that
    of all cells together the larger is taken, so that neither one wild week nor a small count makes a peak.
    """
    total = counts.sum()
    is_there = counts > 0
    own = np.zeros(counts.size)
    own[is_there] = total / counts[is_there] * spread[is_there] - counts[is_there]
    own = own / (periods - 1)
    together = own.sum() / max(int(is_there.sum()) - 1, 1)
    result: Floats = np.maximum(1.0, np.maximum(own, together))
    return result


def log_p_above(counts: Floats, expected: Floats, dispersed: Floats) -> Floats:
    """ln P(count >= counts): Poisson with mean `expected`, or quasi-Poisson, both divided by the dispersion."""
    p = np.ones(counts.size)
    is_there = counts > 0
    scale = dispersed[is_there]
    p[is_there] = scipy.special.gammainc(counts[is_there] / scale, expected[is_there] / scale)
    result: Floats = np.log(np.maximum(p, LEAST_P))
    return result


def from_margins(table: Floats) -> Floats:
    """What each cell of a table would hold if rows and columns did not favour each other."""
    total = table.sum()
    if not total:
        return np.zeros_like(table)
    result: Floats = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    return result
