"""The months of a milestone: against loops in plain Python, and by what must hold."""

from __future__ import annotations

import math
import random

import numpy as np
import pyarrow as pa
import pytest

from vitalfew.algorithms.milestones import posterior
from vitalfew.algorithms.milestones.distributions import DAYS_PER_MONTH, GROWTH, LEAF, PARENT, PRIOR, WEIGHT, Fit, fit
from vitalfew.algorithms.milestones.posterior import DAMPINGS, LEVELS, Clear, judged, scored

FIRST, MONTHS = -3, 12
EDGES = np.array([0, 3, 7, 12])
PARENTS = np.array([0, 0, 1])


@pytest.fixture
def counts() -> np.ndarray:
    """Three categories of two parents, and the other categories of each parent."""
    return np.random.default_rng(3).integers(0, 9, size=(5, MONTHS)).astype(float)


def made(counts: np.ndarray) -> Fit:
    return fit(counts, PARENTS, FIRST, EDGES)


def naive_shares(rows: list[list[float]], towards: list[float], weight: float) -> list[float]:
    """The months of all rows together: each purchase counts around its month."""
    spread = [0.0] * MONTHS
    for row in rows:
        for month, count in enumerate(row):
            width = max(1.0, GROWTH * abs(month + FIRST + 0.5))
            bell = [math.exp(-0.5 * ((other - month) / width) ** 2) for other in range(MONTHS)]
            for other in range(MONTHS):
                spread[other] += count * bell[other] / sum(bell)
    total = sum(map(sum, rows))
    return [(spread[month] + weight * towards[month]) / (total + weight) for month in range(MONTHS)]


def test_months_are_spread_and_shrunk_as_in_plain_loops(counts: np.ndarray) -> None:
    found, rows = made(counts), counts.tolist()
    of_all = naive_shares(rows, [1 / MONTHS] * MONTHS, 1.0)
    of_parents = [
        naive_shares([rows[0], rows[1], rows[3]], of_all, WEIGHT),
        naive_shares([rows[2], rows[4]], of_all, WEIGHT),
    ]
    np.testing.assert_allclose(found.of_all, of_all)
    np.testing.assert_allclose(found.of_parents, of_parents)
    for leaf, parent in enumerate(PARENTS):
        np.testing.assert_allclose(found.of_leaves[leaf], naive_shares([rows[leaf]], of_parents[parent], WEIGHT))
    for shares in (found.of_all[None, :], found.of_parents, found.of_leaves):
        np.testing.assert_allclose(shares.sum(axis=1), 1)


def bought_at_random(customers: int) -> list[list[tuple[int, int]]]:
    """Codes and days of each customer."""
    dice = random.Random(5)
    return [
        [(dice.randrange(5), dice.randrange(20_000, 20_300)) for _ in range(dice.randrange(1, 6))]
        for _ in range(customers)
    ]


def table(bought: list[list[tuple[int, int]]], **more: list[int] | list[float]) -> pa.Table:
    lists = {
        name: pa.array([[each[place] for each in one] for one in bought], pa.list_(pa.int32()))
        for place, name in enumerate(("codes", "days"))
    }
    return pa.table({"customer_id": [f"c{n}" for n in range(len(bought))], **lists, **more})


def naive_posterior(found: Fit, method: str, bought: list[tuple[int, int]], damping: float) -> list[float]:
    """Of each month of the last purchase."""
    last = max(day for _, day in bought)
    weights = []
    for month in range(MONTHS):
        log = math.log(found.of_all[month])
        for code, day in bought:
            then = max(0, month - math.floor((last - day) / DAYS_PER_MONTH))
            shares = found.of_parents[code - 3] if code >= 3 else found.of_parents[PARENTS[code]]
            if method == LEAF and code < 3:
                shares = found.of_leaves[code]
            if method != PRIOR:
                log += math.log(shares[then] / found.of_all[then]) * len(bought) ** -damping
        weights.append(math.exp(log))
    return [weight / sum(weights) for weight in weights]


def quantile_of(shares: list[float], share: float) -> float:
    """In months after the first one."""
    month = next(month for month in range(MONTHS) if sum(shares[: month + 1]) >= share)
    return month + (share - sum(shares[:month])) / shares[month]


