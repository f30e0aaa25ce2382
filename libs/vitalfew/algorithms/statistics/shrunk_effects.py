"""What to expect of an action in one group of customers: its own estimate, that of all groups, and an assumption."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot, sqrt

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """An effect and its standard error."""

    value: float
    error: float

    @property
    def precision(self) -> float:
        return 1 / self.error**2


@dataclass(frozen=True)
class Shrunk:
    """The effect to expect, its standard error, and which share of it the assumption has."""

    value: float
    error: float
    assumed_share: float

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95 %."""
        return self.value - NORMAL_95 * self.error, self.value + NORMAL_95 * self.error


def weighted(estimates: Iterable[Estimate]) -> Estimate | None:
    """The mean of several estimates of one effect, each by its precision; None of none."""
    every = list(estimates)
    if not every:
        return None
    total = sum(each.precision for each in every)
    return Estimate(sum(each.precision * each.value for each in every) / total, 1 / sqrt(total))


def shrunk(own: Estimate | None, overall: Estimate | None, assumed: Estimate, spread: float) -> Shrunk:
    """The posterior of the effect in a group, of which `own` was estimated, or nothing; `overall` is of all groups.

    The effect of the action is normal about `assumed`, and was estimated as `overall`; those of groups are normal about
    it, with the standard deviation `spread` (Lindley and Smith 1972, J. R. Statist. Soc. B 34; Gelman et al., Bayesian
    Data Analysis, 3rd ed., equations 2.10, 5.17 and 5.20):

        action: m = (assumed / s0^2 + overall / s^2) v, 1 / v = 1 / s0^2 + 1 / s^2
        group:  B own + (1 - B) m, variance B s_own^2 + (1 - B)^2 v, B = spread^2 / (spread^2 + s_own^2)

    It is exact where `overall` weighs each group by 1 / (spread^2 + its s^2). An estimate of all customers together
    weighs them by their customers, which is near that.
    """
    level = weighted([assumed, overall] if overall else [assumed]) or assumed
    share = level.error**2 * assumed.precision
    if own is None:
        return Shrunk(level.value, hypot(level.error, spread), share)
    trust = spread**2 / (spread**2 + own.error**2)
    value = trust * own.value + (1 - trust) * level.value
    return Shrunk(value, hypot(sqrt(trust) * own.error, (1 - trust) * level.error), (1 - trust) * share)
