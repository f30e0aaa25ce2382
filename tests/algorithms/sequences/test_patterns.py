"""Frequent ordered patterns: published figures, and a naive search that tries every assignment of days."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from staged import staged

from vitalfew.algorithms.sequences.histories import NOTHING, pack, unpack
from vitalfew.algorithms.sequences.occurrences import Spacing
from vitalfew.algorithms.sequences.patterns import Found, Limits, frequent_patterns
from vitalfew.algorithms.sequences.patterns import pack as pack_all
from vitalfew.dataframes.exact_shares import exactly, least_count

START = date(2025, 1, 1)
SPMF = (
    ("1", "1 2 3", "1 3", "4", "3 6"),
    ("1 4", "3", "2 3", "1 5"),
    ("5 6", "1 2", "4 6", "3", "2"),
    ("5", "7", "1 6", "3", "2", "3"),
)
"""The four sequences that the documentation of SPMF mines with PrefixSpan."""
SPARK = (("1 2", "3"), ("1", "3 2", "1 2"), ("1 2", "5"), ("6",))
"""Those of Spark's documentation of PrefixSpan."""
WIDE = Limits(
    longest=20, largest_element=20, most_items=1000, most_patterns=10_000, most_events=10_000, most_occurrences=10_000
)
WIDE_THREE = replace(WIDE, longest=3)
ANY_GAP = Spacing()
History = Mapping[int, frozenset[str]]
Named = tuple[tuple[str, ...], ...]


def in_turn(sequence: Sequence[str]) -> History:
    return {day: frozenset(items.split()) for day, items in enumerate(sequence)}


def frame(spark: SparkSession, histories: Sequence[History]) -> DataFrame:
    rows = [
        (f"h{number}", START + timedelta(days=day), item)
        for number, history in enumerate(histories)
        for day, items in history.items()
        for item in items or [None]
    ]
    return spark.createDataFrame(rows, "owner string, day date, item string")


def mined(
    spark: SparkSession, histories: Sequence[History], share: float, spacing: Spacing = ANY_GAP, limits: Limits = WIDE
) -> tuple[dict[Named, int], Found]:
    packed = pack_all(frame(spark, histories), lambda n: least_count(exactly(share), n), limits, staged)
    found = frequent_patterns(packed, spacing, limits)
    names = packed.names.to_pylist()
    return {
        tuple(tuple(sorted(names[item] for item in element)) for element in pattern): n
        for pattern, n in found.counts.items()
    }, found


def by_length(found: Mapping[Named, int]) -> list[int]:
    counts = Counter(sum(map(len, pattern)) for pattern in found)
    return [counts[length] for length in sorted(counts)]


def naive(histories: Sequence[History], floor: int, spacing: Spacing, longest: int) -> dict[Named, int]:
    """Every choice of at most `longest` items of a history, by brute force."""
    counts: Counter[Named] = Counter()
    for history in histories:
        events = sorted((day, item) for day, items in history.items() for item in items)
        seen: set[Named] = set()
        for length in range(1, longest + 1):
            for chosen in combinations(events, length):
                days = sorted({day for day, _ in chosen})
                gaps = [after - before for before, after in pairwise(days)]
                span = days[-1] - days[0]
                if all(spacing.min_gap <= gap <= spacing.max_gap for gap in gaps) and (
                    spacing.min_span <= span <= spacing.max_span
                ):
                    seen.add(tuple(tuple(sorted(item for at, item in chosen if at == day)) for day in days))
        counts.update(seen)
    return {pattern: n for pattern, n in counts.items() if n >= floor}


def random_histories(seed: int) -> list[History]:
    rng = random.Random(seed)
    return [
        {
            day: frozenset(rng.sample("abcde", rng.randint(0, 3)))
            for day in rng.sample(range(rng.choice([8, 30])), rng.randint(1, 5))
        }
        for _ in range(rng.randint(3, 9))
    ]


@pytest.mark.both_engines
def test_the_sequences_of_spmf_have_53_patterns_at_half_and_14_at_three_quarters(spark: SparkSession) -> None:
    rows = [in_turn(sequence) for sequence in SPMF]
    half, _ = mined(spark, rows, 0.5)
    assert len(half) == 53
    assert by_length(half) == [6, 22, 21, 4]
    assert half[("1",), ("2", "3"), ("1",)] == 2
    assert len(mined(spark, rows, 0.75)[0]) == 14


def test_with_a_greatest_gap_all_occurrences_of_a_prefix_are_followed(spark: SparkSession) -> None:
    found, _ = mined(spark, [in_turn(sequence) for sequence in SPMF], 0.5, Spacing(max_gap=1))
    assert len(found) == 23  # 18 of them would be found from the leftmost occurrence alone


