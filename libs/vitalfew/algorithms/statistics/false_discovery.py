"""How many of many findings may be chance."""

from __future__ import annotations

import numpy as np

from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.arrays import Floats


def log_false_discovery_rate(log_p: Floats, size: Ints | None = None) -> Floats:
    """ln of the q value of each test, of all that were made (Benjamini & Hochberg 1995).

    Each p stands for `size` tests with the same result, or for one.
    """
    if not log_p.size:
        return log_p
    order = np.argsort(log_p, kind="stable")
    rank = np.arange(1, log_p.size + 1) if size is None else np.cumsum(size[order])
    scaled = log_p[order] + np.log(rank[-1]) - np.log(rank)
    result = np.empty_like(log_p)
    result[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.minimum(result, 0.0)
