"""One pass of K-means over all rows that serves for many: what is sure about the nearest centres is added up once.

A row is sure of its centre while every other one is farther by more than the centres have moved (the bound of Hamerly,
"Making k-means even faster", 2010). A pass adds up the sure rows by their centre, and brings the others, which lie
between centres, to the driver, some 100,000 however many rows there are. Lloyd's next passes need these alone, until
centres have moved too far. All passes are exact: what is saved is reading the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms import driver, kmeans_local
from vitalfew.algorithms.grid import Matrix
from vitalfew.algorithms.points import Points, Sample, are_coordinates, no_coordinates
from vitalfew.algorithms.sql_text import least, literal, quoted
from vitalfew.errors import AnalysisError

MOST_CLUSTERS = 62  # one bit each in a bigint
OPEN = -1
OPEN_ROWS = 100_000
"""How many rows a pass is meant to bring to the driver."""
FEWEST = 20
"""Rows of a sample from which a share can be told."""
ROUNDING = 1e-12
"""More than what a squared distance can be wrong by, as a part of the squared norms it is made of."""


@dataclass(frozen=True)
class Tally:
    """For each centre the points nearest to it and the sums of their coordinates, and the cost of all."""

    counts: NDArray[np.int64]
    sums: Matrix
    cost: float


@dataclass(frozen=True)
class Census:
    """The sure rows, added up by the centres at which it was taken, and the `open` ones.

    `room`: two centres may come nearer to one another by less than that before a sure row could change to another.
    `squares`: the sum of the squared norms of all rows.
    """

    centres: Matrix
    room: float
    counts: NDArray[np.int64]
    sums: Matrix
    open: Sample
    squares: float

    def holds(self, centres: Matrix) -> bool:
        """Whether the rows that were sure are, with these centres, nearest to the same ones."""
        drift = np.sort(np.sqrt(np.square(centres - self.centres).sum(axis=1)))
        return len(centres) == 1 or bool(drift[-2:].sum() < self.room) or np.array_equal(centres, self.centres)

    def tally(self, centres: Matrix) -> Tally:
        """What a pass over all rows would add up, ties going to the first centre; exact where the census `holds`."""
        scores = kmeans_local.scored(self.open.points, centres)
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
        return Census(centres, np.inf, counts, sums, points.sample, squares)
    room = room_for(points, centres)
    found = driver.table(by_nearest(points, centres, room), "K-means sums")
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


def room_for(points: Points, centres: Matrix) -> float:
    """How much farther than the nearest the next centre is for all but about OPEN_ROWS rows, judged by the sample.

    0 where so few are too small a part of the sample to judge.
    """
    if len(centres) == 1:
        return 0.0
    nearest = np.sqrt(np.sort(kmeans_local.squares(points.sample.points, centres), axis=1)[:, :2])
    apart = nearest[:, 1] - nearest[:, 0]
    order = np.argsort(apart, kind="stable")
    rows = np.cumsum(points.sample.weights[order])
    wanted = rows[-1] * min(1.0, OPEN_ROWS / points.rows)
    return 0.0 if wanted < FEWEST else float(apart[order][np.searchsorted(rows, wanted)])


def by_nearest(points: Points, centres: Matrix, room: float) -> DataFrame:
    """Rows `n` and sums, by the bits of the centres that are too far to become the nearest.

    Open rows, of which several centres are near, are added up only with those of the same coordinates. (Two of a
    million of them share a hash by chance once in 37 million passes.) Without room the bits are of the centres that
    are not nearest, and no row is open. The row's own square is the same for all centres, so `|c|² - 2xc` says which
    is nearest at half the price.
    """
    columns, scores = [quoted(c) for c in points.columns], [f"_s{i}" for i in range(len(centres))]
    named = [f"{score(columns, centre)} as {s}" for centre, s in zip(centres, scores, strict=True)]
    square = " + ".join(f"{c} * {c}" for c in columns)
    far = " + ".join(f"cast({s} > _reach as bigint) * {1 << i}L" for i, s in enumerate(scores))
    near = f"({(1 << len(centres)) - 1}L - _far)"
    is_sure = f"({near} & ({near} - 1L)) = 0L" if room else "true"
    return (
        points.frame.selectExpr(*columns, *named, f"{square} as _square")
        .selectExpr(*columns, "_square", *scores, f"{reach(scores, centres, room)} as _reach")
        .selectExpr(*columns, "_square", f"{far} as _far")
        .selectExpr(*columns, "_square", f"if({is_sure}, _far, {OPEN}L) as _group")
        .selectExpr("*", f"if(_group = {OPEN}L, xxhash64({', '.join(columns)}), 0L) as _own")
        .groupBy("_group", "_own")
        .agg(
            F.count("*").alias("n"),
            F.sum("_square").alias("square"),
            F.sum(F.expr(f"if({are_coordinates(points.columns)}, 0L, 1L)")).alias("bad"),
            *[F.sum(c).alias(name) for c, name in zip(columns, points.columns, strict=True)],
        )
    )


def reach(scores: Sequence[str], centres: Matrix, room: float) -> str:
    """SQL for the score up to which a centre is within `room` of being the nearest, with a little for rounding."""
    if room == 0:
        return least(scores)
    nearest = f"sqrt(greatest({least(scores)} + _square, 0D))"
    slack = f"(_square + {literal(np.square(centres).sum(axis=1).max())}) * {literal(ROUNDING)}"
    return f"({nearest} + {literal(room)}) * ({nearest} + {literal(room)}) - _square + {slack}"


def score(columns: Sequence[str], centre: Matrix) -> str:
    """SQL for `|c|² - 2xc`, the squared distance of a point to `centre` less the square of the point itself."""
    products = [f"{c} * {literal(-2 * x)}" for c, x in zip(columns, centre, strict=True)]
    return " + ".join([literal(np.square(centre).sum()), *products])


def first_clear_bit(bits: int) -> int:
    return (~bits & (bits + 1)).bit_length() - 1


def refuse_too_many(k: int) -> None:
    if k > MOST_CLUSTERS:
        raise AnalysisError(f"K-means: {k} clusters were asked for, and {MOST_CLUSTERS} are the most. Ask for fewer.")
