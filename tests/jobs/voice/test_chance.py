"""How often chance alone is taken for a rising theme or a source: drawn counts of shops where nothing happens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy

from vitalfew.jobs.voice.counts import Weeks
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.rising import dispersion, with_rises
from vitalfew.jobs.voice.sources import WHOLE, Part, told
from vitalfew.jobs.voice.subjects import Subject, are_nested

SHOPS = 200
PARAMS = VoiceParams()


def rising_of(counts: Any, texts: Any) -> list[dict[str, Any]]:
    """Rows of with_rises from weekly counts (themes x weeks, the newest week first)."""
    recent = PARAMS.recent_weeks
    weeks = Weeks({"review": {week: int(n) for week, n in enumerate(texts)}}, 0, 0, recent)
    rows = [
        {
            "kind": "review",
            "theme": f"t{number}",
            "recent": int(row[:recent].sum()),
            "before": int(row[recent:].sum()),
            "squares": float(np.sum(row[recent:] ** 2 / texts[recent:])),
        }
        for number, row in enumerate(counts)
    ]
    return with_rises(rows, weeks, PARAMS)


@pytest.mark.parametrize("is_clustered", [False, True])
def test_in_at_most_one_of_twenty_shops_chance_is_a_rising_theme(is_clustered: bool) -> None:
    dice = np.random.default_rng(1)
    alarms = 0
    for _ in range(SHOPS):
        texts = dice.integers(150, 400, 52)
        share = dice.gamma(0.3, 0.05, (60, 1)).clip(1e-4, 0.5)
        lively = dice.gamma(4, 0.25, (60, 52)) if is_clustered else 1.0
        counts = dice.poisson(share * texts * lively)
        alarms += any(row["is_rising"] for row in rising_of(counts, texts))
    assert alarms <= 0.05 * SHOPS


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
        everything: dict[tuple[int, str], tuple[int, int]] = {}
        rest = [dice.binomial(2000, shares) for _ in parts]
        for number, size in enumerate(drawn):
            hits = dice.binomial(size, shares)
            cases[number, WHOLE] = (int(size), int(size))
            everything[number, WHOLE] = (int(size) + 2000, 1)
            for value, (n, others) in enumerate(zip(hits, rest[number], strict=True)):
                everything[number, f"theme:{value}"] = (int(n + others), 1)
                if n >= PARAMS.min_people:
                    cases[number, f"theme:{value}"] = (int(n), int(n))
        alarms += bool(told(parts, cases, everything, range(5), PARAMS))
    assert alarms <= 0.05 * SHOPS


def test_a_source_is_judged_by_fishers_test_against_all_that_is_no_case() -> None:
    part = Part(Subject("complaints", "p1"))
    cases = {(0, WHOLE): (30, 30), (0, "region:north"): (20, 20), (0, "product:p1"): (30, 30)}
    everything = {(0, WHOLE): (1030, 1), (0, "region:north"): (270, 1), (0, "product:p1"): (40, 1)}
    [found] = told([part], cases, everything, [0], PARAMS)
    table = [[20, 10], [250, 750]]
    assert np.exp(found.log_p) == pytest.approx(scipy.stats.fisher_exact(table, "greater").pvalue)
    assert (found.pair, found.level, found.expected_share) == ("region:north", 1, 0.25)
    few = {**cases, (0, "region:north"): (20, 4)}
    assert told([part], few, everything, [0], PARAMS) == []


def test_themes_that_hold_each_other_are_one() -> None:
    assert are_nested("leak", "bottle leak")
    assert not are_nested("leak", "leaking")
    assert are_nested("漏水", "盖子漏水")
