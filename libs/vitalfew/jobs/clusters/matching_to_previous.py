"""The clusters of the run before, seen in today's units, so that a cluster keeps its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pyspark.sql import DataFrame

from vitalfew.algorithms.kmeans import centre_matching
from vitalfew.algorithms.kmeans.standardise import Spread
from vitalfew.dataframes.arrays import Matrix
from vitalfew.dataframes.collect import collect_rows


@dataclass(frozen=True)
class History:
    """Numbers and centres of the clusters before, in today's units; NaN for features that they did not have.

    `weights` tell by how much today's units are finer than those of before. Distances are taken in the coarser ones:
    when one kind of customers leaves, the others did not move, however much the spread of all has shrunk.
    """

    numbers: tuple[int, ...]
    centres: Matrix
    weights: Matrix

    @property
    def start(self) -> Matrix | None:
        """The centres as a start for today's, where there are any and all features were known."""
        return None if not self.numbers or np.isnan(self.centres).any() else self.centres

    def matches(self, centres: Matrix, limit: float) -> list[int | None]:
        """The number each of today's centres had, or None where it had none within `limit`: what both know counts."""
        known = ~np.isnan(self.centres).any(axis=0)
        if not self.numbers or not known.any():
            return [None] * len(centres)
        weights = self.weights[known]
        rows = centre_matching.match(centres[:, known] * weights, self.centres[:, known] * weights, limit)
        return [None if row is None else self.numbers[row] for row in rows]


def recall(previous_features: DataFrame, spreads: Mapping[str, Spread]) -> History:
    """The clusters of CLUSTER_FEATURES in the units of `spreads`, one column for each, in order."""
    rows = collect_rows(previous_features, "clusters of the run before")
    numbers = tuple(sorted({row["cluster"] for row in rows}))
    before = {(row["cluster"], row["feature"]): row["centre"] * row["scale"] + row["shift"] for row in rows}
    centres = [
        [today(before.get((number, feature), np.nan), spread) for feature, spread in spreads.items()]
        for number in numbers
    ]
    scales = {row["feature"]: row["scale"] for row in rows}
    weights = [min(1.0, spread.scale / scales.get(feature, spread.scale)) for feature, spread in spreads.items()]
    return History(numbers, np.array(centres).reshape(len(numbers), len(spreads)), np.array(weights))


def today(value: float, spread: Spread) -> float:
    return value * 0 if spread.is_constant else (value - spread.shift) / spread.scale


def number(matches: Sequence[int | None], before: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """The number of each cluster: what it was, or the next that `before` did not use, the largest cluster first."""
    free = max(before, default=0)
    found = {i: match for i, match in enumerate(matches) if match is not None}
    for i in sorted(range(len(sizes)), key=lambda i: (-sizes[i], i)):
        if i not in found:
            free += 1
            found[i] = free
    return [found[i] for i in range(len(sizes))]
