"""Planted seasons: found again from two years, honest from one, flat from less; and forecasts that hold because of it."""

from __future__ import annotations

from datetime import date
from functools import cache
from math import exp, log

import numpy as np
import pytest
from seasonal_shop import DECEMBER, EVEN, Purchases, on, shop

from vitalfew.algorithms.clv import activity
from vitalfew.jobs.next_purchase import choices, season
from vitalfew.jobs.next_purchase.evidence import gathered
from vitalfew.jobs.next_purchase.models import FITS
from vitalfew.jobs.next_purchase.origins import BASELINES, LAST_PERIOD, Origin, origin
from vitalfew.jobs.next_purchase.panel import known_before
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.snapshot import RHYTHM

HORIZONS = (30, 90, 180, 365)
LATE = 10**6


@cache
def planted() -> Purchases:
    return shop(1, 4, customers=5000)


@cache
def foretold(day: date) -> Origin:
    """What was predicted on a day from what came before it, beside what came, which the shop knows."""
    return origin(planted().panel(), on(day), LATE, HORIZONS, NextPurchaseParams(), {})


def ratios(day: date, method: str) -> list[float]:
    found = foretold(day)
    return [float(each) for each in found.orders[method].sum(axis=0) / found.came.sum(axis=0)]


def test_the_planted_season_is_found_from_two_years() -> None:
    found = foretold(date(2023, 1, 1)).profile
    assert found.is_known
    assert found.months[11] == pytest.approx(DECEMBER[11], rel=0.15)
    assert found.months[:11] == pytest.approx(DECEMBER[:11], rel=0.25)


@pytest.mark.parametrize("day", [date(2023, 4, 1), date(2023, 7, 1), date(2023, 11, 1)])
def test_with_two_years_known_forecasts_hold_from_every_part_of_the_year(day: date) -> None:
    assert ratios(day, "mbg_nbd") == pytest.approx([1.0] * 4, abs=0.1)


def test_on_the_day_two_years_are_full_the_first_january_of_the_shop_tells_little_and_forecasts_nearly_hold() -> None:
    assert ratios(date(2023, 1, 1), "mbg_nbd") == pytest.approx([1.0] * 4, abs=0.12)


@pytest.mark.parametrize("day", [date(2023, 1, 1), date(2023, 5, 1)])
def test_what_is_published_with_two_years_known_holds_though_no_earlier_day_knew_the_season(day: date) -> None:
    """Days of the first two years are predicted with the season of today, or they would speak for another method."""
    evidence = gathered(planted().before(day).panel(), on(day), NextPurchaseParams())
    used = min([*FITS, RHYTHM], key=evidence.score)
    now = foretold(day)
    sums = {name: orders.sum(axis=0) for name, orders in now.orders.items() if name in (used, *BASELINES)}
    found = choices.choose(evidence.of_orders, used, evidence.horizons, sums, evidence.profile.spread)
    told = [sums[each.method][n] * (1 if each.is_baseline else each.factor) for n, each in enumerate(found.values())]
    assert np.array(told) / now.came.sum(axis=0) == pytest.approx([1.0] * 4, abs=0.12)


def test_without_a_season_the_same_forecast_is_far_too_high_in_january() -> None:
    even = origin(planted().panel(), on(date(2023, 1, 1)), LATE, HORIZONS, NextPurchaseParams(season=tuple(EVEN)), {})
    foretold_then = even.orders.get("mbg_nbd", even.orders["rhythm"]).sum(axis=0) / even.came.sum(axis=0)
    assert foretold_then[0] > 1.3
    assert ratios(date(2023, 1, 1), LAST_PERIOD)[0] > 4


def test_with_one_year_the_season_is_drawn_to_an_even_year_and_its_error_is_told() -> None:
    panel = planted().before(date(2022, 1, 1)).panel()
    found = season.of_shop(panel, known_before(panel, on(date(2022, 1, 1))), None)
    assert not found.is_known
    assert 1.3 < found.months[11] < 0.8 * DECEMBER[11]
    assert found.spread >= activity.UNSEEN_SPREAD / 2


def test_with_less_than_a_year_nothing_is_known_of_the_season() -> None:
    panel = planted().before(date(2021, 12, 1)).panel()
    found = season.of_shop(panel, known_before(panel, on(date(2021, 12, 1))), None)
    assert found.is_flat
    assert not found.is_known


def test_a_shop_without_a_season_is_given_none() -> None:
    panel = shop(2, 3, customers=3000, season=EVEN).panel()
    found = season.of_shop(panel, known_before(panel, on(date(2024, 1, 1))), None)
    assert found.months == pytest.approx(EVEN, abs=0.12)


def test_a_season_that_somebody_gives_counts_by_its_ratios_alone() -> None:
    found = activity.given([2.0] * 11 + [8.0])
    assert found.months[11] / found.months[0] == pytest.approx(4)
    year = activity.clock(found, on(date(2024, 1, 1)), on(date(2027, 12, 31)))
    assert year.passed[-1] == pytest.approx(4 * 365.25)


def test_activity_time_of_an_even_profile_is_the_calendar() -> None:
    flat = activity.clock(activity.FLAT, 100, 200)
    days = np.array([90, 100, 150, 230])
    assert np.diff(flat.at(days)) == pytest.approx(np.diff(days))


def test_a_trend_is_not_taken_for_a_season() -> None:
    months = np.arange(36)
    rising = np.asarray(0.02 * months, dtype=np.float64)
    found, _ = activity.shrunk(months, rising, np.ones(36))
    assert found == pytest.approx(EVEN, abs=1e-6)
    seasonal, _ = activity.shrunk(
        months, np.asarray(rising + np.where(months % 12 == 11, log(3), 0.0), dtype=np.float64), np.ones(36)
    )
    assert seasonal[11] / seasonal[0] == pytest.approx(3, rel=0.01)
    assert exp(activity.slope(months, rising, np.ones(36))) == pytest.approx(exp(0.02))