@pytest.mark.parametrize("method", [PARENT, LEAF])
@pytest.mark.parametrize("damping", [0.0, 0.5])
def test_stages_and_intervals_are_those_of_a_sum_of_logarithms(counts: np.ndarray, method: str, damping: float) -> None:
    found, bought, today = made(counts), bought_at_random(60), 20_360
    rows = scored(table(bought), found, method, damping, 0.8, today).to_pylist()
    for one, row in zip(bought, rows, strict=True):
        shares = naive_posterior(found, method, one, damping)
        shift = math.floor((today - max(day for _, day in one)) / DAYS_PER_MONTH)
        stages = [0.0, 0.0, 0.0]
        for month, share in enumerate(shares):
            if month + shift < MONTHS:
                stages[int(np.searchsorted(EDGES, month + shift, side="right")) - 1] += share
        assert row["probability"] == pytest.approx(max(stages), abs=1e-6)
        assert stages[row["stage"]] == pytest.approx(max(stages), abs=1e-9)
        bits = sum(share * math.log2(share / prior) for share, prior in zip(shares, found.of_all, strict=True))
        assert row["information"] == pytest.approx(bits, abs=1e-6)
        ends = [quantile_of(shares, share) for share in (0.1, 0.5, 0.9)]
        assert [row["low"], row["middle"], row["high"]] == pytest.approx(ends, abs=1e-5)
        assert row["last_day"] == max(day for _, day in one)


def test_what_is_judged_adds_up_over_customers(counts: np.ndarray) -> None:
    fits = [made(counts), made(counts + np.eye(5, MONTHS) * 20)]
    bought, dice = bought_at_random(80), random.Random(6)
    folds, places = [n % 2 for n in range(80)], [dice.uniform(0, MONTHS - 0.01) for _ in range(80)]
    rows = judged(table(bought, fold=folds, place=places), fits, Clear(0.5, 0.2)).to_pylist()
    for fold in (0, 1):
        theirs = [n for n in range(80) if folds[n] == fold]
        for number, method in enumerate((PRIOR, PARENT, LEAF)):
            for place, damping in enumerate(DAMPINGS):
                told = [row for row in rows if (row["fold"], row["method"], row["damping"]) == (fold, number, place)]
                stages = [
                    np.add.reduceat(naive_posterior(fits[fold], method, bought[n], damping), EDGES[:-1]) for n in theirs
                ]
                true = [int(np.searchsorted(EDGES, places[n], side="right")) - 1 for n in theirs]
                assert sum(row["n"] for row in told) == len(theirs)
                assert sum(row["hits"] for row in told) == sum(
                    int(each.argmax()) == stage for each, stage in zip(stages, true, strict=True)
                )
                loss = -sum(math.log(each[stage]) for each, stage in zip(stages, true, strict=True))
                assert sum(row["loss"] for row in told) / 1e6 == pytest.approx(loss, abs=1e-3)
                covered = 0
                for n in theirs:
                    shares = naive_posterior(fits[fold], method, bought[n], damping)
                    covered += quantile_of(shares, 0.1) <= places[n] <= quantile_of(shares, 0.9)
                assert sum(row[f"covered_{LEVELS.index(0.8)}"] for row in told) == covered


def test_a_category_that_is_bought_at_any_time_says_nothing(counts: np.ndarray) -> None:
    alike = np.tile(counts.sum(axis=0), (5, 1)) * 1000.0
    (row,) = scored(table([[(0, 20_000), (1, 20_040), (4, 20_200)]]), made(alike), LEAF, 0.0, 0.8, 20_200).to_pylist()
    assert row["information"] == pytest.approx(0, abs=1e-4)


def test_few_customers_at_a_time_give_the_same_as_all(counts: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    found, rows = made(counts), table(bought_at_random(50))
    whole = scored(rows, found, LEAF, 0.25, 0.8, 20_400)
    monkeypatch.setattr(posterior, "AT_ONCE", 7)
    assert scored(rows, found, LEAF, 0.25, 0.8, 20_400).equals(whole)
