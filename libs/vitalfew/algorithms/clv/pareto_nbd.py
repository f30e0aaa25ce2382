"""Pareto/NBD: customers buy at random while they are alive, and may leave at any time.

Schmittlein, Morrison and Colombo (1987), Management Science 33(1); Fader and Hardie (2005), "A Note on Deriving the
Pareto/NBD Model and Related Expressions". Purchases at rate lambda ~ Gamma(r, alpha), leaving at rate mu ~ Gamma(s,
beta). Times in weeks.
"""

from __future__ import annotations

import numpy as np

from vitalfew.dataframes.arrays import Floats

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
NEGLIGIBLE = 40.0
"""The integrand is followed until it has fallen by this many powers of e."""


def left_meanwhile(parameters: Floats, x: Floats, t_x: Floats, age: Floats) -> tuple[Floats, Floats]:
    """ln of the integral from t_x to T of (alpha+u)^-(r+x) (beta+u)^-(s+1), and its gradient.

    The papers write it as a difference of two hypergeometric functions, which cancels; Gauss-Legendre quadrature in
    the logarithm of time, as far as the integrand matters, is good to twelve digits and gives the gradient with it.
    """
    r, alpha, s, beta = parameters
    least = min(alpha, beta)
    slope = (least + t_x) * ((r + x) / (alpha + t_x) + (s + 1) / (beta + t_x)) - 1  # at t_x; it gets only steeper
    reach = np.where(slope > 0, NEGLIGIBLE / np.where(slope > 0, slope, 1.0), np.inf)
    width = np.minimum(np.log1p((age - t_x) / (least + t_x)), reach)
    shift = width[:, np.newaxis] * (NODES + 1) / 2
    to_least = np.log(least + t_x)[:, np.newaxis] + shift
    time = np.exp(to_least) - least
    to_other = np.log(max(alpha, beta) + time)
    to_alpha, to_beta = (to_least, to_other) if alpha <= beta else (to_other, to_least)
    power = (r + x)[:, np.newaxis]
    terms = -power * to_alpha - (s + 1) * to_beta + to_least + np.log(WEIGHTS / 2)
    top = terms.max(axis=1, keepdims=True)
    shares = np.exp(terms - top)
    total = shares.sum(axis=1)
    shares = shares / total[:, np.newaxis]
    with np.errstate(divide="ignore"):  # who bought on the last day has had no time to leave
        logs = top[:, 0] + np.log(total) + np.log(width)
    derivatives = (-to_alpha, -power / (alpha + time), -to_beta, -(s + 1) / (beta + time))
    return logs, np.array([(shares * each).sum(axis=1) for each in derivatives])


def p_alive(parameters: Floats, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """The probability that a customer with this history has not left."""
    r, alpha, s, beta = parameters
    logs, _ = left_meanwhile(parameters, x, t_x, age)
    odds = np.log(s) + logs + (r + x) * np.log(alpha + age) + s * np.log(beta + age)
    return np.asarray(1 / (1 + np.exp(np.minimum(odds, 700.0))))


def expected_purchases(parameters: Floats, x: Floats, t_x: Floats, age: Floats, times: Floats) -> Floats:
    """E[Y(t) | x, t_x, T] for each history (row) and each of `times`, in weeks from now (column)."""
    r, alpha, s, beta = parameters
    stay = np.log1p(times[np.newaxis, :] / (beta + age)[:, np.newaxis])
    lasting = stay if abs(s - 1) < 1e-8 else -np.expm1(-(s - 1) * stay) / (s - 1)
    rate = (r + x) / (alpha + age) * (beta + age) * p_alive(parameters, x, t_x, age)
    return np.asarray(rate[:, np.newaxis] * lasting)
