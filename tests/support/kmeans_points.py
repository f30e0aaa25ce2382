"""Points with planted clusters, and K-means done the plain way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession

from vitalfew.algorithms.kmeans.exact_grid import to_grid
from vitalfew.dataframes.arrays import Matrix

Labels = NDArray[np.int64]


def planted(k: int, rows: int, dimensions: int = 3, spread: float = 0.15, seed: int = 1) -> tuple[Matrix, Labels]:
    """Points on the grid around k well separated centres, and which centre each is from."""
    random = np.random.default_rng(seed)
    centres = separated(random, k, dimensions)
    labels = random.integers(0, k, rows)
    return to_grid(centres[labels] + random.normal(0, spread, (rows, dimensions))), labels


def separated(random: np.random.Generator, k: int, dimensions: int) -> Matrix:
    """k centres of which no two are nearer than 1.5."""
    while True:
        centres = random.uniform(-2, 2, (k, dimensions))
        gaps = np.sqrt(np.square(centres[:, None] - centres[None]).sum(axis=2)) + 9 * np.eye(k)
        if gaps.min() > 1.5:
            return centres


def noise(rows: int, dimensions: int = 3, seed: int = 1) -> Matrix:
    """Points on the grid with no clusters in them."""
    return to_grid(np.random.default_rng(seed).normal(0, 1, (rows, dimensions)))


def as_frame(points: Matrix, spark: SparkSession) -> tuple[DataFrame, list[str]]:
    """A frame with a key `id`, a coordinate in each of the columns, and their names."""
    columns = [f"x{i}" for i in range(points.shape[1])]
    rows = [(f"c{i}", *row) for i, row in enumerate(points.tolist())]
    return spark.createDataFrame(rows, ", ".join(["id string", *(f"{c} double" for c in columns)])), columns


def plain_lloyd(points: Matrix, start: Matrix, passes: int) -> tuple[Matrix, Labels, float]:
    """Centres, nearest centre of each point and cost after so many passes, point by point."""
    centres = [list(map(float, centre)) for centre in start]
    for _ in range(passes):
        members: list[list[list[float]]] = [[] for _ in centres]
        for point in points.tolist():
            members[nearest(point, centres)].append(point)
        centres = [
            [sum(axis) / len(own) for axis in zip(*own, strict=True)] if own else centre
            for own, centre in zip(members, centres, strict=True)
        ]
    labels = [nearest(point, centres) for point in points.tolist()]
    cost = sum(apart(point, centres[label]) for point, label in zip(points.tolist(), labels, strict=True))
    return np.array(centres), np.array(labels), cost


def nearest(point: list[float], centres: list[list[float]]) -> int:
    distances = [apart(point, centre) for centre in centres]
    return distances.index(min(distances))


def apart(one: list[float], other: list[float]) -> float:
    """The squared distance."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
