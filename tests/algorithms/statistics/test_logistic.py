"""Logistic regression with a prior."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from vitalfew.algorithms.statistics.logistic import fit

Floats = NDArray[np.float64]


def drawn(weights: list[float], n: int = 4000, seed: int = 1) -> tuple[Floats, Floats]:
    """Random observations of which the log-odds are -1 + x @ weights."""
    rng = np.random.default_rng(seed)
    x = rng.normal(2.0, [1.0, 3.0, 0.5], size=(n, 3))
    p = 1 / (1 + np.exp(1 - (x - 2.0) @ np.array(weights)))
    return x, (rng.random(n) < p).astype(float)


def test_the_weights_behind_the_data_are_found() -> None:
    x, y = drawn([1.0, -0.5, 0.0])
    found = fit(x, y, prior=[0.0] * 4)
    assert found.weights == pytest.approx([1.0, -0.5, 0.0], abs=0.2)
    assert found.intercept + 2 * found.weights.sum() == pytest.approx(-1.0, abs=0.1)
    assert found.means == pytest.approx(x.mean(axis=0))


def test_the_fit_is_the_mode_of_the_posterior() -> None:
    """A general optimiser, on the same posterior in other words, finds the same."""
    x, y = drawn([0.5, 0.2, 2.0], n=60)
    prior = [-0.5, 1.0, 0.0, 1.0]
    means, scales = x.mean(axis=0), x.std(axis=0)
    centre = np.array([prior[0] + means @ prior[1:], *(np.array(prior[1:]) * scales)])

    def loss(beta: Floats) -> float:
        odds = beta[0] + ((x - means) / scales) @ beta[1:]
        return float(np.log1p(np.exp(-np.where(y > 0, odds, -odds))).sum() + ((beta - centre) ** 2).sum() / 2)

    best = minimize(loss, centre, method="BFGS", options={"gtol": 1e-8}).x
    found = fit(x, y, prior)
    assert found.weights * scales == pytest.approx(best[1:], abs=1e-4)
    assert found.intercept + means @ found.weights == pytest.approx(best[0], abs=1e-4)


def test_a_weight_that_must_not_be_negative_is_zero_and_the_others_are_fitted_without_it() -> None:
    x, y = drawn([1.0, -0.5, 0.3])
    found = fit(x, y, prior=[0.0] * 4, never_negative=[1, 2])
    without = fit(x[:, [0, 2]], y, prior=[0.0] * 3)
    assert found.weights[1] == 0
    assert found.weights[[0, 2]] == pytest.approx(without.weights, abs=1e-6)


def test_without_data_the_prior_is_the_answer() -> None:
    found = fit(np.empty((0, 2)), np.empty(0), prior=[-3.0, 1.0, 2.0])
    assert (found.intercept, [*found.weights]) == (-3.0, [1.0, 2.0])


def test_what_never_varies_keeps_its_prior_weight_and_what_separates_perfectly_stays_finite() -> None:
    x = np.column_stack([np.ones(50), np.repeat([0.0, 1.0], 25)])
    found = fit(x, np.repeat([0.0, 1.0], 25), prior=[0.0, 0.7, 0.0])
    assert found.weights[0] == pytest.approx(0.7)
    assert 1 < found.weights[1] < 20


def test_outcomes_far_from_the_prior_are_reached_in_shorter_steps() -> None:
    x, y = drawn([1.0, 0.0, 0.0], n=500)
    found = fit(x, y, prior=[40.0, -30.0, 0.0, 0.0])
    assert np.isfinite(found.weights).all()
    assert found.weights[0] > -10
