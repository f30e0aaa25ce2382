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

from vitalfew.algorithms import driver
from vitalfew.algorithms.grid import FARTHEST, Matrix, to_grid
from vitalfew.errors import AnalysisError

MOST_CLUSTERS = 62  # one bit each in a bigint


@dataclass(frozen=True)
class Points:
    """A frame whose `columns` are known to be coordinates; `squares` is the sum of the rows' squared norms."""

    frame: DataFrame
    columns: tuple[str, ...]
    rows: int
    squares: float


@dataclass(frozen=True)
class Fit:
    """Centres (one row each), the points nearest to each, and the sum of squared distances of all points to them."""

    centres: Matrix
    counts: NDArray[np.int64]
    cost: float
    passes: int


@dataclass(frozen=True)
class Tally:
    """What one pass adds up, for each centre: the points nearest to it, and the sums of their coordinates."""

    counts: NDArray[np.int64]
    sums: Matrix
    cost: float


def examine(frame: DataFrame, columns: Sequence[str]) -> Points:
    """The rows of `frame` as points; AnalysisError where a coordinate is NULL, NaN, infinite or not standardised."""
    bad = [f"count_if(coalesce(not abs({quoted(c)}) <= {FARTHEST}D, true)) as bad{i}" for i, c in enumerate(columns)]
    squares = " + ".join(f"{quoted(c)} * {quoted(c)}" for c in columns)
    found = driver.rows(frame.selectExpr("count(*) as n", f"sum({squares}) as squares", *bad), "K-means points")[0]
    faults = [f"{c} in {found[f'bad{i}']:,}" for i, c in enumerate(columns) if found[f"bad{i}"]]
    if faults:
        raise AnalysisError(
            f"K-means: coordinates are NULL, NaN, infinite or beyond ±{FARTHEST:,.0f}: {', '.join(faults)} of "
            f"{found['n']:,} rows. Standardise the columns, and decide what a missing value means."
        )
    known = {c: f"coalesce({quoted(c)}, 0D) as {quoted(c)}" for c in columns}  # free of NULL checks, Spark's code fits
    checked = frame.selectExpr(*[known.get(c, quoted(c)) for c in frame.columns])
    return Points(checked, tuple(columns), found["n"], found["squares"] or 0.0)


def fit(points: Points, start: Matrix, *, passes: int = 50, tolerance: float = 1e-5) -> Fit:
    """Lloyd's iteration from `start` over all points, until a pass saves no more than `tolerance` of the cost.

    A centre that no point is nearest to moves to the farthest point; where there is none, because every point
    sits on a centre, it is dropped.
    """
    centres, before, done = to_grid(start), np.inf, 0
    while True:
        summed, done = tally(points, centres), done + 1
        following = moved(points, centres, summed)
        is_settled = bool(before - summed.cost <= tolerance * summed.cost and summed.counts.all())
        if is_settled or done >= passes or np.array_equal(following, centres):
            held = summed.counts > 0
            return Fit(centres[held], summed.counts[held], summed.cost, done)
        centres, before = following, summed.cost


def tally(points: Points, centres: Matrix) -> Tally:
    """One exact pass: every point counted to its nearest centre, ties to the first.

    The row's own square is the same for all centres, so `|c|² - 2xc` says which is nearest at half the price.
    Instead of finding the index row by row, the bits of `_beyond` name the centres that are not nearest.
    """
    refuse_too_many(len(centres))
    columns = [quoted(c) for c in points.columns]
    scores = [f"_s{i}" for i in range(len(centres))]
    beyond = " + ".join(f"cast({s} > _best as bigint) * {1 << i}L" for i, s in enumerate(scores))
    named = [f"{score(columns, centre)} as {s}" for centre, s in zip(centres, scores, strict=True)]
    summed = (
        points.frame.selectExpr(*columns, *named)
        .selectExpr(*columns, *scores, f"{least(scores)} as _best")
        .selectExpr(*columns, "_best", f"{beyond} as _beyond")
        .groupBy("_beyond")
        .agg(
            F.count("*").alias("n"), F.sum("_best").alias("cost"), *[F.sum(quoted(c)).alias(c) for c in points.columns]
        )
    )
    counts, sums, cost = np.zeros(len(centres), dtype=np.int64), np.zeros_like(centres), points.squares
    for row in sorted(driver.rows(summed, "K-means sums"), key=lambda row: int(row["_beyond"])):
        nearest = first_clear_bit(row["_beyond"])
        counts[nearest] += row["n"]
        sums[nearest] += [row[c] for c in points.columns]
        cost += row["cost"]
    return Tally(counts, sums, max(cost, 0.0))


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
    found = driver.rows(beyond.orderBy(F.desc("distance"), *columns).limit(n), "farthest points")
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


def score(columns: Sequence[str], centre: Matrix) -> str:
    """SQL for `|c|² - 2xc`, the squared distance of a point to `centre` less the square of the point itself."""
    products = [f"{c} * {literal(-2 * x)}" for c, x in zip(columns, centre, strict=True)]
    return " + ".join([literal(np.square(centre).sum()), *products])


def square(columns: Sequence[str], centre: Matrix) -> str:
    """SQL for the squared distance of a point to `centre`."""
    return " + ".join(f"({c} - {literal(x)}) * ({c} - {literal(x)})" for c, x in zip(columns, centre, strict=True))


def least(names: Sequence[str]) -> str:
    """SQL for the least of one or more expressions."""
    return names[0] if len(names) == 1 else f"least({', '.join(names)})"


def literal(value: float) -> str:
    return f"({float(value)!r}D)"  # in brackets: `x--1.0` would begin a comment


def quoted(column: str) -> str:
    return f"`{column}`"


def first_clear_bit(bits: int) -> int:
    return (~bits & (bits + 1)).bit_length() - 1


def refuse_too_many(k: int) -> None:
    if k > MOST_CLUSTERS:
        raise AnalysisError(f"K-means: {k} clusters were asked for, and {MOST_CLUSTERS} are the most. Ask for fewer.")
