"""How often chance alone is taken for a rising theme or a source: drawn counts of shops where nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy

from vitalfew.jobs.voice.counts import Weeks
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.rising import dispersion, with_rises
from vitalfew.jobs.voice.source_counts import WHOLE, Counts
from vitalfew.jobs.voice.sources import Part, told
from vitalfew.jobs.voice.subjects import Subject, are_nested

SHOPS = 200
PARAMS = VoiceParams()


def rising_of(counts: Any, texts: Any, others: int = 0) -> list[dict[str, Any]]:
    """Rows of with_rises from weekly counts (themes x weeks, the newest week first), of a year and the weeks before."""
    recent, year = PARAMS.recent_weeks, PARAMS.window_weeks
    weeks = Weeks({"review": {week: int(n) for week, n in enumerate(texts)}}, 0, 0, recent)
    spans, all_spans = (
        each[..., recent:year].reshape(*each.shape[:-1], -1, recent).sum(-1) for each in (counts, texts)
    )
    rows = [
        {
            "kind": "review",
            "theme": f"t{number}",
            "recent": int(row[:recent].sum()),
            "recent_people": int(row[:recent].sum()),
            "before": int(row[recent:year].sum()),
            "year_ago": int(row[year:].sum()),
            "squares": float(np.sum(row[recent:year] ** 2 / texts[recent:year])),
            "span_squares": float(np.sum(span**2 / all_spans)),
        }
        for number, (row, span) in enumerate(zip(counts, spans, strict=True))
    ]
    return with_rises(rows, others, weeks, PARAMS)


def gamma_weeks(dice: Any) -> Any:
    """Rates of 60 themes in 52 weeks that have nothing to do with each other."""
    return dice.gamma(4, 0.25, (60, 52))


def lasting(dice: Any) -> Any:
    """Rates that stay for some weeks: the logarithm of a week is eight tenths that of the week before."""
    found = dice.normal(size=(60, 52))
    for week in range(1, 52):
        found[:, week] = 0.8 * found[:, week - 1] + 0.6 * found[:, week]
    return np.exp(0.3 * found)


@pytest.mark.parametrize("lively", [None, gamma_weeks, lasting])
def test_in_at_most_one_of_twenty_shops_chance_is_a_rising_theme(lively: Callable[[Any], Any] | None) -> None:
    dice = np.random.default_rng(1)
    alarms = 0
    for _ in range(SHOPS):
        texts = dice.integers(150, 400, 52)
        share = dice.gamma(0.3, 0.05, (60, 1)).clip(1e-4, 0.5)
        counts = dice.poisson(share * texts * (lively(dice) if lively else 1.0))
        alarms += any(row["is_rising"] for row in rising_of(counts, texts))
    assert alarms <= 0.05 * SHOPS


def test_customers_who_write_for_some_weeks_about_the_same_are_no_rising_theme() -> None:
    """400 customers, each of whom writes of three themes of their own, in each of four weeks on end."""
    dice = np.random.default_rng(1)
    alarms = 0
    for _ in range(SHOPS // 4):
        liked = dice.gamma(0.5, 1, 60)
        counts, texts = np.zeros((60, 52)), np.ones(52)
        for begin in dice.integers(-4, 52, 400):
            span = slice(max(0, begin), begin + 4)
            counts[dice.choice(60, 3, replace=False, p=liked / liked.sum()), span] += 1
            texts[span] += 1
        alarms += any(row["is_rising"] for row in rising_of(counts, texts))
    assert alarms <= 0.05 * SHOPS // 4


def test_what_came_as_often_a_year_before_is_the_season_and_what_did_not_rises() -> None:
    texts = np.full(56, 300)
    counts = np.full((3, 56), 4.0)
    counts[:, :4] = 30
    counts[0, 52:] = 30
    counts[1, 52:] = 10
    seasonal, more, new = rising_of(counts, texts)
    assert [row["is_rising"] for row in (seasonal, more, new)] == [False, True, True]
    assert (seasonal["per_million_year_ago"], new["per_million_year_ago"]) == (1e5, pytest.approx(4e6 / 300))


def test_the_more_themes_were_tried_the_less_sure_is_one() -> None:
    texts = np.full(52, 300)
    counts = np.tile([[6.0]], (1, 52))
    counts[0, :4] = 12
    alone, among = (rising_of(counts, texts, others)[0] for others in (0, 999))
    assert among["p_value"] == alone["p_value"]
    assert among["q_value"] == pytest.approx(min(1.0, 1000 * alone["q_value"]))


def test_what_doubles_is_found() -> None:
    texts = np.full(52, 300)
    counts = np.tile([[24.0], [12.0]], (1, 52))
    counts[0, :4] = 48
    assert [row["is_rising"] for row in rising_of(counts, texts)] == [True, False]


def test_dispersion_is_the_bound_of_pearsons_week_by_week() -> None:
    dice = np.random.default_rng(3)
    texts = dice.integers(50, 90, 30).astype(float)
    counts = dice.poisson(0.1 * texts * dice.gamma(1, 1, 30)).astype(float)
    mean = counts.sum() * texts / texts.sum()
    naive = np.sum((counts - mean) ** 2 / mean) / scipy.stats.chi2.ppf(0.05, 29)
    squares = np.sum(counts**2 / texts)
    found = dispersion(np.array([counts.sum()]), np.array([squares]), np.array([texts.sum()]), np.array([30.0]))
    assert naive > 1
    assert found[0] == pytest.approx(naive)


def test_in_at_most_one_of_twenty_shops_chance_is_a_source() -> None:
    dice = np.random.default_rng(2)
    parts = [Part(Subject("complaints", f"p{number}")) for number in range(5)]
    alarms = 0
    for _ in range(SHOPS):
        shares = dice.gamma(0.5, 0.1, 40).clip(0.005, 0.9)
        drawn = dice.integers(15, 60, 5)
        cases: dict[tuple[int, str], tuple[int, int]] = {}
        elsewhere: dict[tuple[int, str], tuple[int, int]] = {}
        rest = [dice.binomial(2000, shares) for _ in parts]
        for number, size in enumerate(drawn):
            hits = dice.binomial(size, shares)
            cases[number, WHOLE] = (int(size), int(size))
            elsewhere[number, WHOLE] = (2000, 1)
            for value, (n, others) in enumerate(zip(hits, rest[number], strict=True)):
                elsewhere[number, f"theme:{value}"] = (int(others), 1)
                if n >= PARAMS.min_people:
                    cases[number, f"theme:{value}"] = (int(n), int(n))
        alarms += bool(told(parts, Counts(cases, elsewhere, range(5)), PARAMS))
    assert alarms <= 0.05 * SHOPS


def test_a_source_is_judged_by_fishers_test_against_all_that_is_no_case() -> None:
    part = Part(Subject("complaints", "p1"))
    cases = {(0, WHOLE): (30, 30), (0, "region:north"): (20, 20), (0, "product:p1"): (30, 30)}
    elsewhere = {(0, WHOLE): (1000, 1), (0, "region:north"): (250, 1), (0, "product:p1"): (10, 1)}
    [found] = told([part], Counts(cases, elsewhere, [0]), PARAMS)
    table = [[20, 10], [250, 750]]
    assert np.exp(found.log_p) == pytest.approx(scipy.stats.fisher_exact(table, "greater").pvalue)
    assert (found.pair, found.level, found.expected_share) == ("region:north", 1, 0.25)
    few = {**cases, (0, "region:north"): (20, 4)}
    assert told([part], Counts(few, elsewhere, [0]), PARAMS) == []


def test_themes_that_hold_each_other_are_one() -> None:
    assert are_nested("leak", "bottle leak")
    assert not are_nested("leak", "leaking")
    assert are_nested("漏水", "盖子漏水")
