"""Two arms, their sizes and the power of a plan: scipy agrees, published figures come out, intervals hold the truth."""

from __future__ import annotations

import csv
import lzma
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chisquare, ttest_ind

from vitalfew.algorithms.statistics import power
from vitalfew.algorithms.statistics.sample_ratio import sample_ratio
from vitalfew.algorithms.statistics.two_arms import Sums, cuped, narrower, welch

ARMS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
Rows = list[dict[str, str]]


def sums_of(y: list[Decimal], x: list[Decimal]) -> Sums:
    pairs = list(zip(x, y, strict=True))
    return Sums(len(y), *map(sum, (y, [b * b for b in y], x, [a * a for a in x], [a * b for a, b in pairs])))


def drawn(y: np.ndarray, x: np.ndarray | None = None) -> Sums:
    """The sums of floats, as decimals that are exactly theirs."""
    before = np.zeros(len(y)) if x is None else x
    return sums_of([Decimal(float(each)) for each in y], [Decimal(float(each)) for each in before])


@pytest.fixture(scope="module")
def hillstrom(shared: Path) -> dict[str, Rows]:
    """The customers of each arm."""
    file = shared / "decisions" / "hillstrom.csv.xz"
    if not file.exists():
        pytest.skip("needs the data of Hillstrom's challenge")
    with lzma.open(file, "rt") as lines:
        rows = list(csv.DictReader(lines))
    return {arm: [row for row in rows if row["segment"] == arm] for arm in ARMS}


def of(rows: Rows, outcome: str, mens: str = "", womens: str = "") -> Sums:
    kept = [row for row in rows if not mens or (row["mens"], row["womens"]) == (mens, womens)]
    return sums_of([Decimal(row[outcome]) for row in kept], [Decimal(row["history"]) for row in kept])


@pytest.mark.parametrize(
    ("outcome", "value", "error"),
    [("visit", 0.045233, 0.003234), ("conversion", 0.003111, 0.000823), ("spend", 0.424412, 0.130333)],
)
def test_the_mail_for_women_brought_what_is_published(
    hillstrom: dict[str, Rows], outcome: str, value: float, error: float
) -> None:
    found = welch(of(hillstrom["Womens E-Mail"], outcome), of(hillstrom["No E-Mail"], outcome))
    assert found is not None
    assert (found.value, found.standard_error) == pytest.approx((value, error), abs=5e-7)


@pytest.mark.parametrize(("mens", "womens", "value", "z"), [("0", "1", 0.07399, 15.2), ("1", "0", 0.01108, 2.5)])
def test_it_brought_more_of_those_who_had_bought_for_women(
    hillstrom: dict[str, Rows], mens: str, womens: str, value: float, z: float
) -> None:
    arms = (of(hillstrom[arm], "visit", mens, womens) for arm in ("Womens E-Mail", "No E-Mail"))
    found = welch(*arms)
    assert found is not None
    assert found.value == pytest.approx(value, abs=5e-6)
    assert found.value / found.standard_error == pytest.approx(z, abs=0.05)


def test_nobody_can_tell_what_those_who_had_bought_both_spend_more(hillstrom: dict[str, Rows]) -> None:
    found = welch(*(of(hillstrom[arm], "spend", "1", "1") for arm in ("Womens E-Mail", "No E-Mail")))
    assert found is not None
    assert (round(found.value, 2), round(found.standard_error, 2)) == (0.16, 0.50)
    low, high = found.interval(0.95)
    assert low < 0 < high


def test_the_spend_before_does_not_help_there(hillstrom: dict[str, Rows]) -> None:
    arms = [of(hillstrom[arm], "visit") for arm in ("Womens E-Mail", "No E-Mail")]
    plain, adjusted = welch(*arms), cuped(*arms)
    assert plain is not None
    assert adjusted is not None
    assert (plain.standard_error, adjusted.standard_error) == pytest.approx((0.003234, 0.003228), abs=5e-7)
    assert 0 < narrower(adjusted, plain) < 0.01


def test_the_least_spend_that_could_be_found(hillstrom: dict[str, Rows]) -> None:
    found = welch(*(of(hillstrom[arm], "spend") for arm in ("Womens E-Mail", "No E-Mail")))
    assert found is not None
    assert power.least_detectable(found.standard_error, 0.8, 0.05) == pytest.approx(0.365, abs=5e-4)


def test_the_sizes_of_its_arms_are_as_they_were_to_be(hillstrom: dict[str, Rows]) -> None:
    sizes = [len(hillstrom[arm]) for arm in ARMS]
    assert sizes == [21306, 21307, 21387]
    found = sample_ratio(sizes, [1, 1, 1])
    assert found is not None
    assert found.chi_square == pytest.approx(0.2025, abs=5e-5)
    assert found.p_value > 0.9


