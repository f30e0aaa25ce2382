"""Do the tied follow each other soon, beyond chance and beyond a rhythm that they share?

The mean over all shuffles of times (see `shuffled_times`) is what chance gives where nobody moves anybody. Two things
make it too low or too sure. Who buys many things at once does so for all of them, and so does a friend: what happens
in one group of tied counts once, by the spread between groups (the sandwich of Liang & Zeger 1986). And friends who
order alike often are near each other at any distance: what they do in the next span of the same length, in which
influence has worn off, says how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from vitalfew.dataframes.arrays import Floats


@dataclass(frozen=True)
class Followed:
    """Of groups of tied: how many there are; the sums of seen and expected, soon and later; the sums of the products of
    each two of these four over the groups; and the variance of seen over all shuffles."""

    groups: int
    sums: Floats
    products: Floats
    shuffled_variance: float

    @property
    def rhythm(self) -> float:
        """How many times as often as by chance the tied follow each other later; 1 where it is less, or nothing."""
        _, _, later, expected_later = (float(each) for each in self.sums)
        return max(1.0, later / expected_later) if expected_later > 0 else 1.0

    @property
    def expected(self) -> float:
        """What chance and a shared rhythm give."""
        return self.rhythm * float(self.sums[1])

    @property
    def deviation(self) -> float:
        """Of seen less expected: between groups, or over all shuffles where that is more."""
        rhythm = self.rhythm
        drawn = float(self.sums[1] / self.sums[3]) if rhythm > 1 else 0.0
        weights = np.array([1.0, -rhythm, -drawn, drawn * rhythm])
        return sqrt(max(float(weights @ self.products @ weights), rhythm**2 * self.shuffled_variance, 0.0))

    @property
    def z(self) -> float | None:
        """How many deviations more was seen than expected; None where nothing varies.

        By the spread between groups it is at most the square root of their number.
        """
        return (float(self.sums[0]) - self.expected) / self.deviation if self.deviation > 0 else None
