"""One pass of K-means over all rows that serves for many: what is sure about the nearest centres is added up once.

A row is sure of its centre while every other one is farther by more than the two have moved (a bound of Elkan, "Using
the triangle inequality to accelerate k-means", 2003). A pass adds up the sure rows by their centre, and brings the
others, which lie between centres, to the driver, some 100,000 however many rows there are. Lloyd's next passes need
these alone, until a centre has moved too far. All passes are exact: what is saved is reading the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.kmeans import driver_fit
from vitalfew.algorithms.kmeans.standardised_points import Points, Sample, are_coordinates, no_coordinates
from vitalfew.dataframes.arrays import Matrix
from vitalfew.dataframes.collect import collect_table
from vitalfew.dataframes.sql_text import least, literal, quoted, square
from vitalfew.errors import AnalysisError

MOST_CLUSTERS = 62  # one bit each in a bigint
OPEN = -1
OPEN_ROWS = 100_000
"""How many rows a pass is meant to bring to the driver."""
FEWEST = 20
"""Rows of a sample from which a share can be told."""
ROUNDING = 1e-9
"""More than what a distance can be wrong by."""


@dataclass(frozen=True)
class Tally:
    """For each centre the points nearest to it and the sums of their coordinates, and the cost of all."""

    counts: NDArray[np.int64]
    sums: Matrix
    cost: float


@dataclass(frozen=True)
class Census:
    """The sure rows, added up by the centres at which it was taken, and the `open` ones.

    `room`: how far each centre may move before a sure row could change to another. `squares`: the sum of the squared
    norms of all rows.
    """

    centres: Matrix
    room: NDArray[np.float64]
    counts: NDArray[np.int64]
    sums: Matrix
    open: Sample
    squares: float

    def holds(self, centres: Matrix) -> bool:
        """Whether the rows that were sure are, with these centres, nearest to the same ones."""
        drift = np.sqrt(np.square(centres - self.centres).sum(axis=1))
        return len(centres) == 1 or bool((drift < self.room).all()) or np.array_equal(centres, self.centres)

    def tally(self, centres: Matrix) -> Tally:
        """What a pass over all rows would add up, ties going to the first centre; exact where the census `holds`."""
        scores = driver_fit.scored(self.open.points, centres)
        labels, weights = scores.argmin(axis=1), self.open.weights
        norms = np.square(centres).sum(axis=1)
        cost = self.squares + float(self.counts @ norms - 2 * (self.sums * centres).sum())
        cost += float(weights @ scores.min(axis=1))
        added = [np.bincount(labels, column * weights, len(centres)) for column in self.open.points.T]
        counts = self.counts + np.bincount(labels, weights, len(centres)).astype(np.int64)
        return Tally(counts, self.sums + np.column_stack(added), max(cost, 0.0))


def take(points: Points, centres: Matrix) -> Census:
    """The census of all points at these centres: one pass, or none where the sample is all there is."""
    refuse_too_many(len(centres))
    counts, sums = np.zeros(len(centres), dtype=np.int64), np.zeros_like(centres)
    if points.are_all_sampled:
        squares = float(points.sample.weights @ np.square(points.sample.points).sum(axis=1))
        return Census(centres, np.full(len(centres), np.inf), counts, sums, points.sample, squares)
    room = room_for(points, centres)
    found = collect_table(by_nearest(points, centres, room), "K-means sums")
    if pc.any(pc.greater(found["bad"], 0)).as_py():
        raise no_coordinates(points)
    is_open = pc.equal(found["_group"], OPEN)
    for row in found.filter(pc.invert(is_open)).to_pylist():
        nearest = first_clear_bit(row["_group"])
        counts[nearest] += row["n"]
        sums[nearest] += [row[c] for c in points.columns]
    near = found.filter(is_open).sort_by("_own")  # the same order on every engine
    rows = near["n"].to_numpy()
    between = Sample(np.column_stack([near[c].to_numpy() for c in points.columns]) / rows[:, None], rows)
    return Census(centres, room, counts, sums, between, float(found["square"].to_numpy().sum()))


def room_for(points: Points, centres: Matrix) -> NDArray[np.float64]:
    """How far each centre may move so that about OPEN_ROWS rows are open, judged by the sample.

    In proportion to how far it is likely to: the standard error of the mean of its points in the sample. 0 where so
    few rows are too small a part of the sample to judge.
    """
    sample, k = points.sample, len(centres)
    wanted = sample.weights.sum() * min(1.0, OPEN_ROWS / points.rows)
    if wanted < FEWEST or k == 1:
        return np.zeros(k)
    squares = driver_fit.squares(sample.points, centres)
    nearest, rows = squares.argmin(axis=1), np.arange(len(squares))
    counts = np.bincount(nearest, sample.weights, k)
    spread = np.bincount(nearest, sample.weights * squares[rows, nearest], k)
    error = np.sqrt(spread) / np.maximum(counts, 1)
    error = np.maximum(error, error.mean() / 100)
    if not error.any():
        return np.zeros(k)
    farther = np.sqrt(squares) - np.sqrt(squares[rows, nearest])[:, None]
    farther[rows, nearest] = np.inf
    enough = (farther / (error + error[nearest][:, None])).min(axis=1)
    order = np.argsort(enough, kind="stable")
    times = enough[order][np.searchsorted(np.cumsum(sample.weights[order]), wanted)]
    return np.asarray(times * error, dtype=np.float64)


def by_nearest(points: Points, centres: Matrix, room: NDArray[np.float64]) -> DataFrame:
    """Rows `n` and sums, by the bits of the centres that are too far to become the nearest.

    Open rows, of which several centres are near, are added up only with those of the same coordinates. (Two of a
    million of them share a hash by chance once in 37 million passes.) Without room the bits are of the centres that
    are not nearest, and no row is open.
    """
    columns, away = [quoted(c) for c in points.columns], [f"_d{i}" for i in range(len(centres))]
    squares = [square(columns, centre) for centre in centres]
    near = f"({(1 << len(centres)) - 1}L - _far)"
    if room.any():
        named = [f"sqrt({s}) as {d}" for s, d in zip(squares, away, strict=True)]
        reach = least([f"{d} + {literal(r + ROUNDING)}" for d, r in zip(away, room, strict=True)])
        beyond = [f"{d} - {literal(r)} > _reach" for d, r in zip(away, room, strict=True)]
        group = f"if(({near} & ({near} - 1L)) = 0L, _far, {OPEN}L)"
    else:
        named = [f"{s} as {d}" for s, d in zip(squares, away, strict=True)]
        reach, beyond, group = least(away), [f"{d} > _reach" for d in away], "_far"
    far = " + ".join(f"cast({is_beyond} as bigint) * {1 << i}L" for i, is_beyond in enumerate(beyond))
    return (
        points.frame.selectExpr(*columns, *named)
        .selectExpr(*columns, *away, f"{reach} as _reach")
        .selectExpr(*columns, f"{far} as _far")
        .selectExpr(*columns, f"{group} as _group")
        .selectExpr("*", f"if(_group = {OPEN}L, xxhash64({', '.join(columns)}), 0L) as _own")
        .groupBy("_group", "_own")
        .agg(
            F.count("*").alias("n"),
            F.sum(F.expr(" + ".join(f"{c} * {c}" for c in columns))).alias("square"),
            F.sum(F.expr(f"if({are_coordinates(points.columns)}, 0L, 1L)")).alias("bad"),
            *[F.sum(c).alias(name) for c, name in zip(columns, points.columns, strict=True)],
        )
    )


def first_clear_bit(bits: int) -> int:
    return (~bits & (bits + 1)).bit_length() - 1


def refuse_too_many(k: int) -> None:
    if k > MOST_CLUSTERS:
        raise AnalysisError(f"K-means: {k} clusters were asked for, and {MOST_CLUSTERS} are the most. Ask for fewer.")