@pytest.mark.parametrize("seed", range(8))
def test_it_is_welch_and_the_covariate_a_regression(seed: int) -> None:
    """The naive ways: scipy on the values, and on the residuals of a regression with one intercept an arm."""
    random = np.random.default_rng(seed)
    x = [np.round(random.gamma(1, 20, n), 2) for n in (40 + seed, 25)]
    y = [np.round(each * 0.7 + random.gamma(1, 5, len(each)) + shift, 2) for each, shift in zip(x, (3, 0), strict=True)]
    arms = [drawn(a, b) for a, b in zip(y, x, strict=True)]
    plain, adjusted = welch(*arms), cuped(*arms)
    scipys = ttest_ind(*y, equal_var=False)
    assert plain is not None
    assert plain.p_value == pytest.approx(scipys.pvalue)
    assert plain.interval(0.9) == pytest.approx(tuple(scipys.confidence_interval(0.9)))
    design = np.column_stack([np.r_[np.ones(len(y[0])), np.zeros(len(y[1]))], np.ones(sum(map(len, y))), np.r_[*x]])
    slope = np.linalg.lstsq(design, np.r_[*y], rcond=None)[0][2]
    naive = ttest_ind(*(a - slope * b for a, b in zip(y, x, strict=True)), equal_var=False)
    assert adjusted is not None
    assert adjusted.p_value == pytest.approx(naive.pvalue)
    assert adjusted.interval(0.95) == pytest.approx(tuple(naive.confidence_interval(0.95)))
    assert narrower(adjusted, plain) > 0.3


def test_a_small_spread_about_a_large_mean_is_not_lost() -> None:
    y = [[Decimal("1000000000.01"), Decimal("1000000000.02")], [Decimal("1000000000.03"), Decimal("1000000000.05")]]
    found = welch(*(sums_of(each, [Decimal(0)] * 2) for each in y))
    assert found is not None
    assert found.value == pytest.approx(-0.025, rel=1e-4)
    assert found.standard_error == pytest.approx((0.00005 / 2 + 0.0002 / 2) ** 0.5)


def test_nothing_is_compared_where_nothing_varies_or_nobody_is() -> None:
    same, one, nobody, varied = drawn(np.ones(9)), drawn(np.ones(1)), Sums(0, 0, 0), drawn(np.arange(5.0))
    assert welch(same, drawn(np.zeros(9))) is None
    assert welch(one, varied) is None
    assert welch(varied, nobody) is None
    assert cuped(nobody, nobody) is None
    assert cuped(varied, varied) is None, "the covariate is the same of all"
    assert welch(varied, same) is not None, "one arm varies"


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """2,000 experiments with arms of two sizes and spreads, the effect 0 and 1; within three standard errors of 95 %."""
    random = np.random.default_rng(7)
    held = dict.fromkeys(("plain", "adjusted", "no effect"), 0)
    for _ in range(2000):
        x = random.normal(10, 3, 100), random.normal(10, 3, 60)
        y = x[0] + random.normal(1, 4, 100), x[1] + random.normal(0, 2, 60)
        arms = [fast(a, b) for a, b in zip(y, x, strict=True)]
        same = [arms[1], fast(random.permutation(x[0])[:60] + random.normal(0, 2, 60), x[0][:60])]
        for name, found, truth in (
            ("plain", welch(*arms), 1),
            ("adjusted", cuped(*arms), 1),
            ("no effect", welch(*same), 0),
        ):
            assert found is not None
            low, high = found.interval(0.95)
            held[name] += low <= truth <= high
    assert all(0.935 <= each / 2000 <= 0.965 for each in held.values()), held


def fast(y: np.ndarray, x: np.ndarray) -> Sums:
    """Sums of whole thousandths, which Python adds up exactly and fast."""
    y, x = (np.round(each * 1000).astype(int) for each in (y, x))
    whole = (int(each) for each in (y.sum(), (y * y).sum(), x.sum(), (x * x).sum(), (x * y).sum()))
    first, second, third, fourth, fifth = whole
    return Sums(
        len(y), *(Decimal(a).scaleb(-p) for a, p in ((first, 3), (second, 6), (third, 3), (fourth, 6), (fifth, 6)))
    )


def test_sizes_of_arms_are_held_to_the_planned_shares() -> None:
    found = sample_ratio([100, 850], [1, 9])
    assert found is not None
    scipys = chisquare([100, 850], [95, 855])
    assert (found.chi_square, found.p_value) == pytest.approx((scipys.statistic, scipys.pvalue))
    assert found.expected == (95, 855)
    off = sample_ratio([100, 850], [1, 1])
    assert off is not None
    assert off.p_value < 1e-100
    assert sample_ratio([100], [1]) is None
    assert sample_ratio([0, 0], [1, 1]) is None


def test_a_plan_says_by_which_formula() -> None:
    """20 to 25 %: 1,030 by the usual calculators, 1,092 by arcsine, 1,094 by Fleiss."""
    asked = (0.2, 0.25, 0.8, 0.05)
    found = [power.for_rates(*asked), power.for_rates_by_arcsine(*asked), power.for_rates_pooled(*asked)]
    assert [round(each) for each in found] == [1030, 1092, 1094]


def test_a_plan_for_means_finds_what_it_was_made_for() -> None:
    """Experiments of the planned size find the difference four times in five."""
    customers = round(power.for_means((16, 4), 1.0, 0.8, 0.05))
    assert customers == 157
    random = np.random.default_rng(3)
    first = random.normal(1, 4, (4000, customers))
    second = random.normal(0, 2, (4000, customers))
    found = ttest_ind(first, second, axis=1, equal_var=False).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.02)
