"""How many clusters: every k of a range is fitted to a sample, scored, and one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.kmeans import driver_fit
from vitalfew.algorithms.kmeans.driver_fit import LocalFit
from vitalfew.algorithms.kmeans.rand_index import mean_agreement
from vitalfew.algorithms.kmeans.silhouette import silhouettes
from vitalfew.algorithms.kmeans.standardised_points import Sample
from vitalfew.dataframes.arrays import Matrix

DIGITS = 6
"""Scores are compared as they are published: the last digit of a sum decides nothing."""


@dataclass(frozen=True)
class Trial:
    """How numbers of clusters are tried: fits from so many starts, so many bootstrap fits, on a part of the sample."""

    starts: int
    bootstraps: int
    size: int
    seed: int


@dataclass(frozen=True)
class Score:
    """One number of clusters: its fit to the sample, how distinct its clusters are, how often they are found again."""

    k: int
    silhouette: float | None
    stability: float | None
    cost: float
    centres: Matrix


def score(sample: Sample, ks: Sequence[int], trial: Trial, before: Matrix | None = None) -> list[Score]:
    """A score for each k of `ks`, none above the number of distinct points.

    The starts compete on `trial.size` rows of the sample, and the best is fitted to all of it; silhouette and stability
    are measured on those rows too. `before`, the centres of an earlier run, is one more start for the k that it has.
    """
    small = sample.thinned(trial.size, np.random.default_rng([trial.seed, 0]))
    fits = [fit(sample, small, k, trial, before) for k in ks]
    widths = silhouettes(small, [driver_fit.assign(small.points, found.centres) for found in fits])
    return [
        Score(
            k,
            None if k == 1 else round(width, DIGITS),
            None if k == 1 else round(stability(small, k, trial), DIGITS),
            round(found.cost, DIGITS),
            found.centres,
        )
        for k, found, width in zip(ks, fits, widths, strict=True)
    ]


def fit(sample: Sample, small: Sample, k: int, trial: Trial, before: Matrix | None) -> LocalFit:
    """The best fit to a part of the sample, continued on all of it."""
    if k > len(small.points):
        small = sample
    also = [before] if before is not None and len(before) == k else []
    best = driver_fit.fit(small, k, trial.starts, np.random.default_rng([trial.seed, 1, k]), also=also)
    return driver_fit.lloyd(sample, best.centres)


def stability(sample: Sample, k: int, trial: Trial) -> float:
    """Mean adjusted Rand index between fits to bootstrap samples, all points of the sample assigned by each."""
    random = np.random.default_rng([trial.seed, 2, k])
    labelings = []
    for _ in range(trial.bootstraps):
        drawn = sample.resampled(random)
        fitted = driver_fit.fit(drawn, min(k, len(drawn.points)), 2, random)
        labelings.append(driver_fit.assign(sample.points, fitted.centres))
    return mean_agreement(labelings, sample.weights)


def choose(scores: Sequence[Score], *, least_stability: float, before: int | None, margin: float) -> Score:
    """The best silhouette among the stable, ties to the fewest clusters; the most stable one where none is.

    The number of clusters of the run `before` stays while it is stable and within `margin` of the best: clusters that
    people work with should not come and go with the third decimal.
    """
    stable = [s for s in scores if s.stability is None or s.stability >= least_stability]
    if not stable:
        return max(scores, key=lambda s: (s.stability or 0.0, s.silhouette or 0.0, -s.k))
    best = max(stable, key=lambda s: (s.silhouette or 0.0, -s.k))
    kept = [s for s in stable if s.k == before and (s.silhouette or 0.0) >= (best.silhouette or 0.0) - margin]
    return kept[0] if kept else best