def test_the_example_of_sparks_prefix_span_has_five_patterns(spark: SparkSession) -> None:
    found, _ = mined(spark, [in_turn(sequence) for sequence in SPARK], 0.5)
    assert found == {(("1",),): 3, (("2",),): 3, (("3",),): 2, (("1", "2"),): 3, (("1",), ("3",)): 2}


def test_the_sequences_of_zaki_have_18_patterns_and_11_within_five_days(spark: SparkSession, shared: Path) -> None:
    rows: dict[str, dict[int, frozenset[str]]] = {}
    for line in (shared / "decisions" / "zaki.txt").read_text().splitlines():
        who, day, _, *items = line.split()
        rows.setdefault(who, {})[int(day)] = frozenset(items)
    histories = [rows[who] for who in sorted(rows)]
    assert len(mined(spark, histories, 0.4)[0]) == 18
    assert len(mined(spark, histories, 0.4, Spacing(max_gap=5))[0]) == 11


@pytest.mark.parametrize(
    "spacing",
    [
        Spacing(),
        Spacing(max_gap=3),
        Spacing(min_gap=2, max_gap=9),
        Spacing(max_span=6),
        Spacing(min_gap=2, max_gap=12, max_span=14),
        Spacing(max_gap=10, min_span=7, max_span=20),
    ],
)
def test_patterns_are_those_of_a_naive_search(spark: SparkSession, spacing: Spacing) -> None:
    limits = Limits(
        longest=4, largest_element=20, most_items=1000, most_patterns=100_000, most_events=100, most_occurrences=100
    )
    for seed in range(3):
        histories = random_histories(seed)
        found, _ = mined(spark, histories, 2 / len(histories), spacing, limits)
        assert found == naive(histories, 2, spacing, 4), seed


def test_elements_hold_no_more_items_than_asked(spark: SparkSession) -> None:
    limits = Limits(
        longest=3, largest_element=1, most_items=1000, most_patterns=1000, most_events=100, most_occurrences=100
    )
    rows = [in_turn(sequence) for sequence in SPMF]
    found, _ = mined(spark, rows, 0.5, limits=limits)
    every = naive(rows, 2, Spacing(), 3)
    assert found == {pattern: n for pattern, n in every.items() if all(len(element) == 1 for element in pattern)}


def test_one_history_longer_than_allowed_is_cut_to_its_latest_events_and_counted(spark: SparkSession) -> None:
    limits = Limits(
        longest=2, largest_element=1, most_items=1000, most_patterns=1000, most_events=3, most_occurrences=10
    )
    rows = [{day: frozenset("ab" if day < 10 else "cd") for day in range(0, 20, 5)}, {0: frozenset("c")}]
    packed = pack_all(frame(spark, rows), lambda _: 1, limits, staged)
    assert (packed.histories, packed.events, packed.capped, packed.left_out) == (2, 9, 1, 5)


def test_occurrences_beyond_the_cap_are_left_out_and_counted(spark: SparkSession) -> None:
    rows = [{day: frozenset("ab"[day % 2]) for day in range(40)}] * 2
    few = Limits(longest=3, largest_element=1, most_items=1000, most_patterns=1000, most_events=100, most_occurrences=2)
    found, told = mined(spark, rows, 1.0, limits=few)
    assert told.cut_off == 8  # aa, ab, ba and bb, in both
    assert set(found) <= set(mined(spark, rows, 1.0, limits=WIDE_THREE)[0])


def test_of_too_many_patterns_the_most_frequent_stay_and_the_reason_is_given(spark: SparkSession) -> None:
    limits = Limits(
        longest=4, largest_element=4, most_items=1000, most_patterns=20, most_events=100, most_occurrences=100
    )
    rows = [in_turn(sequence) for sequence in SPMF]
    found, told = mined(spark, rows, 0.5, limits=limits)
    assert told.floor == 3
    assert told.reasons == ("more than 20 patterns would have been found",)
    assert found == naive(rows, 3, Spacing(), 4)


def test_of_nothing_nothing_is_found(spark: SparkSession) -> None:
    assert mined(spark, [], 0.5)[0] == {}
    assert mined(spark, [{0: frozenset()}], 0.5)[0] == {}


def test_everything_on_one_day_is_one_element(spark: SparkSession) -> None:
    found, _ = mined(spark, [{3: frozenset("abc")}], 1.0)
    assert by_length(found) == [3, 3, 1]


def test_a_day_on_which_nothing_counts_is_kept_as_a_day() -> None:
    events = pa.table({"owner": ["x", "x", "x", "y"], "day": [5, 5, 7, 6], "item": ["a", "rare", None, "rare"]})
    (packed,) = pack(events, pa.array(["a"]), 5, 100).to_batches()
    (found,) = unpack([packed])
    assert list(zip(found.owners, found.days, found.items, strict=True)) == [
        (0, 0, 0),
        (0, 2, NOTHING),
        (1, 1, NOTHING),
    ]
    assert np.array_equal(found.owners, [0, 0, 1])
