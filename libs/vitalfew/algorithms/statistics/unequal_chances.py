"""The sum of independent yes-or-no outcomes with unequal chances: a bound of its upper tail."""

from __future__ import annotations

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Floats, Ints

LEAST = 1e-300
"""What is smaller is taken for it: doubles end soon after."""


def log_upper_bound(n: Ints, tries: Ints, expected: Floats) -> Floats:
    """ln of a bound of P(S >= n), S being the sum of `tries` outcomes whose chances add up to `expected`.

    From one more than the expectation on, no chances of this sum give a larger tail than equal ones (Hoeffding 1956,
    theorem 4): that of the binomial distribution. Below, the bound is 1.
    """
    is_high = n >= expected + 1
    k = np.where(is_high, n, 1).astype(np.float64)
    p = np.clip(expected / np.maximum(tries, 1), 0.0, 1.0)
    tail = scipy.special.betainc(k, np.maximum(tries - k + 1, 1e-9), p)
    return np.where(is_high, np.log(np.maximum(tail, LEAST)), 0.0)
