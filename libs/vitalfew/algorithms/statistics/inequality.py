"""How unequally a sum is held: the Gini coefficient and the share of the top, with bootstrap intervals.

Values are not negative. They come in runs from the highest down, each of so many values of about the same size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from vitalfew.dataframes.arrays import Floats, Ints


@dataclass(frozen=True)
class Interval:
    """A bootstrap interval by percentiles; None at both ends where nothing could be resampled."""

    low: float | None
    high: float | None


def gini(weighted: int, total: int, size: int) -> float:
    """2 * sum(i * x(i)) / (n * sum(x)) - (n + 1) / n, with `weighted` the sum of i * x(i), i = 1 for the least."""
    return float(Fraction(2 * weighted, size * total) - Fraction(size + 1, size))


def intervals(
    counts: Ints, sums: Floats, *, top: Fraction, resamples: int, confidence: float, seed: list[int]
) -> tuple[Interval, Interval]:
    """Intervals of the share of the `top` part and of the Gini coefficient, from runs of values, the highest first.

    Resampling values with replacement is drawing how often each run occurs (multinomial), so it costs as much for ten
    million values as for ten thousand.
    """
    size = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(size, counts / size, size=resamples)
    mean = sums / counts
    totals = drawn @ mean
    kept = totals > 0
    drawn, totals = drawn[kept], totals[kept]
    before = np.cumsum(drawn, axis=1) - drawn
    taken = np.clip(math.ceil(top * size) - before, 0, drawn)
    ranks = drawn * (size - before - (drawn - 1) / 2)  # sum of the ranks from the least, run by run
    ginis = 2 * (ranks @ mean) / (size * totals) - (size + 1) / size
    return interval(taken @ mean / totals, confidence), interval(ginis, confidence)


def interval(estimates: Floats, confidence: float) -> Interval:
    """The middle `confidence` of the estimates."""
    if not estimates.size:
        return Interval(None, None)
    low, high = np.quantile(estimates, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
