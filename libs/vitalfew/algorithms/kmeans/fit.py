"""Exact K-means over a DataFrame of any size: Lloyd's passes as generated SQL, without vectors and without UDFs.

Points have one double column per dimension, standardised and on the grid of `grid.py`. Then every sum is exact, and
centres, assignments and ties are the same on every engine and however the rows are spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.kmeans.exact_grid import to_grid
from vitalfew.algorithms.kmeans.full_pass import Tally, refuse_too_many, take
from vitalfew.algorithms.kmeans.standardised_points import Points
from vitalfew.dataframes.arrays import Matrix
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.sql_text import least, quoted, square


@dataclass(frozen=True)
class Fit:
    """Centres (one row each), the points nearest to each, and the sum of squared distances of all points to them."""

    centres: Matrix
    counts: NDArray[np.int64]
    cost: float
    passes: int


def fit(points: Points, start: Matrix, *, passes: int = 100, tolerance: float = 1e-7) -> Fit:
    """Lloyd's iteration from `start` over all points, until a pass saves no more than `tolerance` of the cost.

    A centre that no point is nearest to moves to the farthest point; where there is none, because every point
    sits on a centre, it is dropped.
    """
    centres, before, done = to_grid(start), np.inf, 0
    census = take(points, centres)
    while True:
        if not census.holds(centres):
            census = take(points, centres)
        summed, done = census.tally(centres), done + 1
        following = moved(points, centres, summed)
        is_settled = bool(before - summed.cost <= tolerance * summed.cost and summed.counts.all())
        if is_settled or done >= passes or np.array_equal(following, centres):
            held = summed.counts > 0
            return Fit(centres[held], summed.counts[held], summed.cost, done)
        centres, before = following, summed.cost


def moved(points: Points, centres: Matrix, summed: Tally) -> Matrix:
    """Every centre at the mean of its points, and those without any at the points farthest from all centres."""
    result = centres.copy()
    taken = summed.counts > 0
    result[taken] = to_grid(summed.sums[taken] / summed.counts[taken, None])
    if not taken.all():
        seats = farthest(points, centres, int((~taken).sum()))
        result[np.flatnonzero(~taken)[: len(seats)]] = seats
    return result


def farthest(points: Points, centres: Matrix, n: int) -> Matrix:
    """Up to `n` distinct points that lie farthest from all centres and not on one; ties by their coordinates."""
    columns = [quoted(c) for c in points.columns]
    beyond = assign(points, centres).where("distance > 0").select("distance", *columns).distinct()
    found = collect_rows(beyond.orderBy(F.desc("distance"), *columns).limit(n), "farthest points")
    return np.array([[row[c] for c in points.columns] for row in found]).reshape(-1, len(columns))


def assign(points: Points, centres: Matrix, labels: Sequence[int] | None = None) -> DataFrame:
    """The frame with `cluster`, Euclidean `distance` to its centre, `second_cluster` and `second_distance`.

    Clusters are called by their labels (0, 1, … unless given); ties go to the centre that comes first. The second is
    NULL where there is one centre only.
    """
    refuse_too_many(len(centres))
    columns = [quoted(c) for c in points.columns]
    squares = [f"_q{i}" for i in range(len(centres))]
    names = list(range(len(centres))) if labels is None else list(labels)
    others = [f"if(cluster = {label}, double('infinity'), {q})" for q, label in zip(squares, names, strict=True)]
    pairs = list(zip(squares, names, strict=True))
    kept = [quoted(c) for c in points.frame.columns]
    result = (
        points.frame.selectExpr(*kept, *[f"{square(columns, c)} as {q}" for q, c in zip(squares, centres, strict=True)])
        .selectExpr(*kept, *squares, f"{least(squares)} as _nearest")
        .selectExpr("*", f"case {' '.join(f'when {q} = _nearest then {label}' for q, label in pairs)} end as cluster")
        .selectExpr(*kept, *squares, "cluster", "_nearest", f"{least(others)} as _second")
    )
    if len(centres) == 1:
        second = ["cast(null as int) as second_cluster", "cast(null as double) as second_distance"]
    else:
        branches = " ".join(f"when {q} = _second and cluster <> {label} then {label}" for q, label in pairs)
        second = [f"case {branches} end as second_cluster", "sqrt(_second) as second_distance"]
    return result.selectExpr(*kept, "cluster", "sqrt(_nearest) as distance", *second)
