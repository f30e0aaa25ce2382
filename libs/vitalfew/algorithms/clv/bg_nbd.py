"""BG/NBD: customers buy at random while they are alive, and may leave after any purchase.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). Purchases at rate lambda,
lambda ~ Gamma(r, alpha); after each, one leaves with probability p ~ Beta(a, b). Times in weeks.
"""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.clv.beta_quadrature import beta_quadrature
from vitalfew.dataframes.arrays import Floats

NEGLIGIBLE = 1e-18
"""Nodes that weigh less for every history are left out: what they add is rounding."""


def p_alive(parameters: Floats, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """The probability that a customer will ever buy again; 1 without a repeat, as the model has it."""
    r, alpha, a, b = parameters
    odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.asarray(np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700.0))), 1.0))


def expected_purchases(parameters: Floats, x: Floats, t_x: Floats, age: Floats, times: Floats) -> Floats:
    """E[Y(t) | x, t_x, T] for each history (row) and each of `times`, in weeks from now (column).

    The hypergeometric function of the paper is an expectation over p ~ Beta(a, b + x); taken as such it has none of
    the cancellations of the series, which fails for a near 1 and for many purchases. Needs numpy alone.
    """
    r, alpha, a, b = parameters
    lasting = bought_while_alive(r + x, alpha + age, float(a), b + x, times)
    return lasting * p_alive(parameters, x, t_x, age)[:, np.newaxis]


def bought_while_alive(shape: Floats, rate: Floats, a: float, b: Floats, times: Floats) -> Floats:
    """Purchases within each of `times` (column) of who is alive, lambda ~ Gamma(shape, rate) and p ~ Beta(a, b)."""
    distinct, which = np.unique(b, return_inverse=True)
    nodes, weights = beta_quadrature(a, distinct)
    telling = weights.max(axis=0) > NEGLIGIBLE
    nodes, weights = nodes[:, telling], weights[:, telling]
    power = shape[:, np.newaxis]
    found = np.empty((len(b), len(times)))
    for column, time in enumerate(times):
        reach = (time / rate)[:, np.newaxis]
        bought = -np.expm1(-power * np.log1p(nodes[which] * reach)) / nodes[which]
        found[:, column] = (bought * weights[which]).sum(axis=1)
    return found
