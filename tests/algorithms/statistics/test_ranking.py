"""Areas, monotone rates and over-represented values, against scikit-learn, formulas written out, and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from vitalfew.algorithms.statistics.monotone import Curve, curve, log_odds, pooled
from vitalfew.algorithms.statistics.over_represented import difference, ratio_interval
from vitalfew.algorithms.statistics.ranking import auc, clustered_error, lift_of_first


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_that_of_scikit_learn_with_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score, outcome = rng.integers(0, 6, 80).astype(float), rng.random(80) < 0.3
    found = auc(score, outcome)
    assert found is not None
    assert found.value == pytest.approx(roc_auc_score(outcome, score), abs=1e-12)
    assert found.influence.sum() == pytest.approx(0, abs=1e-12)
    assert auc(score, np.zeros(80, dtype=bool)) is None


def test_the_error_of_an_area_is_what_samples_differ_by_and_rows_of_one_person_count_once() -> None:
    rng = np.random.default_rng(7)
    areas, errors, doubled = [], [], []
    for _ in range(400):
        outcome = rng.random(150) < 0.3
        score = rng.normal(0, 1, 150) + outcome
        found = auc(score, outcome)
        assert found is not None
        areas.append(found.value)
        errors.append(clustered_error(found.influence, np.arange(150)))
        twice = auc(np.tile(score, 2), np.tile(outcome, 2))
        assert twice is not None
        doubled.append(clustered_error(twice.influence, np.tile(np.arange(150), 2)))
    assert np.mean(errors) == pytest.approx(np.std(areas), rel=0.1)
    assert doubled == pytest.approx(errors)


def test_the_lift_of_the_first_tenth_shares_places_among_ties() -> None:
    score, outcome = np.array([3.0, 2, 2, 1, 0]), np.array([True, True, False, False, False])
    assert lift_of_first(score, outcome, 0.2) == pytest.approx(2.5), "one of two hits in a fifth"
    assert lift_of_first(score, outcome, 0.4) == pytest.approx(1.5 / 0.8), "half of the two at the edge"
    assert lift_of_first(np.zeros(10), np.arange(10) < 3, 0.1) == pytest.approx(1)
    assert lift_of_first(score, np.zeros(5, dtype=bool), 0.2) is None


@pytest.mark.parametrize("seed", range(5))
def test_pooled_rates_are_the_isotonic_regression_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rates, weights = rng.random(12), rng.integers(1, 30, 12).astype(float)
    expected = IsotonicRegression().fit_transform(np.arange(12), rates, sample_weight=weights)
    assert pooled(rates, weights) == pytest.approx(expected, abs=1e-12)


def test_a_curve_puts_wrong_odds_right_and_keeps_their_order() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(-2, 1, 40_000)
    outcome = rng.random(40_000) < 1 / (1 + np.exp(-truth))
    wrong = 2 * truth + 1
    found = curve(wrong, outcome)
    assert found.at(np.array([-3.0, -1.0])) == pytest.approx([-2.0, -1.0], abs=0.12)
    grid = found.at(np.linspace(-20, 20, 200))
    assert (np.diff(grid) > 0).all()
    noise = curve(rng.normal(-2, 1, 3000), rng.random(3000) < 0.1)
    assert (np.diff(noise.at(np.linspace(-8, 4, 300))) > 0).all(), "no ties, also where bins are pooled"
    assert grid[1] - grid[0] == pytest.approx(40 / 199), "of slope 1 beyond the knots"
    assert curve(truth[:50], np.arange(50) < 30) == Curve(), "too few outcomes: as they are"
    assert Curve().at(truth) is truth
    assert log_odds(np.array([0.0, 0.5]))[1] == 0


def test_values_are_compared_as_monroe_colaresi_and_quinn_do() -> None:
    first, second, prior = [30.0, 5.0, 65.0], [40.0, 40.0, 320.0], 10.0
    found = difference(np.array(first), np.array(second), prior)
    for place in range(3):
        a = prior * (first[place] + second[place]) / 500
        odds = [math.log((y[place] + a) / (sum(y) + prior - y[place] - a)) for y in (first, second)]
        z = (odds[0] - odds[1]) / math.sqrt(1 / (first[place] + a) + 1 / (second[place] + a))
        assert found.log_odds[place] == pytest.approx(odds[0] - odds[1])
        assert found.z[place] == pytest.approx(z)
        assert math.exp(found.log_p[place]) == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))
    assert found.log_odds[0] > 0 > found.log_odds[1]


def test_an_interval_of_a_ratio_of_shares_holds_it() -> None:
    low, high = ratio_interval(30, 100, 40, 400, 1.96)
    middle, error = math.log(30.5 / 100.5 / (40.5 / 400.5)), math.sqrt(1 / 30.5 - 1 / 100.5 + 1 / 40.5 - 1 / 400.5)
    assert (low, high) == pytest.approx((math.exp(middle - 1.96 * error), math.exp(middle + 1.96 * error)))
    assert ratio_interval(0, 0, 5, 5, 1.96)[0] > 0, "of nobody, nothing breaks"
