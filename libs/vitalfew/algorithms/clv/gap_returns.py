"""The probability of an order within some days, from the customer's own gaps: when the next one is due, and how surely.

The next log-gap is predicted as centre + scale * z. Centre and scale lie between those of the customer and of all,
by how much the customers differ beside how much the gaps of one do: in a shop of renewals one gap tells nearly all, in
a shop of chance visits it tells little. How z is spread, and how many leave after so many gaps, is counted
and not assumed, apart for 0, 1, 2 and 3 or more known gaps; silences count as gaps that have not ended, or as the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.clv.gap_statistics import FIRST
from vitalfew.dataframes.arrays import Floats, Ints

PER_UNIT, EDGE = 5, 30
"""z is counted in bins of 1 / PER_UNIT, from -EDGE to EDGE - 1 of them."""
COMMON = 3
"""How many gaps the spread of all weighs, in that of one customer."""
LEAST_SCALE = 0.05
LEAST_SILENCE = 0.5
"""Half a day, which is taken from a silence, as days are whole."""
NEVER = 1e-300
"""Below every probability: nothing is divided by zero."""


@dataclass(frozen=True)
class GapReturns:
    """Mean of the log-gaps, their variance within one customer and between them.

    longer: for each class of known gaps, the share of the gaps beyond each edge of the bins of z; leaving: the
    probability that no gap comes.
    """

    mean: float
    within: float
    between: float
    longer: Floats
    leaving: Floats

    def centre(self, n: Ints, total: Floats) -> Floats:
        prior = self.within / self.between
        return np.asarray((total + prior * self.mean) / (n + prior))

    def scale(self, n: Ints, total: Floats, square: Floats) -> Floats:
        """Of the next log-gap: how far those of one customer are spread, and how well their centre is known."""
        apart = np.maximum(square - total**2 / np.maximum(n, 1), 0.0)
        own = (apart + COMMON * self.within) / (np.maximum(n - 1, 0) + COMMON)
        return np.asarray(np.maximum(np.sqrt(own + self.within / (n + self.within / self.between)), LEAST_SCALE))

    def z(self, n: Ints, total: Floats, square: Floats, days: Floats) -> Floats:
        return np.asarray((np.log(days) - self.centre(n, total)) / self.scale(n, total, square))

    def probability(self, n: Ints, total: Floats, square: Floats, silent: Ints, days: Sequence[float]) -> Floats:
        """Of an order within each of `days` (column), for customers with `n` gaps who are `silent` (row)."""
        since: Floats = silent.astype(np.float64) - LEAST_SILENCE
        left = self.leaving[np.minimum(n, FIRST)]
        now = (1 - left) * self.still_open(n, self.z(n, total, square, since))
        told = []
        for horizon in days:
            then = (1 - left) * self.still_open(n, self.z(n, total, square, since + horizon))
            told.append((now - then) / np.maximum(now + left, NEVER))
        return np.column_stack(told)

    def still_open(self, n: Ints, z: Floats) -> Floats:
        """The share of gaps longer than z, on straight lines between the edges of the bins."""
        place = np.clip(z * PER_UNIT + EDGE, 0.0, 2 * EDGE)
        below = np.minimum(place.astype(np.int64), 2 * EDGE - 1)
        grade, part = np.minimum(n, FIRST), place - below
        return np.asarray(self.longer[grade, below] * (1 - part) + self.longer[grade, below + 1] * part)
