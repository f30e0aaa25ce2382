"""MBG/NBD, fitted: what the driver does; see `mbg_nbd` for the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitalfew.algorithms.clv.gamma_functions import digamma, gammaln
from vitalfew.algorithms.clv.maximum_likelihood import Estimate, maximise, starts_for, weighted
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.arrays import Floats

NAMES = ("r", "alpha", "a", "b")
STARTS = ((0.5, 6.0, 0.9, 1.6), (1.0, 1.0, 1.0, 1.0), (0.5, 20.0, 0.2, 5.0))


def fit(histories: Histories, near: Sequence[float] | None = None) -> Estimate:
    """The parameters under which `histories` are likeliest; `near`: parameters from which to begin."""
    starts = starts_for(len(histories.x), STARTS, lambda every: fit(histories.thinned(every)), near)
    objective = weighted(lambda parameters: log_likelihood(parameters, histories), histories.weight)
    return maximise(objective, NAMES, starts, float(histories.weight.sum()))


def log_likelihood(parameters: Floats, histories: Histories) -> tuple[Floats, Floats]:
    """For each history the log-likelihood, and its gradient (one row a parameter)."""
    r, alpha, a, b = parameters
    x, t_x, age = histories.x, histories.t_x, histories.age
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x + 1)
    stayed = np.log(b + x) - (r + x) * np.log(alpha + age)
    left_then = np.log(a) - (r + x) * np.log(alpha + t_x)
    mixed = np.logaddexp(stayed, left_then)
    alive, left = np.exp(stayed - mixed), np.exp(left_then - mixed)
    of_total = digamma(a + b) - digamma(a + b + x + 1)
    gradient = np.array(
        [
            digamma(r + x) - digamma(r) + np.log(alpha) - alive * np.log(alpha + age) - left * np.log(alpha + t_x),
            r / alpha - (r + x) * (alive / (alpha + age) + left / (alpha + t_x)),
            of_total + left / a,
            of_total + digamma(b + x) - digamma(b) + alive / (b + x),
        ]
    )
    return a1 + a2 + mixed, gradient
