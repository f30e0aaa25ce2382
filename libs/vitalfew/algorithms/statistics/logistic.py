"""Logistic regression with a prior, for data that fits the driver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from vitalfew.algorithms.one_thread import one_thread
from vitalfew.dataframes.arrays import Floats

MOST_STEPS = 10_000
MOST_NEWTON_STEPS = 100
CLOSE = 1e-10


@dataclass(frozen=True)
class Fit:
    """Log-odds are intercept + x @ weights; `means` are the means of the columns of x."""

    intercept: float
    weights: Floats
    means: Floats


def fit(
    x: Floats, y: Floats, prior: Sequence[float], never_negative: Sequence[int] = (), least_scale: float = 0.0
) -> Fit:
    """The posterior mode, the prior (intercept first, then weights) being worth one observation per standard unit.

    The standard unit of a column is its deviation, or `least_scale` where that is more: what hardly differs in `x` may
    differ elsewhere. Weights of the columns `never_negative` are zero or more. Without rows the prior is the answer.
    """
    if len(x) == 0:
        return Fit(prior[0], np.array(prior[1:]), np.zeros(len(prior) - 1))
    means, scales = x.mean(axis=0), x.std(axis=0)
    scales = np.where(scales > CLOSE, np.maximum(scales, least_scale), 1.0)
    standard = np.column_stack([np.ones(len(x)), (x - means) / scales])
    start = np.concatenate([[prior[0] + means @ np.array(prior[1:])], np.array(prior[1:]) * scales])
    bounds = [(0.0 if column - 1 in never_negative else -np.inf, np.inf) for column in range(len(start))]
    found = mode(standard, y, start, bounds)
    weights = found[1:] / scales
    return Fit(float(found[0] - means @ weights), weights, means)


def mode(x: Floats, y: Floats, prior: Floats, bounds: Sequence[tuple[float, float]]) -> Floats:
    """Where the posterior is highest within `bounds`, from the prior on: by Newton's steps where nothing bounds it.

    Elsewhere by scipy's L-BFGS-B, which takes hundreds of steps where columns are powers and products of each other.
    """
    low, high = np.array(bounds).T

    def loss(beta: Floats) -> tuple[float, Floats]:
        """Minus the logarithm of the posterior, up to a constant, and its gradient."""
        odds, off = x @ beta, beta - prior
        value = float(np.sum(np.logaddexp(0, odds) - y * odds) + off @ off / 2)
        return value, x.T @ (scipy.special.expit(odds) - y) + off

    if not np.isfinite(low).any():
        with one_thread():
            return by_newton(x, prior, loss)
    options = {"maxiter": MOST_STEPS, "ftol": 0.0, "gtol": CLOSE}
    start, search = np.clip(prior, low, high), scipy.optimize.minimize
    with one_thread():
        found = search(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def by_newton(x: Floats, start: Floats, loss: Callable[[Floats], tuple[float, Floats]]) -> Floats:
    """The least of `loss`, which the prior makes strictly convex; a step that does not lead down is halved."""
    beta = start
    value, slope = loss(beta)
    for _ in range(MOST_NEWTON_STEPS):
        p = scipy.special.expit(x @ beta)
        step = np.linalg.solve((x * (p * (1 - p))[:, np.newaxis]).T @ x + np.eye(len(beta)), slope)
        part = 1.0
        while part > CLOSE and loss(beta - part * step)[0] > value:
            part /= 2
        if part <= CLOSE:
            break
        beta = beta - part * step
        value, slope = loss(beta)
        if np.abs(step).max() <= CLOSE * (1 + np.abs(beta).max()):
            break
    return beta
