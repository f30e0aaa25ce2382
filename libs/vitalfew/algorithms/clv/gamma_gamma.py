"""Gamma-Gamma: what one purchase of a customer is worth.

Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value". Amounts of one customer ~ Gamma(p, nu), with
nu ~ Gamma(q, v), independent of how often one buys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.clv.gamma_functions import digamma, gammaln
from vitalfew.algorithms.clv.maximum_likelihood import Estimate, maximise, weighted
from vitalfew.dataframes.arrays import Floats

NAMES = ("p", "q", "v")
STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (2.0, 10.0, 5.0))
"""In units of the mean amount, as v scales with the currency."""


@dataclass(frozen=True)
class Spending:
    """Customers with repeats: x of them, their mean amount m > 0, and how many customers have both."""

    x: Floats
    m: Floats
    weight: Floats


def fit(spending: Spending) -> Estimate:
    """The parameters under which `spending` is likeliest; not to be used unless q > 1, so that there is a mean."""
    mean = float(np.average(spending.m, weights=spending.weight))
    starts = [(p, q, v * mean) for p, q, v in STARTS]
    objective = weighted(lambda parameters: log_likelihood(parameters, spending), spending.weight)
    return maximise(objective, NAMES, starts, float(spending.weight.sum()))


def log_likelihood(parameters: Floats, spending: Spending) -> tuple[Floats, Floats]:
    """For each customer the log-likelihood of the mean amount, and its gradient (one row a parameter)."""
    p, q, v = parameters
    x, m = spending.x, spending.m
    shape, total = p * x, np.log(x * m + v)
    value = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
    value = value + (shape - 1) * np.log(m) + shape * np.log(x) - (shape + q) * total
    of_both = digamma(shape + q)
    gradient = np.array(
        [
            x * (of_both - digamma(shape) + np.log(m) + np.log(x) - total),
            of_both - digamma(q) + np.log(v) - total,
            q / v - (shape + q) / (x * m + v),
        ]
    )
    return value, gradient


def expected_amount(parameters: Floats, x: Floats, m: Floats) -> Floats:
    """E[M | x, m]: between the mean of all and the customer's own, by how much the latter is known."""
    p, q, v = parameters
    return np.asarray(p * (v + x * m) / (p * x + q - 1))


def correlation(spending: Spending) -> float:
    """Pearson's, of x and m; 0 where one of them does not vary. The model supposes a small one."""
    columns = np.vstack([spending.x, spending.m])
    spread = np.cov(columns, aweights=spending.weight, ddof=0) if len(spending.x) > 1 else np.zeros((2, 2))
    scale = float(np.sqrt(spread[0, 0] * spread[1, 1]))
    return float(spread[0, 1] / scale) if scale > 0 else 0.0
