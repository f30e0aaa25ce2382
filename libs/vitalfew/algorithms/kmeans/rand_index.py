"""How far two clusterings of the same points agree: the adjusted Rand index (Hubert & Arabie 1985)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vitalfew.dataframes.arrays import Labels, Matrix


def adjusted_rand(one: Labels, other: Labels, weights: NDArray[np.int64] | None = None) -> float:
    """1 for the same clusters under whatever names, 0 for no more agreement than chance; `weights` repeat points."""
    width = int(other.max()) + 1
    counted = np.bincount(one * width + other, weights, minlength=(int(one.max()) + 1) * width)
    cells = counted.astype(np.float64).reshape(-1, width)
    together, in_one, in_other = pairs(cells), pairs(cells.sum(axis=1)), pairs(cells.sum(axis=0))
    by_chance = in_one * in_other / max(pairs(cells.sum()), 1.0)
    most = (in_one + in_other) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def mean_agreement(labelings: Sequence[Labels], weights: NDArray[np.int64]) -> float:
    """The mean adjusted Rand index over all pairs of labelings."""
    found = [adjusted_rand(one, other, weights) for i, one in enumerate(labelings) for other in labelings[i + 1 :]]
    return float(np.mean(found))


def pairs(counts: Matrix) -> float:
    """Pairs of points within the same cell, over all cells."""
    return float((counts * (counts - 1) / 2).sum())
