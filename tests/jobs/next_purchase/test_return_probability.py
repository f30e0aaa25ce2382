"""The probability to return: predicted on days that no formula has seen, and held against who came."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from seasonal_shop import on, shop

from vitalfew.jobs.next_purchase.evidence import gathered, measured_days
from vitalfew.jobs.next_purchase.origins import Origin, origin
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.return_probability import (
    ARRAYS,
    Calibrated,
    by_model,
    measured,
    mixed,
    share_of_model,
    told_by_model,
)

PARAMS = NextPurchaseParams(horizons_days=(30, 90, 365))
MODEL = "mbg_nbd"
DAY = date(2023, 7, 1)
RNG = np.random.default_rng(11)
BEYOND_CHANCE = {30: 0.03, 90: 0.03, 365: 0.07}
"""The first two years show six days whose following year is known, all of them of the first year."""


@cache
def scored() -> tuple[Origin, dict[int, Calibrated]]:
    """A shop with a Christmas as of a day in its third year: what is learnt from before it, and what came after it."""
    planted = shop(4, 4, customers=2000)
    known = gathered(planted.before(DAY).panel(), on(DAY), PARAMS)
    now = origin(planted.panel(), on(DAY), 10**6, measured_days(PARAMS), PARAMS, {})
    return now, known.calibrated(MODEL)


def told(now: Origin, found: Calibrated, column: int, share: float) -> np.ndarray:
    learnt = found.formula.of(measured(now, now.orders[MODEL][:, column]))
    return np.asarray(mixed(learnt, told_by_model(now, column, MODEL), share))


@pytest.mark.parametrize("days", [30, 90, 365])
def test_on_a_new_day_every_tenth_returns_as_often_as_was_predicted(days: int) -> None:
    now, found = scored()
    column = measured_days(PARAMS).index(days)
    came = (now.came[:, column] > 0).astype(float)
    predicted = told(now, found[days], column, found[days].share)
    for part in np.array_split(np.argsort(predicted), 10):
        chance = 1.96 * (max(came[part].mean() * (1 - came[part].mean()), 0.25 / len(part)) / len(part)) ** 0.5
        assert predicted[part].mean() == pytest.approx(came[part].mean(), abs=chance + BEYOND_CHANCE[days])


def test_within_a_year_the_mean_errs_less_than_what_was_learnt_alone() -> None:
    now, found = scored()
    column = measured_days(PARAMS).index(365)
    came = (now.came[:, column] > 0).astype(float)
    errors = [((told(now, found[365], column, share) - came) ** 2).mean() for share in (found[365].share, 0.0)]
    assert errors[0] < errors[1]


def test_the_model_says_what_many_customers_of_its_own_kind_do() -> None:
    """Rates after three repeats: gamma of shape 4; three in ten have left."""
    rate = RNG.gamma(4.0, 0.1, 400_000)
    came = (RNG.random(len(rate)) < 0.7) & (RNG.poisson(rate * 5) > 0)
    one = np.ones(1)
    assert by_model(0.7 * 4 * 0.1 * 5 * one, 0.7 * one, 3 * one, ARRAYS)[0] == pytest.approx(came.mean(), abs=0.003)


@pytest.mark.parametrize("alive", [0.0, 1e-320, 1e-12, 1.0])
def test_the_model_gives_a_probability_whatever_it_expects(alive: float) -> None:
    rates = np.array([0.0, 1e-9, 1.0, 1e6])
    found = by_model(alive * rates, np.full(4, alive), np.zeros(4), ARRAYS)
    assert np.all((found >= 0) & (found <= alive))
    assert np.all(np.diff(found) >= 0)


def test_a_model_that_is_far_off_has_no_part_in_it() -> None:
    p = RNG.random(20_000)
    came = (RNG.random(len(p)) < p).astype(float)
    nothing = np.full(len(p), 0.5)
    assert share_of_model(p, p**1.1, came, nothing) == 0.5
    assert share_of_model(p, np.where(p > 0.8, 0.0, p), came, nothing) == 0.0
    assert share_of_model(p, p**1.1, came, p) == 0.0, "the mean errs more than the table, what was learnt does not"
