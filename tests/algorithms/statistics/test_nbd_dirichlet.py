"""The NBD-Dirichlet: a published category, and markets that are drawn from the model itself."""

from __future__ import annotations

import numpy as np
import pytest

from vitalfew.algorithms.statistics.nbd_dirichlet import Category, category, diversity, expected


def test_a_category_of_penetration_056_and_rate_26_has_m_1456_and_k_07788() -> None:
    found = category(0.56, 2.6)
    assert found is not None
    assert found.mean == pytest.approx(1.456)
    assert found.exponent == pytest.approx(0.7788, abs=5e-5)


def test_a_market_drawn_from_the_model_gives_its_figures_back() -> None:
    rng = np.random.default_rng(1984)
    customers, shares, s = 200_000, np.array([0.5, 0.3, 0.15, 0.05]), 1.2
    of = Category(mean=3.0, exponent=0.8)
    n = rng.poisson(rng.gamma(of.exponent, of.mean / of.exponent, customers))
    bought = rng.multinomial(n, rng.dirichlet(s * shares, customers))
    buyers = bought > 0
    penetration = buyers.mean(axis=0)
    measured = category(float((n > 0).mean()), float(n.sum() / (n > 0).sum()))
    assert measured is not None
    assert measured.exponent == pytest.approx(of.exponent, rel=0.02)
    found = diversity(measured, bought.sum(axis=0) / n.sum(), penetration)
    assert found == pytest.approx(s, rel=0.03)
    ours = expected(of, shares, s)
    assert ours.penetration == pytest.approx(penetration, rel=0.02)
    assert ours.rate == pytest.approx(bought.sum(axis=0) / buyers.sum(axis=0), rel=0.02)
    requirements = bought.sum(axis=0) / (buyers * n[:, None]).sum(axis=0)
    assert ours.requirements == pytest.approx(requirements, rel=0.02)
    assert ours.repeat == pytest.approx((bought > 1).sum(axis=0) / buyers.sum(axis=0), rel=0.02)


def test_smaller_brands_are_bought_by_fewer_and_less_often() -> None:
    ours = expected(Category(3.0, 0.8), np.array([0.1, 0.2, 0.4]), 1.0)
    assert np.all(np.diff(ours.rate) > 0)  # double jeopardy
    assert np.all(np.diff(ours.requirements) > 0)


def test_where_no_such_category_is_thinkable_there_is_none() -> None:
    for penetration, rate in ((0.0, 2.0), (1.0, 2.0), (0.5, 1.0), (0.9, 1.01)):
        assert category(penetration, rate) is None


def test_a_brand_alone_in_its_category_says_nothing_of_preference() -> None:
    assert diversity(Category(3.0, 0.8), np.array([1.0]), np.array([0.6])) is None


def test_customers_who_each_keep_to_one_brand_are_beyond_any_s() -> None:
    of = Category(3.0, 0.8)
    total = 1 - (1 + of.mean / of.exponent) ** -of.exponent
    assert diversity(of, np.array([0.5, 0.5]), np.array([total, total]) / 2.5) is None
