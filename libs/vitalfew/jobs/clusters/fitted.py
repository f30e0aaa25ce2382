"""Clusters as a fit and back: in which units customers are compared, and where the clusters lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.kmeans.standardise import Spread
from vitalfew.dataframes.arrays import Matrix
from vitalfew.domain.fits import Cell, Fit
from vitalfew.jobs.clusters.feature_space import Feature

UNIT, CENTRE, CLUSTER = "unit", "centre", "cluster"


@dataclass(frozen=True)
class Found:
    """The numbers of the clusters, their centres (a row for each), and the numbers of the run before."""

    labels: list[int]
    centres: Matrix
    before: Sequence[int]


def cells(found: Found, unit: Mapping[str, Spread]) -> dict[tuple[str, str], Sequence[Cell]]:
    """All that a later day needs to assign customers with."""
    return {
        (CLUSTER, "number"): [float(label) for label in found.labels],
        **{(UNIT, name): [s.shift, s.scale, float(s.is_constant)] for name, s in unit.items()},
        **{(CENTRE, name): found.centres[:, position].tolist() for position, name in enumerate(unit)},
    }


def units(fit: Fit, features: Sequence[Feature]) -> dict[str, Spread]:
    """The units of the features."""
    stored = {feature.name: fit.numbers(UNIT, feature.name) for feature in features}
    return {name: Spread(0, shift, scale, is_constant == 1) for name, (shift, scale, is_constant) in stored.items()}


def found(fit: Fit, features: Sequence[Feature]) -> Found:
    """The clusters, of which none is new."""
    labels = [int(label) for label in fit.numbers(CLUSTER, "number")]
    centres = np.column_stack([fit.numbers(CENTRE, feature.name) for feature in features])
    return Found(labels, centres, labels)
