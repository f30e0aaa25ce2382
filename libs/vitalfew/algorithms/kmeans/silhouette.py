"""How well a clustering keeps its points together: the mean silhouette (Rousseeuw 1987)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitalfew.algorithms.kmeans.driver_fit import squares
from vitalfew.algorithms.kmeans.standardised_points import Sample
from vitalfew.dataframes.arrays import Labels, Matrix

CHUNK = 500


def silhouettes(sample: Sample, labelings: Sequence[Labels]) -> list[float]:
    """The mean silhouette of each labelling of the sample, -1 to 1; the distances are computed once for all.

    A point alone in its cluster counts 0, and so do all where there is one cluster only.
    """
    members = [membership(labels, sample) for labels in labelings]
    totals = [0.0] * len(labelings)
    for start in range(0, len(sample.points), CHUNK):
        part = slice(start, start + CHUNK)
        distances = np.sqrt(squares(sample.points[part], sample.points))
        for i, labels in enumerate(labelings):
            widths = silhouette(distances @ members[i], members[i].sum(axis=0), labels[part])
            totals[i] += float(sample.weights[part] @ widths)
    return [total / float(sample.weights.sum()) for total in totals]


def membership(labels: Labels, sample: Sample) -> Matrix:
    """A row for each point, with its weight in the column of its cluster."""
    result = np.zeros((len(labels), int(labels.max()) + 1))
    result[np.arange(len(labels)), labels] = sample.weights
    return result


def silhouette(sums: Matrix, sizes: Matrix, labels: Labels) -> Matrix:
    """Of each point, from the sums of its distances to every cluster's points: (b - a) / max(a, b)."""
    rows = np.arange(len(labels))
    own = sizes[labels]
    within = sums[rows, labels] / np.maximum(own - 1, 1)
    others = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    others[rows, labels] = np.inf
    between = others.min(axis=1)
    is_defined = (own > 1) & np.isfinite(between) & (np.maximum(within, between) > 0)
    with np.errstate(invalid="ignore"):
        widths = (between - within) / np.maximum(np.maximum(within, between), np.finfo(float).tiny)
    return np.where(is_defined, widths, 0.0)
