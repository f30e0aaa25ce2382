"""Rows as points: which columns are their coordinates, that these can be computed with, and a sample of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.kmeans.exact_grid import FARTHEST
from vitalfew.dataframes.arrays import Matrix
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.sql_text import quoted
from vitalfew.errors import AnalysisError

BUCKETS = 1 << 20


@dataclass(frozen=True)
class Sample:
    """Distinct points, in an order that no engine changes, and how many rows share each."""

    points: Matrix
    weights: NDArray[np.int64]

    def thinned(self, size: int, random: np.random.Generator) -> Sample:
        """`size` of the rows (or all, if they are fewer), each as likely as any other."""
        rows = np.repeat(np.arange(len(self.points)), self.weights)
        return self.of(random.permutation(rows)[:size])

    def resampled(self, random: np.random.Generator) -> Sample:
        """As many rows, drawn with replacement: a bootstrap sample."""
        ends = np.cumsum(self.weights)
        return self.of(np.searchsorted(ends, np.floor(random.random(ends[-1]) * ends[-1]), side="right"))

    def of(self, rows: NDArray[np.int64]) -> Sample:
        """The sample made of these rows, each the position of a point."""
        counts = np.bincount(rows, minlength=len(self.points))
        return Sample(self.points[counts > 0], counts[counts > 0])


@dataclass(frozen=True)
class Points:
    """A frame whose `columns` are coordinates, its rows, and a sample of them."""

    frame: DataFrame
    columns: tuple[str, ...]
    rows: int
    sample: Sample

    @property
    def are_all_sampled(self) -> bool:
        return bool(self.rows == self.sample.weights.sum())


def examine(frame: DataFrame, columns: Sequence[str], key: str, sample_size: int) -> Points:
    """The rows of `frame` as points, with a sample of about `sample_size`, chosen by a hash of their `key`.

    The sample is the same on every engine, and in every run. AnalysisError where a coordinate in it is NULL, NaN,
    infinite or not standardised; the first pass over all rows looks at the others.
    """
    # without NULL, Spark's code fits
    known = {c: f"coalesce({quoted(c)}, double('nan')) as {quoted(c)}" for c in columns}
    checked = frame.selectExpr(*[known.get(c, quoted(c)) for c in frame.columns])
    rows = int(collect_rows(frame.agg(F.count("*").alias("n")), "K-means points")[0]["n"])
    part = checked
    if rows > sample_size:
        most = -(-sample_size * BUCKETS // rows)
        part = checked.where(F.pmod(F.xxhash64(quoted(key)), F.lit(BUCKETS)) < F.lit(most))
    drawn = collect_table(part.selectExpr(*known.values()), "K-means sample")
    values = np.column_stack([drawn.column(i).to_numpy() for i in range(len(columns))])
    points = Points(checked, tuple(columns), rows, merged(values, np.ones(len(values), dtype=np.int64)))
    if not (np.abs(values) <= FARTHEST).all():
        raise no_coordinates(points)
    return points


def are_coordinates(columns: Sequence[str]) -> str:
    """SQL for whether the values of these columns are coordinates."""
    return " and ".join(f"abs({quoted(c)}) <= {FARTHEST}D" for c in columns)


def no_coordinates(points: Points) -> AnalysisError:
    """The error that says which columns are no coordinates, and in how many of the rows."""
    bad = [f"count_if(not {are_coordinates([c])}) as bad{i}" for i, c in enumerate(points.columns)]
    found = collect_rows(points.frame.selectExpr(*bad), "K-means points")[0]
    faults = [f"{c} in {found[i]:,}" for i, c in enumerate(points.columns) if found[i]]
    return AnalysisError(
        f"K-means: coordinates are NULL, NaN, infinite or beyond ±{FARTHEST:,.0f}: {', '.join(faults)} of "
        f"{points.rows:,} rows. Standardise the columns, and decide what a missing value means."
    )


def merged(values: Matrix, weights: NDArray[np.int64]) -> Sample:
    """The sample of these points in lexicographic order, equal ones made one."""
    values = values + 0.0  # makes one of 0.0 and -0.0
    order = np.lexsort(values.T[::-1])
    values, weights = values[order], weights[order]
    first = np.ones(len(values), dtype=bool)
    first[1:] = (values[1:] != values[:-1]).any(axis=1)
    return Sample(values[first], np.add.reduceat(weights, np.flatnonzero(first)) if len(values) else weights)
