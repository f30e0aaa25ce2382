"""K-means on the driver, over a weighted sample: where the starting centres of the passes over all rows come from.

All of it is on the grid of `grid.py`, hence exact: no thread or matrix library can change a centre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.kmeans.exact_grid import to_grid
from vitalfew.algorithms.kmeans.standardised_points import Sample
from vitalfew.dataframes.arrays import Labels, Matrix

PASSES = 100
ROUGH = 1e-4
"""Part of the cost that a pass must save to be followed by another, while starts compete."""
BETTER = 1e-9
"""A start replaces an earlier one only when its cost is lower by this part: never for the last digit of a sum."""


@dataclass(frozen=True)
class LocalFit:
    centres: Matrix
    labels: Labels
    cost: float


def fit(sample: Sample, k: int, starts: int, random: np.random.Generator, *, also: Sequence[Matrix] = ()) -> LocalFit:
    """The best fit from the centres `also` and from `starts` draws of k-means++; the earlier of equals.

    `k` is at most the number of distinct points.
    """
    fits = [lloyd(sample, centres, tolerance=ROUGH) for centres in also]
    fits += [lloyd(sample, plus_plus(sample, k, random), tolerance=ROUGH) for _ in range(starts)]
    best = fits[0]
    for other in fits[1:]:
        best = other if other.cost < best.cost * (1 - BETTER) else best
    return best


def plus_plus(sample: Sample, k: int, random: np.random.Generator) -> Matrix:
    """k distinct points, each drawn by its squared distance to those before: greedy k-means++ (Arthur 2007)."""
    tries = 2 + int(np.log(k))
    first = int(np.searchsorted(np.cumsum(sample.weights), random.random() * sample.weights.sum(), side="right"))
    chosen, nearest = [first], squares(sample.points, sample.points[[first]])[:, 0]
    while len(chosen) < k:
        ends = np.cumsum(sample.weights * nearest)
        candidates = np.searchsorted(ends, random.random(tries) * ends[-1], side="right")
        after = np.minimum(nearest[:, None], squares(sample.points, sample.points[candidates]))
        best = int(np.argmin(sample.weights @ after))
        chosen.append(int(candidates[best]))
        nearest = after[:, best]
    return sample.points[chosen]


def lloyd(sample: Sample, start: Matrix, *, tolerance: float = 1e-5) -> LocalFit:
    """Lloyd's iteration from `start` until a pass saves no more than `tolerance` of the cost.

    A centre without points moves to the point farthest from all centres.
    """
    centres, before = to_grid(start), np.inf
    weighted = sample.points.T * sample.weights
    norms = float((weighted.T * sample.points).sum())
    for _ in range(PASSES):
        scores = scored(sample.points, centres)
        labels = scores.argmin(axis=1)
        counts = np.bincount(labels, sample.weights, len(centres))
        cost = max(norms + float(sample.weights @ scores.min(axis=1)), 0.0)
        if before - cost <= tolerance * cost and counts.all():
            break
        sums = np.column_stack([np.bincount(labels, column, len(centres)) for column in weighted])
        before, measured = cost, centres
        centres = to_grid(sums / np.maximum(counts, 1)[:, None])
        if not counts.all():
            empty = np.flatnonzero(counts == 0)
            away = squares(sample.points, measured).min(axis=1)
            centres[empty] = sample.points[np.argsort(-away, kind="stable")[: len(empty)]]
    return LocalFit(centres, labels, cost)


def assign(points: Matrix, centres: Matrix) -> Labels:
    """Each point's nearest centre, ties to the first."""
    return np.asarray(scored(points, centres).argmin(axis=1))


def scored(points: Matrix, centres: Matrix) -> Matrix:
    """Squared distances less the square of the point, which is the same for all centres."""
    return np.asarray(np.square(centres).sum(axis=1) - points @ (2 * centres).T)


def squares(points: Matrix, centres: Matrix) -> Matrix:
    """Squared distances, a row for each point and a column for each centre."""
    norms: Matrix = np.square(points).sum(axis=1)[:, None] + np.square(centres).sum(axis=1)
    return np.maximum(norms - 2 * (points @ centres.T), 0.0)
