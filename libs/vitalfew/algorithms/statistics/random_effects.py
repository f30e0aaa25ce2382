"""Many estimates of the like: their mean, how far the truths lie apart, and each drawn to the mean by as much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Floats


@dataclass(frozen=True)
class Pooled:
    """mean, its standard error, the variance `between` the truths, its share of all variance (I²), and how many."""

    mean: float
    error: float
    between: float
    heterogeneity: float
    count: int


def pooled(estimates: Floats, errors: Floats, wider: Floats | None = None) -> Pooled:
    """The random-effects mean by DerSimonian & Laird (1986), of one estimate or more; errors are above 0.

    `wider` are errors that allow for their own uncertainty, with which the mean is taken. How far the truths lie apart
    is told by `errors` alone: with errors that are too large, they would seem to be alike.
    """
    weight = errors**-2.0
    fixed = float(weight @ estimates / weight.sum())
    spread, free = float(weight @ (estimates - fixed) ** 2), len(estimates) - 1
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max((spread - free) / scale, 0.0) if free else 0.0
    heterogeneity = max((spread - free) / spread, 0.0) if free and spread > 0 else 0.0
    weight = 1 / ((errors if wider is None else wider) ** 2 + between)
    mean = float(weight @ estimates / weight.sum())
    return Pooled(mean, float(weight.sum() ** -0.5), between, heterogeneity, len(estimates))


def shrunk(estimates: Floats, errors: Floats, towards: Pooled) -> tuple[Floats, Floats]:
    """Each estimate drawn to the mean, and its error (empirical Bayes: Efron & Morris 1975; the error by Morris 1983).

    The mean weighs the more the larger the error of an estimate beside the variance between the truths. The error has
    that of the mean in it and, from four estimates on, that of the weight.
    """
    variance = errors**2
    of_mean = variance / (variance + towards.between)
    middle = (1 - of_mean) * estimates + of_mean * towards.mean
    doubt = 2 / (towards.count - 3) if towards.count > 3 else 0.0
    of_weight = doubt * of_mean**2 * (estimates - towards.mean) ** 2
    return middle, np.sqrt((1 - of_mean) * variance + (of_mean * towards.error) ** 2 + of_weight)
