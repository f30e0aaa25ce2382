"""Did those who are tied act soon after each other because of the tie, or would they have anyway?

The shuffle test of Anagnostopoulos, Kumar & Mahdian (KDD 2008): who acts, and who is tied to whom, stay as they are,
and the times of the actors are shuffled among them. If ties move nobody, times do not depend on ties, however alike
the tied are. Nothing is drawn here: the mean and the variance over all shuffles are known (Mantel 1967; Mantel &
Valand 1970), for T = sum over i, j of A[i, j] B[s(i), s(j)] with A the ties and B "acted within the window before".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt


@dataclass(frozen=True)
class Pairs:
    """Sums of a square matrix of zeros and ones without its diagonal, with row sums r and column sums c.

    `ones`: all of it; `mutual`: ones whose mirror is one; `rr`, `cc`, `rc`: sums of r², c² and r c.
    """

    ones: int
    mutual: int
    rr: int
    cc: int
    rc: int

    @property
    def kinds(self) -> tuple[tuple[int, int, int], ...]:
        """Of ordered pairs of ones: how many there are, how often that kind counts, and how many nodes it has."""
        rows, columns, chains = self.rr - self.ones, self.cc - self.ones, self.rc - self.mutual
        apart = self.ones**2 - self.ones - self.mutual - rows - columns - 2 * chains
        return (self.ones, 1, 2), (self.mutual, 1, 2), (rows, 1, 3), (columns, 1, 3), (chains, 2, 3), (apart, 1, 4)


@dataclass(frozen=True)
class Shuffled:
    """What was seen, and the mean and the variance of the same over all shuffles."""

    seen: int
    mean: float
    variance: float

    @property
    def z(self) -> float | None:
        """How many standard deviations more was seen than expected; None where no shuffle changes anything."""
        return (self.seen - self.mean) / sqrt(self.variance) if self.variance > 0 else None


def shuffled(actors: int, ties: Pairs, times: Pairs, seen: int) -> Shuffled:
    """The test of `seen`: in how many ties one of the `actors` acted within the window before the other."""
    places = {2: actors * (actors - 1)}
    places[3] = places[2] * (actors - 2)
    places[4] = places[3] * (actors - 3)
    if not places[2]:
        return Shuffled(seen, 0.0, 0.0)
    mean = Fraction(ties.ones * times.ones, places[2])
    square = sum(
        (Fraction(often * one * other, places[nodes]))
        for (one, often, nodes), (other, _, _) in zip(ties.kinds, times.kinds, strict=True)
        if places[nodes]
    )
    return Shuffled(seen, float(mean), float(square - mean**2))


def together(found: Iterable[Shuffled]) -> Shuffled:
    """The sum over several things that were shuffled apart."""
    every = list(found)
    parts = [sum(getattr(each, name) for each in every) for name in ("seen", "mean", "variance")]
    return Shuffled(int(parts[0]), float(parts[1]), float(parts[2]))
