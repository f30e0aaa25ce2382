"""Exact two-sided tests of counts, many at once, as logarithms of p: twice the smaller tail, at most 1."""

from __future__ import annotations

import numpy as np
import scipy

from vitalfew.algorithms.statistics.hypergeometric import log_upper_tail
from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.arrays import Floats


def fisher(hits: Ints, drawn: Ints, marked: Ints, total: int) -> Floats:
    """ln p of `hits` among `drawn`, when `marked` of `total` are hits."""
    more = log_upper_tail(hits, drawn, marked, total)
    fewer = log_upper_tail(drawn - hits, drawn, total - marked, total)
    return twice_the_smaller(more, fewer)


def balance(one: Ints, other: Ints) -> Floats:
    """ln p of counts of `one` and `other`, when either is as likely as the other (McNemar, exact)."""
    both = one + other
    return twice_the_smaller(
        np.asarray(scipy.stats.binom.logsf(one - 1, both, 0.5)), np.asarray(scipy.stats.binom.logcdf(one, both, 0.5))
    )


def twice_the_smaller(one: Floats, other: Floats) -> Floats:
    result: Floats = np.minimum(np.minimum(one, other) + np.log(2), 0.0)
    return result
