"""The difference of the means of two arms with Welch's interval, and with a covariate from before (CUPED)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

import scipy

Exact = int | Decimal | Fraction


@dataclass(frozen=True)
class Sums:
    """What is added up of one arm: customers, outcome y, the covariate x from before, squares and products.

    Sums are exact, so that a small spread about a large mean is not lost.
    """

    n: int
    y: Exact
    yy: Exact
    x: Exact = 0
    xx: Exact = 0
    xy: Exact = 0

    @property
    def mean(self) -> float:
        return float(Fraction(self.y) / self.n)

    @property
    def mean_before(self) -> float:
        return float(Fraction(self.x) / self.n)

    @property
    def centred(self) -> tuple[float, float, float]:
        """Sums of squares and products about the means: of y, of x, and of both."""
        y, x = Fraction(self.y), Fraction(self.x)
        parts = (self.yy, y * y), (self.xx, x * x), (self.xy, x * y)
        yy, xx, xy = (float(Fraction(whole) - product / self.n) for whole, product in parts)
        return yy, xx, xy

    def variance(self, slope: float = 0.0) -> float:
        """Of y less `slope` times x, of a customer; n - 1 is the divisor."""
        yy, xx, xy = self.centred
        return max(yy - 2 * slope * xy + slope * slope * xx, 0.0) / (self.n - 1)


@dataclass(frozen=True)
class Difference:
    """Mean of the treated less that of the control arm; `p_value` is two-sided; variances are those of a customer."""

    value: float
    standard_error: float
    degrees: float
    p_value: float
    variances: tuple[float, float]

    def interval(self, confidence: float) -> tuple[float, float]:
        reach = float(scipy.special.stdtrit(self.degrees, 0.5 + confidence / 2)) * self.standard_error
        return self.value - reach, self.value + reach


def welch(treated: Sums, control: Sums) -> Difference | None:
    """Welch (Biometrika 34, 1947); None where an arm has fewer than two customers, or no outcome varies."""
    return with_slope(treated, control, 0.0)


def cuped(treated: Sums, control: Sums) -> Difference | None:
    """As `welch`, of y less what x predicts (Deng, Xu, Kohavi & Walker, WSDM 2013); None where x does not vary too.

    The slope is the pooled one within the arms, so that the effect of the action is not in it.
    """
    if min(treated.n, control.n) < 2:
        return None
    squares, products = (treated.centred[place] + control.centred[place] for place in (1, 2))
    return with_slope(treated, control, products / squares) if squares > 0 else None


def with_slope(treated: Sums, control: Sums, slope: float) -> Difference | None:
    """The difference of y less `slope` times x."""
    if min(treated.n, control.n) < 2:
        return None
    variances = treated.variance(slope), control.variance(slope)
    parts = variances[0] / treated.n, variances[1] / control.n
    if sum(parts) <= 0:
        return None
    error = sqrt(sum(parts))
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / (treated.n - 1) + parts[1] ** 2 / (control.n - 1))
    value = treated.mean - control.mean - slope * (treated.mean_before - control.mean_before)
    p_value = 2 * float(scipy.special.stdtr(degrees, -abs(value) / error))
    return Difference(value, error, degrees, p_value, variances)


def narrower(adjusted: Difference, plain: Difference) -> float:
    """By which share of its width the interval of `adjusted` is narrower; below zero where it is wider."""
    return 1 - adjusted.standard_error / plain.standard_error
