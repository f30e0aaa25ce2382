"""How far counts foretold for classes are from those that came, beyond chance."""

from __future__ import annotations

import numpy as np

from vitalfew.dataframes.arrays import Floats

CHANCE = 2.0
"""Standard errors of the count of a class that are put down to chance."""


def class_deviations(predicted: Floats, actual: Floats, squares: Floats) -> Floats:
    """For each class its part of w squared: w is Cohen's effect size of how `actual` is spread over the classes.

    w^2 = sum of (observed - expected)^2 / expected over the shares of the classes (Cohen 1988, chapter 7: 0.1 is small,
    0.3 medium, 0.5 large). Other than chi-square it does not grow with the number of customers. `predicted` is scaled
    to the sum of `actual`: how far the sum is off, is another question. Of each difference only what is beyond CHANCE
    standard errors counts: `squares` are the sums of squared errors of single customers, the variance of the count of
    a class if they are independent, however unlike a Poisson law each is. A class is expected one at least.
    """
    total, foretold = actual.sum(), predicted.sum()
    if total <= 0 or foretold <= 0:
        return np.zeros(len(actual))
    expected = predicted * (total / foretold)
    beyond = np.maximum(np.abs(actual - expected) - CHANCE * np.sqrt(squares), 0.0)
    return np.asarray(beyond**2 / np.maximum(expected, 1.0) / total)
