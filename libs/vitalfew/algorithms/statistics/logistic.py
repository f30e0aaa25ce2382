"""Logistic regression with a prior, for data that fits the driver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Floats

MOST_STEPS = 50
CLOSE = 1e-10


@dataclass(frozen=True)
class Fit:
    """Log-odds are intercept + x @ weights; `means` are the means of the columns of x."""

    intercept: float
    weights: Floats
    means: Floats


def fit(x: Floats, y: Floats, prior: Sequence[float], never_negative: Sequence[int] = ()) -> Fit:
    """The posterior mode, the prior (intercept first, then weights) being worth one observation per standard unit.

    Weights of the columns `never_negative` that would be below zero are zero. Without rows the prior is the answer.
    """
    if len(x) == 0:
        return Fit(prior[0], np.array(prior[1:]), np.zeros(len(prior) - 1))
    means, scales = x.mean(axis=0), x.std(axis=0)
    scales = np.where(scales > CLOSE, scales, 1.0)
    standard = np.column_stack([np.ones(len(x)), (x - means) / scales])
    start = np.concatenate([[prior[0] + means @ np.array(prior[1:])], np.array(prior[1:]) * scales])
    active = np.ones(len(start), dtype=bool)
    while True:
        found = np.zeros(len(start))
        found[active] = newton(standard[:, active], y, start[active])
        below = [column + 1 for column in never_negative if found[column + 1] < 0]
        if not below:
            break
        active[below] = False
    weights = found[1:] / scales
    return Fit(float(found[0] - means @ weights), weights, means)


def newton(x: Floats, y: Floats, prior: Floats) -> Floats:
    """The mode by Newton's method from the prior, steps halved until the penalised likelihood does not fall."""
    beta = prior.copy()
    best = loss(x, y, beta, prior)
    for _ in range(MOST_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (p - y) + (beta - prior)
        hessian = (x * (p * (1 - p))[:, np.newaxis]).T @ x + np.eye(len(beta))
        step = np.linalg.solve(hessian, gradient)
        while (now := loss(x, y, beta - step, prior)) > best + CLOSE and np.abs(step).max() > CLOSE:
            step = step / 2
        beta, best = beta - step, now
        if np.abs(step).max() < CLOSE:
            break
    return beta


def loss(x: Floats, y: Floats, beta: Floats, prior: Floats) -> float:
    """Minus the logarithm of the posterior, up to a constant."""
    odds = x @ beta
    return float(np.sum(np.logaddexp(0, odds) - y * odds) + ((beta - prior) ** 2).sum() / 2)
