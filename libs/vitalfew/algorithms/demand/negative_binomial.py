"""Counts that vary more than Poisson's: quantiles and expected shortage, for many means at once.

A count has the variance mean + dispersion x mean^2 (NB2); a dispersion of 0 is Poisson's. Probabilities follow each
other by p(k) = p(k-1) mean (1 + dispersion (k-1)) / (k (1 + dispersion mean)).
"""

from __future__ import annotations

from functools import cache, reduce
from statistics import NormalDist

import numpy as np

from vitalfew.dataframes.arrays import Bools, Floats, Ints

LARGE = 300.0
"""Counts with a larger mean are counted in packs, so that a pack is at most one LARGE-th of the mean."""
SURE = 1 - 1e-6
"""No higher quantile is looked for."""
TOLERANCE = 1e-12
FAR = 8.0
KEPT = 0.8
"""Rows that are done are taken out where fewer than this share go on: moving rows costs more than a step."""


def quantiles(mean: Floats, dispersion: Floats, probabilities: Floats) -> Ints:
    """The least counts whose distribution function reaches each of `probabilities` (n x k); n x k."""
    asked = np.minimum(probabilities, SURE)
    packs, small, spread, is_even = packed(mean, dispersion)
    found = np.ceil(packs[:, None] * walk(np.where(is_even, 0.0, small), spread, asked)).astype(np.int64)
    even = np.flatnonzero(is_even)
    if even.size:
        middle, spread = mean[even, None], dispersion[even, None]
        z = normal_quantile(asked[even])
        skew = (z * z - 1) / 6 * (1 + 2 * spread * middle)  # Cornish and Fisher
        found[even] = np.maximum(np.ceil(middle + z * np.sqrt(middle + spread * middle**2) + skew - 0.5), 0)
    return found


def shortage(mean: Floats, dispersion: Floats, quantity: Floats) -> Floats:
    """By how much the count exceeds `quantity` on average: E[max(count - quantity, 0)]."""
    packs, small, spread, is_even = packed(mean, dispersion)
    found = packs * walked_shortage(np.where(is_even, 0.0, small), spread, np.where(is_even, 0.0, quantity / packs))
    if is_even.any():
        deviation = np.sqrt(mean + dispersion * mean**2)
        z = np.clip((quantity - mean) / np.maximum(deviation, TOLERANCE), -FAR, FAR)
        lost = deviation * (np.exp(-z * z / 2) / np.sqrt(2 * np.pi) - z * (1 - normal_distribution(z)))
        found = np.where(is_even, np.where(z <= -FAR, mean - quantity, np.maximum(lost, 0.0)), found)
    return found


def packed(mean: Floats, dispersion: Floats) -> tuple[Floats, Floats, Floats, Bools]:
    """The size of a pack, mean and dispersion in packs, and where the count is near a normal one instead.

    Packs keep mean and variance. Where the variance is too small for that, the count is normal to within a hundredth.
    """
    packs = np.maximum(np.ceil(mean / LARGE), 1.0)
    spread = dispersion + np.where(packs > 1, (1 - packs) / np.maximum(mean, 1.0), 0.0)
    return packs, mean / packs, np.maximum(spread, 0.0), spread < 0


def walk(mean: Floats, dispersion: Floats, probabilities: Floats) -> Ints:
    """Quantiles, by summing up probabilities from 0 on."""
    found = np.zeros(probabilities.shape[::-1], dtype=np.int64)
    last = reduce(np.maximum, probabilities.T) - TOLERANCE
    reached = none(mean, dispersion)
    at = np.flatnonzero((mean > 0) & (reached < last))
    mean, dispersion, last, reached = mean[at], dispersion[at], last[at], reached[at]
    asked = [probabilities[at, place] - TOLERANCE for place in range(len(found))]
    chance = reached.copy()
    count = 0
    while at.size:
        count += 1
        for place, each in enumerate(asked):
            found[place, at] += reached < each
        chance = chance * step(mean, dispersion, count)
        reached = reached + chance
        going = np.flatnonzero(reached < last)
        if going.size < KEPT * at.size or not going.size:
            at, mean, dispersion, last = at[going], mean[going], dispersion[going], last[going]
            chance, reached, asked = chance[going], reached[going], [each[going] for each in asked]
    return found.T


def walked_shortage(mean: Floats, dispersion: Floats, quantity: Floats) -> Floats:
    """`shortage`, as the mean less the sum of the chances that more than 0, 1, … are asked for."""
    found = mean - np.minimum(quantity, 0.0)
    at = np.flatnonzero((mean > 0) & (quantity > 0))
    mean, dispersion, left = mean[at], dispersion[at], quantity[at]
    chance = none(mean, dispersion)
    reached = chance.copy()
    count = 0
    while at.size:
        count += 1
        found[at] -= np.minimum(left, 1.0) * np.maximum(1 - reached, 0.0)
        going = (left > 1) & (reached < 1 - TOLERANCE)
        at, mean, dispersion, left = at[going], mean[going], dispersion[going], left[going] - 1
        chance = chance[going] * step(mean, dispersion, count)
        reached = reached[going] + chance
    return np.maximum(found, 0.0)


def none(mean: Floats, dispersion: Floats) -> Floats:
    """The chance of a count of 0."""
    spread = np.maximum(dispersion, TOLERANCE)
    return np.exp(np.where(dispersion > TOLERANCE, -np.log1p(spread * mean) / spread, -mean))


def step(mean: Floats, dispersion: Floats, count: int) -> Floats:
    """The chance of `count` over that of one less."""
    odds: Floats = mean * (1 + dispersion * (count - 1)) / (count * (1 + dispersion * mean))
    return odds


@cache
def normal_table() -> tuple[Floats, Floats]:
    """The standard normal distribution function, for interpolation."""
    z = np.linspace(-FAR, FAR, 8001)
    standard = NormalDist()
    return z, np.array([standard.cdf(each) for each in z.tolist()])


def normal_distribution(z: Floats) -> Floats:
    return np.interp(z, *normal_table())


def normal_quantile(probability: Floats) -> Floats:
    z, reached = normal_table()
    return np.interp(probability, reached, z)
