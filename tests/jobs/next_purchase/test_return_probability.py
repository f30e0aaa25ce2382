"""The probability to return: predicted on days that no formula has seen, and held against who came."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession
from seasonal_shop import Purchases, on, shop
from staged import staged

from vitalfew.jobs.next_purchase import return_probability
from vitalfew.jobs.next_purchase.evidence import gathered, measured_days
from vitalfew.jobs.next_purchase.origins import Origin, origin
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.return_probability import (
    ARRAYS,
    GAPS,
    Calibrated,
    Told,
    Verdict,
    by_model,
    forward_errors,
    measured,
    mixed,
    told_by_model,
    verdict,
)
from vitalfew.jobs.next_purchase.transform import next_purchase

PARAMS = NextPurchaseParams(horizons_days=(30, 90, 365))
WITHOUT_MODELS = NextPurchaseParams(horizons_days=(30, 90, 365), min_repeaters=10**6)
MODEL = "mbg_nbd"
MODEL_SAYS = return_probability.MODEL
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


def judged(p: np.ndarray, learnt: np.ndarray | None, model: np.ndarray, gaps: np.ndarray) -> Verdict:
    came = (np.random.default_rng(5).random(len(p)) < p).astype(float)
    return verdict([Told(0, learnt, {MODEL_SAYS: model, GAPS: gaps}, came)], None)


def test_what_is_far_off_has_no_part_in_it() -> None:
    p = RNG.random(20_000)
    half, far = np.full(len(p), 0.5), np.where(p > 0.8, 0.0, p)
    assert judged(p, p, p**1.1, half) == Verdict(MODEL_SAYS, 0.5)
    assert judged(p, p, half, p**1.1) == Verdict(GAPS, 0.5)
    assert judged(p, p, far, half).share == 0.0
    assert judged(p, half, far, p) == Verdict(GAPS, 1.0), "the gaps alone err less than what was learnt"


def test_a_horizon_that_no_day_can_judge_goes_by_the_shorter_one() -> None:
    told = [Told(0, None, {MODEL_SAYS: np.full(9, 0.9), GAPS: np.full(9, 0.1)}, np.zeros(9))]
    assert verdict(told, None) == Verdict(GAPS, 0.5)
    assert verdict(told, Verdict(MODEL_SAYS, 0.0)) == Verdict(MODEL_SAYS, 0.0)
    assert verdict([Told(0, None, {MODEL_SAYS: np.ones(9)}, np.zeros(9))], None) == Verdict(MODEL_SAYS, 0.5)


def test_what_is_published_is_judged_on_days_of_which_no_later_day_has_told() -> None:
    """Nobody came of day 0, four in five of days 40 and 80; the table of day 40 knows day 0 alone."""
    seen: Any = [SimpleNamespace(on=on) for on in (0, 40, 80)]
    came = [np.zeros(1000), np.arange(1000.0) % 5 > 0, np.arange(1000.0) % 5 > 0]
    right = np.full(1000, 0.8)
    told = [
        Told(each.on, None if each.on == 0 else right, {MODEL_SAYS: right}, of_it.astype(float))
        for each, of_it in zip(seen, came, strict=True)
    ]
    groups = [np.zeros(1000, dtype=np.int64)] * 3
    used = Verdict(MODEL_SAYS, 0.5)
    ours, of_table = forward_errors(seen, told, groups, used, 30) or (0.0, 0.0)
    assert ours == pytest.approx(0.16)
    assert of_table == pytest.approx((0.8 + 0.32) / 2, abs=0.01)
    assert forward_errors(seen[:2], told[:2], groups[:2], used, 30) is None, "one day is not enough"


def renewals(customers: int) -> Purchases:
    """A shop whose customers come at gaps of their own, a tenth longer or shorter."""
    rng = np.random.default_rng(3)
    who, day = [], []
    end = on(date(2023, 10, 1))
    for number in range(customers):
        gap, leaves = 60 * np.exp(rng.normal(0, 0.6)), 1.0 if rng.random() < 0.25 else rng.beta(1, 4)
        at = rng.uniform(on(date(2021, 1, 1)), end)
        while at < end:
            who.append(number)
            day.append(int(at))
            at = end if rng.random() < leaves else at + gap * rng.uniform(0.9, 1.1)
    return Purchases(np.array(who), np.array(day), np.full(len(who), 10.0))


@cache
def clockwork() -> tuple[Origin, dict[int, Calibrated]]:
    """As of a day in its third year."""
    planted = renewals(900)
    known = gathered(planted.before(DAY).panel(), on(DAY), WITHOUT_MODELS)
    now = origin(planted.panel(), on(DAY), 10**6, measured_days(WITHOUT_MODELS), WITHOUT_MODELS, {})
    return now, known.calibrated("rhythm")


@pytest.mark.parametrize("days", [30, 90])
def test_where_gaps_are_even_every_tenth_returns_as_often_as_was_predicted(days: int) -> None:
    now, found = clockwork()
    column = measured_days(PARAMS).index(days)
    came = (now.came[:, column] > 0).astype(float)
    assert found[days].beside == GAPS
    assert now.by_gaps is not None
    learnt = found[days].formula.of(measured(now, now.orders["rhythm"][:, column]))
    predicted = np.asarray(mixed(learnt, now.by_gaps[:, column], found[days].share))
    for part in np.array_split(np.argsort(predicted), 10):
        chance = 1.96 * (max(came[part].mean() * (1 - came[part].mean()), 0.25 / len(part)) / len(part)) ** 0.5
        assert predicted[part].mean() == pytest.approx(came[part].mean(), abs=chance + 0.03)
    of_model = told_by_model(now, column, "rhythm")
    assert ((predicted - came) ** 2).mean() < 0.9 * ((mixed(learnt, of_model, 0.5) - came) ** 2).mean()


def test_in_a_run_those_who_are_due_get_more_on_the_day_of_the_fit_and_with_it_on_the_next(
    spark: SparkSession, tmp_path: Path
) -> None:
    params = NextPurchaseParams(horizons_days=(30, 90), repeat_level=None, min_repeaters=10**6)
    orders = renewals(300).before(DAY).frame(tmp_path, spark)
    products = spark.createDataFrame([], "product_id string")
    found = next_purchase(orders, products, params=params, as_of=DAY, stage=staged)
    fit = staged(found[-1])
    assert fit.where("part = 'return_gaps'").count() > 200
    then = next_purchase(orders, products, fit, params=params, as_of=DAY + timedelta(days=1), stage=staged)
    for scored in (found[0], then[0]):
        told = scored.where("repeats >= 3").select("p_return_30", "recency_weeks", "repeats", "silent_days").toPandas()
        phase = told.silent_days / (7 * told.recency_weeks / told.repeats)
        assert told.p_return_30[(phase > 0.6) & (phase < 1)].mean() > 0.6
        assert told.p_return_30[phase > 2].max() < 0.05
    assert then[-1].agg({"fitted_on": "max"}).collect()[0][0] == DAY
