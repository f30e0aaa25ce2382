"""Ranks and running totals, the same however the rows are cut into ranges."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from pyspark.sql import DataFrame, SparkSession

from vitalfew.dataframes import distributed_rank
from vitalfew.dataframes.distributed_rank import range_of, ranked, splits

Row = tuple[str, str, int]


def rows_of(spark: SparkSession, rows: list[Row]) -> DataFrame:
    return spark.createDataFrame(rows, "team string, who string, points bigint")


def naive(rows: list[Row]) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    found = {}
    for team in {team for team, _, _ in rows}:
        mine = sorted((-points, who) for other, who, points in rows if other == team)
        total, positive = sum(-value for value, _ in mine), sum(max(-value, 0) for value, _ in mine)
        above = 0
        for rank, (negative, who) in enumerate(mine, 1):
            found[team, who] = (rank, above, len(mine), total, positive)
            above += max(-negative, 0)
    return found


def computed(frame: DataFrame) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    placed = ranked(frame, ["team"], "points", "who")
    assert placed.columns == ["team", "who", "points", "rank", "above", "size", "total", "positive"]
    return {(r.team, r.who): (r.rank, r.above, r["size"], r.total, r.positive) for r in placed.collect()}


def random_rows(seed: int, n: int = 300) -> list[Row]:
    """Most have the same value; a few have nearly everything; some are below zero."""
    rng = random.Random(seed)
    values = [rng.choice([999, 999, 999, 0, -50, rng.randrange(10**9)]) for _ in range(n)]
    return [(rng.choice(["a", "b", "b", "b"]), f"w{number}", value) for number, value in enumerate(values)]


@pytest.mark.parametrize("rows_in_a_range", [7, pytest.param(50, marks=pytest.mark.both_engines), 10**6])
def test_any_number_of_ranges_gives_the_naive_ranks(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, rows_in_a_range: int
) -> None:
    monkeypatch.setattr(distributed_rank, "ROWS_IN_A_RANGE", rows_in_a_range)
    rows = random_rows(1)
    assert computed(rows_of(spark, rows)) == naive(rows)


def test_ranges_are_equally_full_though_all_values_are_equal(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed_rank, "ROWS_IN_A_RANGE", 500)
    rows = rows_of(spark, [("a", f"w{number:04}", 5) for number in range(5000)])
    cuts = splits(rows, "points", "who")
    assert len(cuts) == 9
    sizes = Counter(row.range for row in rows.select(range_of(cuts, "points", "who").alias("range")).collect())
    assert sorted(sizes) == list(range(10))
    assert max(sizes.values()) < 1.5 * 500


def test_a_range_ends_with_its_cut(spark: SparkSession) -> None:
    rows = rows_of(spark, [("a", "ann", 9), ("a", "bob", 5), ("a", "cat", 5), ("a", "dan", 5), ("a", "eve", 1)])
    numbered = rows.select("who", range_of([(9, "ann"), (5, "cat")], "points", "who").alias("range"))
    assert {row.who: row.range for row in numbered.collect()} == {"ann": 0, "bob": 1, "cat": 1, "dan": 2, "eve": 2}


def test_a_sample_that_meets_nobody_leaves_one_range(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed_rank, "ROWS_IN_A_RANGE", 2)
    monkeypatch.setattr(distributed_rank, "SAMPLES_OF_A_RANGE", 0.000001)
    rows: list[Row] = [("a", "ann", 9), ("a", "bob", 5), ("a", "cat", 5)]
    assert splits(rows_of(spark, rows), "points", "who") == []
    assert computed(rows_of(spark, rows)) == naive(rows)


def test_no_rows_have_no_ranks(spark: SparkSession) -> None:
    assert computed(rows_of(spark, [])) == {}
