"""How much the mean of a group differs from that of others, from their numbers, sums and sums of squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import AnyInts, Floats

ROUNDING = 1e-9
"""Of means: such a difference of constants is none."""


@dataclass(frozen=True)
class Moments:
    """Of many groups at once: rows, their sum, and the sum of their squares."""

    n: Floats
    total: Floats
    squares: Floats

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    def __sub__(self, other: Moments) -> Moments:
        return Moments(self.n - other.n, self.total - other.total, self.squares - other.squares)

    def at(self, places: AnyInts) -> Moments:
        """Of the groups at these places; where a place is below 0, of nobody."""
        there = places >= 0
        return Moments(*(np.where(there, each[places], 0.0) for each in (self.n, self.total, self.squares)))

    @property
    def together(self) -> Moments:
        """All rows of these groups as one."""
        return Moments(*(np.array([each.sum()]) for each in (self.n, self.total, self.squares)))

    @property
    def mean(self) -> Floats:
        return divided(self.total, self.n)

    @property
    def scatter(self) -> Floats:
        """Sum of squares about the mean."""
        return np.maximum(self.squares - divided(self.total * self.total, self.n), 0.0)


def divided(amount: Floats, by: Floats) -> Floats:
    """amount / by; NaN where `by` is 0."""
    found: Floats = np.divide(amount, by, out=np.full(np.shape(amount), np.nan), where=by != 0)
    return found


def exact(n: Sequence[int], total: Sequence[int], squares: Sequence[int], centre: int) -> Moments:
    """Moments of whole numbers less `centre`: exact, so that a small spread about a large mean is not lost."""
    numbers, sums, powers = (np.array(each, dtype=object) for each in (n, total, squares))
    moved = sums - numbers * centre
    about = powers - 2 * centre * sums + numbers * (centre * centre)
    return Moments(*(each.astype(np.float64) for each in (numbers, moved, about)))


@dataclass(frozen=True)
class Comparison:
    """Mean of groups less that of others, the standard error of it, and the two-sided p; NaN where none can be told.

    Where everybody has the same, p alone cannot.
    """

    difference: Floats
    error: Floats
    p_value: Floats

    def towards(self, signs: Floats) -> Floats:
        """The one-sided p of a difference of this sign."""
        half = self.p_value / 2
        return np.where(np.sign(self.difference) == signs, half, 1 - half)


def compare(groups: Moments, others: Moments) -> Comparison:
    """The larger p of Welch (Biometrika 34, 1947) and of Student, and the larger standard error.

    Welch holds where spreads differ. Student's does where a small group has no spread of its own by chance, as one of
    customers who all have 0: then Welch would be sure of what it cannot know. Where neither has a spread, as fees of
    two tariffs, p is that of Fisher's permutation test: two of all ways to part the rows.
    """
    import scipy.special  # not at the start of every command

    can = (groups.n >= 2) & (others.n >= 2)
    n, m = np.where(can, groups.n, 2.0), np.where(can, others.n, 2.0)
    own, their = groups.scatter / (n - 1) / n, others.scatter / (m - 1) / m
    welch = own + their
    are_there = can
    can = can & (welch > 0)
    safe = np.where(can, welch, 1.0)
    degrees = safe**2 / np.where(can, own**2 / (n - 1) + their**2 / (m - 1), 1.0)
    student = (groups.scatter + others.scatter) / (n + m - 2) * (1 / n + 1 / m)
    difference = np.where(are_there, groups.mean - others.mean, np.nan)
    size = np.where(can, np.abs(difference), 0.0)
    tails = [
        2 * scipy.special.stdtr(free, -size / np.sqrt(np.where(can, squared, 1.0)))
        for free, squared in ((degrees, welch), (n + m - 2, student))
    ]
    p = np.where(can, np.maximum(*tails), np.nan)
    ways = scipy.special.gammaln(n + m + 1) - scipy.special.gammaln(n + 1) - scipy.special.gammaln(m + 1)
    are_apart = np.abs(difference) > ROUNDING * (np.abs(groups.mean) + np.abs(others.mean))
    p = np.where(are_there & ~can & are_apart, np.minimum(1.0, 2 * np.exp(-ways)), p)
    error = np.where(are_there, np.sqrt(np.maximum(welch, student)), np.nan)
    return Comparison(difference, error, p)


def weighted_difference(groups: Moments, everybody: Moments) -> Floats:
    """Share of the rows times (mean less the mean of all): of a yes or no, the weighted relative accuracy (WRAcc) of

    Lavrac, Flach and Zupan (ILP 1999).
    """
    return divided(groups.n, everybody.n) * (groups.mean - everybody.mean)
