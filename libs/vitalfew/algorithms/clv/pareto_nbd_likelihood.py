"""Pareto/NBD, fitted: what the driver does; see `pareto_nbd` for the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitalfew.algorithms.clv.gamma_functions import digamma, gammaln
from vitalfew.algorithms.clv.maximum_likelihood import Estimate, maximise, starts_for, weighted
from vitalfew.algorithms.clv.pareto_nbd import left_meanwhile
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.arrays import Floats

NAMES = ("r", "alpha", "s", "beta")
STARTS = ((0.5, 10.0, 0.6, 12.0), (1.0, 1.0, 1.0, 1.0), (1.5, 5.0, 0.3, 30.0))


def fit(histories: Histories, near: Sequence[float] | None = None) -> Estimate:
    """The parameters under which `histories` are likeliest; `near`: parameters from which to begin."""
    starts = starts_for(len(histories.x), STARTS, lambda every: fit(histories.thinned(every)), near)
    objective = weighted(lambda parameters: log_likelihood(parameters, histories), histories.weight)
    return maximise(objective, NAMES, starts, float(histories.weight.sum()))


def log_likelihood(parameters: Floats, histories: Histories) -> tuple[Floats, Floats]:
    """For each history the log-likelihood, and its gradient (one row a parameter)."""
    r, alpha, s, beta = parameters
    x, age = histories.x, histories.age
    logs, slopes = left_meanwhile(parameters, x, histories.t_x, age)
    stayed = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    mixed = np.logaddexp(stayed, np.log(s) + logs)
    alive, left = np.exp(stayed - mixed), np.exp(np.log(s) + logs - mixed)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + mixed
    gradient = np.array(
        [
            digamma(r + x) - digamma(r) + np.log(alpha) - alive * np.log(alpha + age) + left * slopes[0],
            r / alpha - alive * (r + x) / (alpha + age) + left * slopes[1],
            np.log(beta) - alive * np.log(beta + age) + left * (slopes[2] + 1 / s),
            s / beta - alive * s / (beta + age) + left * slopes[3],
        ]
    )
    return value, gradient
