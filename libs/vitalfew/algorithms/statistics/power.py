"""How many customers an experiment needs, and which difference it can find: normal approximations, two-sided tests.

Customers are for each of two arms of one size, as a number that is not whole. `power` is how often a difference that
is there is found, `significance` how often one is found that is not there.
"""

from __future__ import annotations

from math import asin, sqrt

from vitalfew.algorithms.statistics.normal_quantiles import one_sided, two_sided


def quantiles(power: float, significance: float) -> tuple[float, float]:
    """Those of the normal distribution for the level and the power."""
    return two_sided(1 - significance), one_sided(power)


def for_means(variances: tuple[float, float], difference: float, power: float, significance: float) -> float:
    """(z1 + z2)^2 (v1 + v2) / d^2: variances of a customer in each arm, as Welch's test has them."""
    return sum(quantiles(power, significance)) ** 2 * sum(variances) / difference**2


def for_rates(control: float, treated: float, power: float, significance: float) -> float:
    """(z1 sqrt(2 p (1 - p)) + z2 sqrt(p (1 - p) + q (1 - q)))^2 / d^2, p of the control arm and q of the treated one.

    The variance without an effect is that of the control arm: the formula of the usual calculators (E. Miller, 2010).
    """
    level, power_of = quantiles(power, significance)
    variance = control * (1 - control)
    error = level * sqrt(2 * variance) + power_of * sqrt(variance + treated * (1 - treated))
    return error**2 / (treated - control) ** 2


def for_rates_pooled(control: float, treated: float, power: float, significance: float) -> float:
    """As `for_rates`, but the variance without an effect is that of the mean of both rates (Fleiss, 1981)."""
    level, power_of = quantiles(power, significance)
    mean = (control + treated) / 2
    error = level * sqrt(2 * mean * (1 - mean)) + power_of * sqrt(control * (1 - control) + treated * (1 - treated))
    return error**2 / (treated - control) ** 2


def for_rates_by_arcsine(control: float, treated: float, power: float, significance: float) -> float:
    """2 (z1 + z2)^2 / h^2 with h = 2 asin sqrt(q) - 2 asin sqrt(p) (Cohen, 1988)."""
    effect = 2 * asin(sqrt(treated)) - 2 * asin(sqrt(control))
    return 2 * sum(quantiles(power, significance)) ** 2 / effect**2


def least_detectable(standard_error: float, power: float, significance: float) -> float:
    """The least difference that a comparison with this standard error finds with this power."""
    return sum(quantiles(power, significance)) * standard_error
