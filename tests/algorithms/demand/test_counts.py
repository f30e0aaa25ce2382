"""Counts that vary more than Poisson's, and what to order of them: against scipy, and against trying every quantity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession
from scipy import stats

from vitalfew.algorithms.demand.count_columns import Ask, with_quantiles, with_shortages
from vitalfew.algorithms.demand.negative_binomial import LARGE, quantiles, shortage
from vitalfew.algorithms.demand.newsvendor import best_quantity, critical_ratio, expected_cost

RANDOM = np.random.default_rng(4)
MEANS = 10 ** RANDOM.uniform(-2, 4, 300)
SPREADS = np.where(RANDOM.random(300) < 0.2, 0.0, 10 ** RANDOM.uniform(-3, 0.5, 300))


def of_scipy(mean: float, dispersion: float) -> Any:
    if dispersion == 0:
        return stats.poisson(mean)
    return stats.nbinom(1 / dispersion, 1 / (1 + dispersion * mean))


@pytest.mark.parametrize("probability", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_quantiles_are_those_of_scipy_and_of_large_counts_within_two_packs(probability: float) -> None:
    found = quantiles(MEANS, SPREADS, np.full((MEANS.size, 1), probability))[:, 0]
    expected = np.array([of_scipy(*each).ppf(probability) for each in zip(MEANS, SPREADS, strict=True)])
    small = MEANS <= LARGE
    assert (found[small] == expected[small]).all()
    assert (np.abs(found - expected)[~small] <= 2 * np.ceil(MEANS[~small] / LARGE)).all()


def test_several_quantiles_at_once_are_those_one_by_one() -> None:
    asked = np.sort(RANDOM.random((MEANS.size, 3)), axis=1)
    together = quantiles(MEANS, SPREADS, asked)
    assert all((together[:, [k]] == quantiles(MEANS, SPREADS, asked[:, [k]])).all() for k in range(3))


def test_the_shortage_is_the_sum_over_all_counts() -> None:
    quantity = np.floor(MEANS * RANDOM.uniform(-0.1, 2, MEANS.size))
    found = shortage(MEANS, SPREADS, quantity)
    for at in range(0, MEANS.size, 7):
        below = np.arange(max(int(quantity[at]), 0))
        expected = MEANS[at] - min(quantity[at], 0) - stats_of_more(at, below)
        assert found[at] == pytest.approx(expected, abs=0.001 * MEANS[at] + 1e-9)


def stats_of_more(at: int, below: np.ndarray) -> float:
    return float((1 - of_scipy(MEANS[at], SPREADS[at]).cdf(below)).sum())


def test_nothing_is_asked_for_where_the_mean_is_zero() -> None:
    nothing = np.zeros(2)
    assert quantiles(nothing, np.array([0.0, 3.0]), np.full((2, 1), 0.99)).tolist() == [[0], [0]]
    assert shortage(nothing, np.array([0.0, 3.0]), np.array([0.0, 5.0])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        (stats.uniform(50, 30), 58.571),
        (stats.norm(50, 20), 38.681),
        (stats.lognorm(0.2, scale=50), 44.649),  # median 50,
    ],
)
def test_published_newsvendors_at_two_sevenths(demand: Any, expected: float) -> None:
    assert critical_ratio(2, 5) == pytest.approx(2 / 7)
    assert best_quantity(demand.ppf, 2, 5) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("mean", "dispersion", "costs"), [(3.0, 0.5, (3, 1)), (0.4, 0.0, (9, 1)), (40.0, 0.1, (1, 4))])
def test_no_other_quantity_has_a_lower_expected_cost(
    mean: float, dispersion: float, costs: tuple[float, float]
) -> None:
    best = best_quantity(lambda p: quantiles(np.array([mean]), np.array([dispersion]), np.array([[p]]))[0, 0], *costs)
    every = np.arange(200.0)
    short = shortage(np.full(200, mean), np.full(200, dispersion), every)
    cost = expected_cost(mean, short, every, *costs)
    assert cost[best] == pytest.approx(cost.min())
    counts = np.arange(2000)
    chance = of_scipy(mean, dispersion).pmf(counts)
    wrong = np.where(counts > best, costs[0] * (counts - best), costs[1] * (best - counts))
    assert cost[best] == pytest.approx((chance * wrong).sum(), rel=1e-9)


@pytest.mark.both_engines
def test_columns_of_quantiles_and_shortages(spark: SparkSession) -> None:
    rows = [("a", 2.0, 0.5, 0.9, 3), ("b", 0.0, 0.0, 0.9, 1), ("c", None, 0.1, 0.5, 2)]
    frame = spark.createDataFrame(rows, "id string, mean double, spread double, p double, quantity bigint")
    wide = with_shortages(
        with_quantiles(frame, [Ask("high", "mean", "spread", "p")]), [Ask("short", "mean", "spread", "quantity")]
    )
    found = {row["id"]: (row["high"], row["short"]) for row in wide.collect()}
    expected = shortage(np.array([2.0]), np.array([0.5]), np.array([3.0]))[0]
    assert found == {"a": (of_scipy(2, 0.5).ppf(0.9), pytest.approx(expected)), "b": (0, 0.0), "c": (None, None)}
