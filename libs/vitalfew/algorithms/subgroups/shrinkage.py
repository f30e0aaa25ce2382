"""How much groups differ beyond chance: all that were tested, and one that was found."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.statistics.normal_quantiles import two_sided
from vitalfew.algorithms.subgroups.moments import divided
from vitalfew.dataframes.arrays import Floats

STEPS = 80


def spread_beyond_chance(differences: Floats, errors: Floats) -> float:
    """The variance of true differences about 0: sum of d^2 / (variance + error^2) is their number.

    Paule and Mandel (Journal of Research of the NBS 87, 1982), with a known mean; 0 where chance is enough.
    """
    squares, chance = differences**2, errors**2
    if not len(squares) or np.sum(divided(squares, chance)) <= len(squares):
        return 0.0
    low, high = 0.0, float(np.sum(squares))
    for _ in range(STEPS):
        middle = (low + high) / 2
        is_more = np.sum(squares / (middle + chance)) > len(squares)
        low, high = (middle, high) if is_more else (low, middle)
    return high


def drawn_in(difference: float, error: float, confidence: float) -> tuple[float, float, float]:
    """A difference on rows that were not searched, less what chance adds to it, and its interval.

    difference - error^2 / difference, and 0 where chance is as large: the garrote of Breiman (Technometrics 37, 1995)
    for one mean. It does not go by how much other groups differ: one that does among hundreds that do not would vanish.
    """
    reach = two_sided(confidence) * error
    drawn = difference - error**2 / difference if abs(difference) > error else 0.0
    return drawn, difference - reach, difference + reach


def is_beyond(difference: float, error: float, confidence: float) -> bool:
    """Whether the interval of a difference leaves 0 out."""
    return abs(difference) > two_sided(confidence) * error


def own_weight(slope: float, between: float, n: int) -> float:
    """How much a mean of n own figures counts beside that of the group: between / (between + slope / n)."""
    return between / (between + slope / n) if between > 0 else 0.0


def between_and_within(n: int, x: float, xx: float, r: float, xr: float) -> tuple[float, float]:
    """Variance between customers and within one, from squares of residuals r by x = 1 / own figures: r = b + w x.

    `n` customers and sums over them. Neither is below 0; where x says nothing, all is between.
    """
    if not n:
        return 0.0, 0.0
    scatter = xx - x * x / n
    within = max(0.0, (xr - x * r / n) / scatter) if scatter > 1e-12 * max(xx, 1e-300) else 0.0
    return max(0.0, (r - within * x) / n), within
