"""What is more frequent in one group than in another, small counts drawn to no difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Floats

PRIOR = 100.0
"""As many counts does the prior weigh, spread as both groups together are."""


@dataclass(frozen=True)
class Difference:
    """By value: the difference of log-odds, its z score, and the logarithm of the two-sided p value."""

    log_odds: Floats
    z: Floats
    log_p: Floats


def difference(first: Floats, second: Floats, prior: float = PRIOR) -> Difference:
    """Log-odds of each value in `first` less those in `second`, with an informative Dirichlet prior.

    Monroe, Colaresi & Quinn ("Fightin' Words", 2008), equations 16, 19 and 22: the variance is about
    1 / (y1 + a) + 1 / (y2 + a), where a is the prior count of the value.
    """
    both = first + second
    a = prior * both / both.sum()
    odds = [np.log((y + a) / (y.sum() + prior - y - a)) for y in (first, second)]
    delta = odds[0] - odds[1]
    z = delta / np.sqrt(1 / (first + a) + 1 / (second + a))
    return Difference(delta, z, np.log(2) + scipy.special.log_ndtr(-np.abs(z)))


def ratio_interval(first: float, of_first: float, second: float, of_second: float, reach: float) -> tuple[float, float]:
    """`reach` standard errors about the ratio of two shares, by its logarithm (Katz 1978); half a count is added."""
    a, b = first + 0.5, second + 0.5
    middle = np.log(a / (of_first + 0.5)) - np.log(b / (of_second + 0.5))
    error = np.sqrt(max(1 / a - 1 / (of_first + 0.5), 0) + max(1 / b - 1 / (of_second + 0.5), 0))
    return float(np.exp(middle - reach * error)), float(np.exp(middle + reach * error))
