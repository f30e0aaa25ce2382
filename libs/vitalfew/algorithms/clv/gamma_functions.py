"""The logarithm of the gamma function and its derivative: SciPy's, which is loaded when the first one is computed."""

from __future__ import annotations

import scipy

from vitalfew.dataframes.arrays import Floats


def gammaln(x: Floats | float) -> Floats:
    """The logarithm of the gamma function of x > 0, element by element."""
    found: Floats = scipy.special.gammaln(x)
    return found


def digamma(x: Floats | float) -> Floats:
    """Its derivative, element by element."""
    found: Floats = scipy.special.digamma(x)
    return found
