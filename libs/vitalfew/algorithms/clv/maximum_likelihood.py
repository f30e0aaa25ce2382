"""Maximum likelihood of models with parameters above zero: several starts, standard errors, honest verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from vitalfew.algorithms.one_thread import one_thread
from vitalfew.dataframes.arrays import Floats

Objective = Callable[[Floats], tuple[float, Floats]]
"""Parameters to the log-likelihood and its gradient in them."""

LARGEST = 1e7
DEGENERATE = 1e5
"""A parameter beyond this, or below its inverse, has run away: the data do not say where it is."""
VAGUE = 3.0
"""A standard error of the logarithm beyond this leaves a parameter open by a factor of twenty either way."""
MANY = 4_000
"""With more rows, the search begins where a search over about this many of them ended."""
STEP = 1e-5
SEARCH: dict[str, Any] = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7}
LOOK: dict[str, Any] = {"maxiter": 12, "ftol": 1e-7, "gtol": 1e-4}
"""From each of several starts the search goes only so far; it ends from the best of the places reached."""
STEEP = 1e-3
"""Largest slope in a log-parameter, for one observation in a thousand, at which the top counts as reached."""


@dataclass(frozen=True)
class Estimate:
    """A fitted model. `errors` are standard errors by the delta method, NaN where the likelihood has no curved top."""

    names: tuple[str, ...]
    values: Floats
    errors: Floats
    log_likelihood: float
    problem: str | None

    @property
    def parameters(self) -> dict[str, float]:
        return dict(zip(self.names, (float(value) for value in self.values), strict=True))


def starts_for(
    rows: int,
    starts: Sequence[Sequence[float]],
    fit_every: Callable[[int], Estimate],
    near: Sequence[float] | None = None,
) -> Sequence[Sequence[float]]:
    """Where to begin: at `near`, if it is known; with many rows, at the top for a thinned table."""
    if near is not None:
        return [near]
    if rows <= MANY:
        return starts
    return [fit_every(-(-rows // MANY)).values.tolist()]


def weighted(of_each: Callable[[Floats], tuple[Floats, Floats]], weight: Floats) -> Objective:
    """The sum over observations of which each stands for `weight`; the gradient `of_each` has one row a parameter."""

    def objective(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = of_each(parameters)
        return float(weight @ value), gradient @ weight

    return objective


def maximise(
    objective: Objective, names: Sequence[str], starts: Sequence[Sequence[float]], observations: float
) -> Estimate:
    """The best of the tops reached from all `starts`, in the logarithms of the parameters."""
    bound = float(np.log(LARGEST))

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, gradient = objective(np.exp(logs))
        return -value / observations, -gradient * np.exp(logs) / observations

    search: Any = scipy.optimize.minimize  # the types that some versions of SciPy ship know one form of array only
    bounds = [(-bound, bound)] * len(names)

    def climb(at: Floats, options: dict[str, Any]) -> Any:
        return search(loss, at, jac=True, method="L-BFGS-B", bounds=bounds, options=options, callback=stop_runaway)

    places = [np.log(at) for at in starts]
    with one_thread():
        if len(places) > 1:
            seen = [climb(at, LOOK) for at in places]
            places = [min((at for at in seen if np.isfinite(at.fun)), key=lambda at: float(at.fun), default=seen[0]).x]
        best = climb(places[0], SEARCH)
    logs = np.asarray(best.x, dtype=float)
    values, spread = np.exp(logs), log_errors(loss, logs, observations)
    slope = float(np.abs(loss(logs)[1]).max())
    return Estimate(
        tuple(names), values, values * spread, float(-best.fun * observations), problem(names, values, spread, slope)
    )


def stop_runaway(logs: Floats) -> None:
    """End the search once a parameter has run away: the fit is degenerate, wherever it would end."""
    if np.abs(logs).max() > np.log(DEGENERATE):
        raise StopIteration


def log_errors(loss: Objective, logs: Floats, observations: float) -> Floats:
    """Standard errors of the log-parameters from the curvature at the top; NaN where it is not curved everywhere."""
    size = len(logs)
    rows = [(loss(logs + step)[1] - loss(logs - step)[1]) / (2 * STEP) for step in np.eye(size) * STEP]
    hessian = (np.array(rows) + np.array(rows).T) / 2 * observations
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() <= 0:
        return np.full(size, np.nan)
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(hessian))))


def problem(names: Sequence[str], values: Floats, spread: Floats, slope: float) -> str | None:
    """Why a fit is not to be used; None if it may."""
    for name, value in zip(names, values, strict=True):
        if value >= DEGENERATE:
            return f"degenerate: {name} grew to {value:.3g}, the data do not identify it"
        if value <= 1 / DEGENERATE:
            return f"degenerate: {name} shrank to {value:.3g}, the data do not identify it"
    if np.isnan(spread).any():
        return "degenerate: the likelihood has no curved top"
    if slope > STEEP:
        return f"not converged: the likelihood still rises (slope {slope:.2g} for one customer)"
    vague = int(np.argmax(spread))
    if spread[vague] > VAGUE:
        return f"degenerate: {names[vague]} is known only to a factor of {np.exp(min(spread[vague], 700.0)):.3g}"
    return None
