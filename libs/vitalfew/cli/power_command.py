"""The command `power`: how many customers each arm of an experiment needs, before money is spent."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite
from typing import Any

import click

from vitalfew.errors import ConfigError

BETWEEN = click.FloatRange(0, 1, min_open=True, max_open=True)
SURE = 1e-9
"""Nearer than this to 0 or 1, no share is one that anybody can plan with."""
MOST = 10**12
"""More customers than that there are nowhere."""
LARGEST = 10**6
"""A change of this many standard deviations is found in the fewest customers; the square of more may not exist."""
FEWEST = 2
"""With fewer customers in an arm no spread is known."""


@click.command()
@click.option("--rate", type=BETWEEN, help="Share of customers who buy without the action, such as 0.2.")
@click.option(
    "--deviation",
    type=click.FloatRange(0, min_open=True),
    help="Instead of --rate: standard deviation of what a customer spends (or of another mean).",
)
@click.option(
    "--lift", type=float, required=True, help="Change worth finding: 0.05 is from 20% to 25%; of a mean, money."
)
@click.option("--power", "found", type=BETWEEN, default=0.8, show_default=True, help="How often it is to be found.")
@click.option(
    "--significance",
    type=BETWEEN,
    default=0.05,
    show_default=True,
    help="How often a change is found that is not there.",
)
def power(rate: float | None, deviation: float | None, lift: float, found: float, significance: float) -> None:
    """Say how many customers each of two arms needs, and by which formula.

    Example: vitalfew power --rate 0.20 --lift 0.05
    """
    if (rate is None) == (deviation is None):
        raise ConfigError("Give --rate for a share of customers, or --deviation for a mean: one of the two.")
    given = {"--rate": rate, "--deviation": deviation, "--lift": lift, "--power": found, "--significance": significance}
    for option, value in given.items():
        if value is not None and not isfinite(value):
            raise ConfigError(f"{option} is {value:g}; it must be a number.")
    for option in ("--rate", "--power", "--significance"):
        share = given[option]
        if share is not None and not SURE <= share <= 1 - SURE:
            raise ConfigError(f"{option} is {share!r}, too near to 0 or 1 to plan with.")
    if not lift:
        raise ConfigError("--lift is 0: no number of customers finds a change that is none.")
    if found <= significance:
        raise ConfigError(f"--power ({found:g}) must be above --significance ({significance:g}).")
    if rate is not None:
        lines = of_rate(rate, rate + lift, found, significance)
    else:
        lines = of_mean(deviation or 0.0, lift, found, significance)
    click.echo("\n".join(lines))


def of_rate(rate: float, treated: float, found: float, significance: float) -> list[str]:
    """The answer for two shares, by three formulas; ConfigError where the second is none."""
    from vitalfew.algorithms.statistics import power as planned

    if not SURE <= treated <= 1 - SURE:
        raise ConfigError(f"--rate and --lift together are {treated:g}; that must be a share between 0 and 1.")
    asked = (rate, treated, found, significance)
    usual, pooled, arcsine = (
        customers(formula, *asked)
        for formula in (planned.for_rates, planned.for_rates_pooled, planned.for_rates_by_arcsine)
    )
    return [
        f"{usual:,} customers in each of two arms: from {rate:.4g} to {treated:.4g}, "
        f"found with power {found:g} at significance {significance:g} (two-sided).",
        "  Formula: (z1 sqrt(2 p (1-p)) + z2 sqrt(p (1-p) + q (1-q)))^2 / (q-p)^2, with the variance of the control "
        "arm where there is no effect.",
        f"  With the variance of both arms pooled (Fleiss): {pooled:,}. By arcsine (Cohen): {arcsine:,}.",
    ]


def of_mean(deviation: float, lift: float, found: float, significance: float) -> list[str]:
    """The answer for two means of one standard deviation."""
    from vitalfew.algorithms.statistics import power as planned

    needed = customers(planned.for_means, (1.0, 1.0), min(abs(lift / deviation), LARGEST), found, significance)
    return [
        f"{needed:,} customers in each of two arms: a change of {lift:.6g} at a standard deviation of "
        f"{deviation:.6g}, found with power {found:g} at significance {significance:g} (two-sided).",
        "  Formula: 2 (z1 + z2)^2 s^2 / d^2, by the normal distribution.",
    ]


def customers(formula: Callable[..., float], *asked: Any) -> int:
    """Customers in an arm, as a whole number; ConfigError where that is more than MOST."""
    try:
        needed = formula(*asked)
    except ZeroDivisionError:
        needed = inf
    if needed > MOST:
        raise ConfigError(
            f"--lift is so small that it takes more than {MOST:,} customers; name a change worth finding."
        )
    return max(FEWEST, round(needed))
