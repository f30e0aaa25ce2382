"""What back-tests decide: corrections per horizon, what gives way to the simplest rules, and probabilities that hold."""

from __future__ import annotations

import numpy as np
import pytest

from vitalfew.jobs.next_purchase import choices
from vitalfew.jobs.next_purchase.choices import Cell, applied, choice, correction
from vitalfew.jobs.next_purchase.origins import origin_days
from vitalfew.jobs.next_purchase.return_probability import ARRAYS, formula, measures

RNG = np.random.default_rng(5)


def cell(on: int, method: str, predicted: np.ndarray, came: np.ndarray, horizon: int = 30) -> Cell:
    p, a = predicted.astype(float), came.astype(float)
    sums = (float(each) for each in (p.sum(), a.sum(), p @ p, p @ a, a @ a))
    return Cell(on, horizon, method, len(a), *sums)


def world(factor: float, model_noise: float = 0.0) -> dict[tuple[str, int], list[Cell]]:
    """Eight days; the model knows each customer's rate and says `factor` of it; the last period knows what it saw."""
    found: dict[tuple[str, int], list[Cell]] = {("mbg_nbd", 30): [], ("last_period", 30): []}
    for on in range(0, 8 * 40, 40):
        rates = RNG.gamma(1.0, 1.0, 4000)
        came, last = RNG.poisson(rates), RNG.poisson(rates)
        told = rates * factor * np.exp(RNG.normal(0, 1) * model_noise)
        found["mbg_nbd", 30].append(cell(on, "mbg_nbd", told, came))
        found["last_period", 30].append(cell(on, "last_period", last, came))
    return found


def test_a_model_that_is_always_too_high_by_the_same_share_is_corrected_by_it() -> None:
    known = world(1.25)["mbg_nbd", 30]
    assert correction(known, 30) == pytest.approx(1 / 1.25, rel=0.03)


def test_a_model_that_is_right_on_average_is_not_corrected_for_chance() -> None:
    known = [cell(n * 40, "m", np.full(100, 1.0), np.full(100, each)) for n, each in enumerate([1.3, 0.7, 1.25, 0.8])]
    assert correction(known, 30) == pytest.approx(1.0, abs=0.02)


def test_origins_that_share_their_days_are_no_evidence_of_many() -> None:
    few = [cell(n, "m", np.full(100, 1.0), np.full(100, 1.4), horizon=365) for n in range(2)]
    assert correction(few, 365) < 1.25
    assert choices.effective(few, 365) < 1.01


def test_a_correction_that_made_earlier_days_worse_is_not_applied() -> None:
    seen = [1.5, 1.5, 1.5, 0.6, 0.6, 0.6]
    known = [cell(n * 40, "m", np.full(100, 1.0), np.full(100, each)) for n, each in enumerate(seen)]
    assert applied(known, 30)[0] == 1.0


def test_a_horizon_that_was_not_measured_is_not_corrected_and_its_interval_is_wide() -> None:
    found = choice(world(1.25), "mbg_nbd", 365, {"mbg_nbd": 100.0}, 0.0)
    assert (found.method, found.factor, found.origins) == ("mbg_nbd", 1.0, 0)
    low, high = choices.interval(100.0, found.spread)
    assert low < 65
    assert high > 150


def test_a_model_that_beats_the_baseline_is_published_and_another_gives_way() -> None:
    sums = {"mbg_nbd": 4000.0, "last_period": 4100.0}
    good = choice(world(1.0), "mbg_nbd", 30, sums, 0.0)
    assert (good.method, good.shared_by) == ("mbg_nbd", None)
    erratic = choice(world(1.0, model_noise=0.5), "mbg_nbd", 30, sums, 0.0)
    assert (erratic.method, erratic.shared_by) == ("last_period", "mbg_nbd")
    assert erratic.factor == pytest.approx(4100 / 4000)


def test_a_model_that_knows_less_of_each_customer_than_the_baseline_is_not_published_at_all() -> None:
    found = world(1.0)
    for position, one in enumerate(found["last_period", 30]):
        found["last_period", 30][position] = Cell(one.on, 30, "last_period", one.customers, one.a, one.a, *[one.aa] * 3)
    told = choice(found, "mbg_nbd", 30, {"mbg_nbd": 4000.0, "last_period": 4100.0}, 0.0)
    assert told.is_baseline


def test_a_model_without_a_sound_fit_on_the_first_days_alone_may_still_be_the_best() -> None:
    """A year is shown to its end by the first days alone, when the shop was too young for the model."""
    found = world(1.0)
    found["last_period", 365] = found["last_period", 30][:3]
    assert choices.score(found, "mbg_nbd", (30, 365)) < 1
    found["mbg_nbd", 30] = found["mbg_nbd", 30][-5:]
    assert choices.score(found, "mbg_nbd", (30, 365)) == float("inf"), "sound on five of eleven"


def test_there_are_six_origins_for_every_horizon_where_history_allows() -> None:
    days = origin_days(0, 1095, [30, 90, 180, 365])
    for horizon in (30, 90, 180, 365):
        assert len([on for on in days if on + horizon <= 1095]) >= 6
    assert min(days) >= 90
    assert origin_days(0, 100, [30]) == []


def test_calibrated_probabilities_are_those_that_are_found_in_the_tail_too() -> None:
    """Customers with a rate each, some of whom are gone: what they bought says who, by Bayes; the formula, as well."""
    n, days, ahead = 60_000, 300, 90
    rate = RNG.gamma(0.8, 0.05, n)
    gone = np.where(RNG.random(n) < 0.3, RNG.random(n) * days, np.inf)
    last = np.minimum(gone, days)
    repeats = RNG.poisson(rate * last).astype(float)
    recency = np.where(repeats > 0, last * RNG.beta(np.maximum(repeats, 1), 1), 0.0)
    came = (np.isinf(gone) & (RNG.random(n) < 1 - np.exp(-rate * ahead))).astype(float)
    score = ahead * (repeats + 0.8) / (days + 20.0)  # of a model that knows of no one who is gone
    known = measures(score, days - recency, repeats, recency, ARRAYS)
    half = [each[::2] for each in known], [each[1::2] for each in known]
    told, found = formula(half[0], came[::2]).of(half[1]), came[1::2]
    order = np.argsort(told)
    for part in [*np.array_split(order, 10), order[: n // 100]]:
        assert told[part].mean() == pytest.approx(found[part].mean(), abs=0.03)


def test_beyond_the_longest_silence_that_was_seen_the_odds_fall_as_one_over_the_silence() -> None:
    """The squares of the formula would turn there."""
    silent = np.tile(np.arange(1.0, 101.0), 20)
    known = measures(np.ones(2000), silent, np.full(2000, 3.0), np.full(2000, 50.0), ARRAYS)
    told = formula(known, (RNG.random(2000) < np.exp(-silent / 30)).astype(float))
    one, days = np.ones(3), np.array([99.0, 199.0, 1e6 - 1])
    later = told.of(measures(one, days, 3 * one, 50 * one, ARRAYS))
    assert later[0] < 0.1
    assert (later / (1 - later) * (days + 1)).tolist() == pytest.approx([float(later[0] / (1 - later[0]) * 100)] * 3)
