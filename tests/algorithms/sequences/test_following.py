"""What follows what: counts and chances against a naive count, against all permutations, and on planted truth."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import permutations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from scipy.stats import binom
from staged import staged
from test_patterns import START, History, frame, random_histories

from vitalfew.algorithms.sequences.following import Following, following
from vitalfew.algorithms.sequences.patterns import Limits, pack
from vitalfew.algorithms.statistics.unequal_chances import log_upper_bound

LIMITS = Limits(
    longest=2, largest_element=1, most_items=1000, most_patterns=1000, most_events=1000, most_occurrences=100
)
WINDOWS = ((1, 3), (4, 9), (12, 14))
Key = tuple[str, str, int]


def found(
    spark: SparkSession, histories: Sequence[History], floor: int, until: date, most: int = 10_000
) -> tuple[dict[Key, tuple[int, int, float]], Following]:
    """By antecedent, consequent and window: n, n of the antecedent, expected."""
    packed = pack(frame(spark, histories), lambda _: 1, LIMITS, staged)
    rows = following(packed, WINDOWS, until, floor, most, staged)
    names = packed.names.to_pylist()
    columns = (rows.antecedents, rows.consequents, rows.windows, rows.n, rows.n_antecedent, rows.expected)
    return {
        (names[a], names[b], w): (n, given, expected)
        for a, b, w, n, given, expected in zip(*(column.tolist() for column in columns), strict=True)
    }, rows


def is_followed(days_a: set[int], days_b: set[int], window: tuple[int, int], until: int) -> bool:
    first, last = window
    return any(first <= b - a <= last for a in days_a for b in days_b if a + last < until)


def by_item(history: History) -> dict[str, set[int]]:
    days: dict[str, set[int]] = defaultdict(set)
    for day, items in history.items():
        for item in items:
            days[item].add(day)
    return days


def naive(histories: Sequence[History], until: int) -> dict[Key, tuple[int, int, float]]:
    """Counts, and the expectation over all permutations of the days that leave those with A where they are."""
    counts: dict[Key, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for history in histories:
        days = by_item(history)
        for a in "abcde":
            for b in set("abcde") - {a}:
                for place, (first, last) in enumerate(WINDOWS):
                    row = counts[a, b, place]
                    row[0] += is_followed(days[a], days[b], (first, last), until)
                    row[1] += any(day + last < until for day in days[a])
                    row[2] += chance(history, a, b, (first, last), until)
    return {key: (int(n), int(given), expected) for key, (n, given, expected) in counts.items() if n}


def chance(history: Mapping[int, frozenset[str]], a: str, b: str, window: tuple[int, int], until: int) -> float:
    """The share of the permutations, of days with A among themselves and of the others, in which B follows A."""
    with_a = [day for day in sorted(history) if a in history[day]]
    others = [day for day in sorted(history) if a not in history[day]]
    hits = total = 0
    for one in permutations(with_a):
        for two in permutations(others):
            moved = dict(zip([*with_a, *others], [*one, *two], strict=True))
            days_b = {moved[day] for day in history if b in history[day]}
            hits += is_followed(set(with_a), days_b, window, until)
            total += 1
    return hits / total


@pytest.mark.both_engines
def test_counts_and_chances_are_those_of_all_permutations(spark: SparkSession) -> None:
    for seed, until in ((1, 40), (2, 14)):
        histories = random_histories(seed)
        ours, rows = found(spark, histories, 1, START + timedelta(days=until))
        wanted = naive(histories, until)
        assert {key: row[:2] for key, row in ours.items()} == {key: row[:2] for key, row in wanted.items()}
        assert [row[2] for row in ours.values()] == pytest.approx([wanted[key][2] for key in ours])
        assert np.all(rows.n >= 1)


def planted(seed: int, follows: bool) -> list[History]:
    """400 histories of a day a week for 12 weeks; if it `follows`, b comes 4 to 9 days after a in a third of them."""
    rng = random.Random(seed)
    histories: list[History] = []
    for _ in range(400):
        days = [7 * week + rng.randrange(2) for week in range(12)]
        items: dict[int, set[str]] = {day: {rng.choice("cdefg")} for day in days}
        items[rng.choice(days)].add("a")
        if rng.random() < 0.6:
            items[rng.choice(days)].add("b")
        if follows and rng.random() < 0.33:
            after = [(x, y) for x in days for y in days if 4 <= y - x <= 9]
            if after:
                first, second = rng.choice(after)
                items[first].add("a")
                items[second].add("b")
        histories.append({day: frozenset(some) for day, some in items.items()})
    return histories


def test_what_was_planted_is_found_and_nothing_else(spark: SparkSession) -> None:
    for follows in (True, False):
        ours, rows = found(spark, planted(7, follows), 5, START + timedelta(days=300))
        significant = [key for key, q in zip(ours, rows.q.tolist(), strict=True) if q < 0.01]
        assert significant == ([("a", "b", 1)] if follows else [])


def test_of_too_many_those_far_above_what_both_items_would_give_are_examined(spark: SparkSession) -> None:
    histories = planted(7, follows=True)
    until = START + timedelta(days=300)
    every, all_rows = found(spark, histories, 5, until)
    few, rows = found(spark, histories, 5, until, most=10)
    assert len(few) == 10 < len(every)
    assert few == {key: every[key] for key in few}
    assert ("a", "b", 1) in few
    assert rows.tested == all_rows.tested


def test_without_a_second_day_nothing_follows(spark: SparkSession) -> None:
    assert found(spark, [{0: frozenset("abc")}], 1, START + timedelta(days=30))[0] == {}
    assert found(spark, [], 1, START)[0] == {}


def test_a_tail_of_unequal_chances_is_bounded() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        chances = rng.beta(0.6, 1.5, size=40)
        exact = np.array([1.0])
        for p in chances:
            exact = np.convolve(exact, [1 - p, p])
        tail = np.cumsum(exact[::-1])[::-1]
        n = np.arange(41)
        bound = np.exp(log_upper_bound(n, np.full(41, 40), np.full(41, chances.sum())))
        assert np.all(bound >= tail[:41] * (1 - 1e-9))
    equal = np.exp(log_upper_bound(np.array([9]), np.array([20]), np.array([4.0])))
    assert equal == pytest.approx(binom.sf(8, 20, 0.2))
