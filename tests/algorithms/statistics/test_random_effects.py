"""Estimates of the like: published figures come out, and each estimate is drawn to the mean as far as it should be."""

from __future__ import annotations

import numpy as np
import pytest

from vitalfew.algorithms.statistics.random_effects import Pooled, pooled, shrunk

BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)
"""Thirteen trials of the BCG vaccine (Colditz et al. 1994): cases and others, vaccinated and not."""


def test_the_published_mean_of_the_bcg_trials_comes_out() -> None:
    """Logarithm of the risk ratio by DerSimonian & Laird, as metafor prints it: -0.7141 (0.1787), tau2 0.3088."""
    a, b, c, d = np.array(BCG, float).T
    found = pooled(np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))
    assert found.mean == pytest.approx(-0.7141, abs=5e-5)
    assert found.error == pytest.approx(0.1787, abs=5e-5)
    assert found.between == pytest.approx(0.3088, abs=5e-5)
    assert found.heterogeneity == pytest.approx(0.9212, abs=5e-5)


def test_one_estimate_is_its_own_mean() -> None:
    assert pooled(np.array([2.0]), np.array([0.5])) == Pooled(2.0, 0.5, 0.0, 0.0, 1)


def test_equal_estimates_lie_apart_by_nothing() -> None:
    found = pooled(np.full(4, -1.5), np.array([0.1, 0.2, 0.3, 0.4]))
    assert found.mean == pytest.approx(-1.5)
    assert (found.between, found.heterogeneity) == (0.0, 0.0)


def test_drawn_estimates_are_nearer_to_the_truth_and_their_intervals_hold_it() -> None:
    random = np.random.default_rng(5)
    nearer, held = [], []
    for _ in range(200):
        truth = random.normal(-2, 0.6, 12)
        errors = random.uniform(0.3, 1.2, 12)
        own = random.normal(truth, errors)
        middle, error = shrunk(own, errors, pooled(own, errors))
        nearer.append(np.mean((middle - truth) ** 2) < np.mean((own - truth) ** 2))
        held += (np.abs(middle - truth) <= 1.96 * error).tolist()
    assert np.mean(nearer) > 0.85
    assert 0.91 <= np.mean(held) <= 0.98
