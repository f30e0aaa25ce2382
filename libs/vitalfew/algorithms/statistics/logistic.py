"""Logistic regression with a prior, for data that fits the driver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from vitalfew.algorithms.one_thread import one_thread
from vitalfew.dataframes.arrays import Floats

MOST_STEPS = 10_000
CLOSE = 1e-10


@dataclass(frozen=True)
class Fit:
    """Log-odds are intercept + x @ weights; `means` are the means of the columns of x."""

    intercept: float
    weights: Floats
    means: Floats


def fit(x: Floats, y: Floats, prior: Sequence[float], never_negative: Sequence[int] = ()) -> Fit:
    """The posterior mode, the prior (intercept first, then weights) being worth one observation per standard unit.

    Weights of the columns `never_negative` are zero or more. Without rows the prior is the answer.
    """
    if len(x) == 0:
        return Fit(prior[0], np.array(prior[1:]), np.zeros(len(prior) - 1))
    means, scales = x.mean(axis=0), x.std(axis=0)
    scales = np.where(scales > CLOSE, scales, 1.0)
    standard = np.column_stack([np.ones(len(x)), (x - means) / scales])
    start = np.concatenate([[prior[0] + means @ np.array(prior[1:])], np.array(prior[1:]) * scales])
    bounds = [(0.0 if column - 1 in never_negative else -np.inf, np.inf) for column in range(len(start))]
    found = mode(standard, y, start, bounds)
    weights = found[1:] / scales
    return Fit(float(found[0] - means @ weights), weights, means)


def mode(x: Floats, y: Floats, prior: Floats, bounds: Sequence[tuple[float, float]]) -> Floats:
    """Where the posterior is highest within `bounds`, from the prior on, by scipy's L-BFGS-B."""
    low, high = np.array(bounds).T

    def loss(beta: Floats) -> tuple[float, Floats]:
        """Minus the logarithm of the posterior, up to a constant, and its gradient."""
        odds, off = x @ beta, beta - prior
        value = float(np.sum(np.logaddexp(0, odds) - y * odds) + off @ off / 2)
        return value, x.T @ (scipy.special.expit(odds) - y) + off

    options = {"maxiter": MOST_STEPS, "ftol": 0.0, "gtol": CLOSE}
    start, search = np.clip(prior, low, high), scipy.optimize.minimize
    with one_thread():
        found = search(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)
