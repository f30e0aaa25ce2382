"""Exact quantiles: found by counting, the same for equal values, at any size."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from vitalfew.dataframes import exact_quantiles
from vitalfew.dataframes.exact_quantiles import Cut, Search, cuts, narrow, select


def column(spark: SparkSession, values: Sequence[int | None]) -> DataFrame:
    return spark.createDataFrame([(value,) for value in values], "v bigint")


def bands_of(values: list[int], found: tuple[Cut, ...]) -> list[int]:
    return [1 + sum(value > cut.last for cut in found) for value in values]


def test_five_values_fall_into_five_bands(spark: SparkSession) -> None:
    assert cuts(column(spark, [50, 10, 40, 20, 30]), ["v"], 5)["v"] == (
        Cut(10, 20),
        Cut(20, 30),
        Cut(30, 40),
        Cut(40, 50),
    )


def test_bands_without_ties_are_of_equal_size(spark: SparkSession) -> None:
    values = random.Random(1).sample(range(-(10**12), 10**12), 1000)
    found = bands_of(values, cuts(column(spark, values), ["v"], 5)["v"])
    assert [found.count(band) for band in range(1, 6)] == [200] * 5


def test_the_cut_is_the_exact_quantile_of_numpy(spark: SparkSession) -> None:
    rng = random.Random(2)
    values = [int(rng.lognormvariate(8, 2)) for _ in range(501)]
    expected = np.quantile(values, [0.25, 0.5, 0.75], method="inverted_cdf")
    assert [cut.last for cut in cuts(column(spark, values), ["v"], 4)["v"]] == expected.tolist()


def test_the_value_above_a_cut_is_the_next_that_occurs(spark: SparkSession) -> None:
    assert cuts(column(spark, [1, 1, 1, 7]), ["v"], 2)["v"] == (Cut(1, 7),)


def test_equal_values_share_a_band_and_the_smallest_are_in_the_first(spark: SparkSession) -> None:
    values = [1] * 60 + [2] * 25 + [3] * 10 + [9] * 5
    assert sorted({*zip(values, bands_of(values, cuts(column(spark, values), ["v"], 5)["v"]), strict=True)}) == [
        (1, 1),
        (2, 4),
        (3, 5),
        (9, 5),
    ]


@pytest.mark.parametrize("values", [[1, 2], [1, 2, 2, 2, 2, 2], [5, 6, 7], [1, 1, 1, 2]])
def test_the_largest_value_is_in_the_highest_band_and_the_smallest_in_the_lowest(
    spark: SparkSession, values: list[int]
) -> None:
    found = bands_of(values, cuts(column(spark, values), ["v"], 5)["v"])
    assert found[0] == 1
    assert found[-1] == 5


def test_where_all_values_are_equal_every_cut_lies_above_them(spark: SparkSession) -> None:
    assert cuts(column(spark, [3, 3, 3]), ["v"], 3)["v"] == (Cut(3, 4), Cut(3, 4))


def test_a_column_without_values_has_no_cuts(spark: SparkSession) -> None:
    assert cuts(column(spark, []), ["v"], 5) == {}
    assert cuts(column(spark, [None]), ["v"], 5) == {}


def test_null_is_no_value(spark: SparkSession) -> None:
    assert cuts(column(spark, [None, 4, None, 8]), ["v"], 2)["v"] == (Cut(4, 8),)


def test_narrowing_in_many_passes_finds_what_sorting_finds(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With four bins a pass, a wide range takes some twenty passes."""
    monkeypatch.setattr(exact_quantiles, "BINS", 4)
    rng = random.Random(3)
    values = [rng.choice([rng.randrange(-(10**12), 10**12), 77]) for _ in range(60)]
    searches = [Search("v", rank, min(values), max(values)) for rank in (1, 30, 45, 60)]
    assert select(column(spark, values), searches) == [sorted(values)[rank - 1] for rank in (1, 30, 45, 60)]


@pytest.mark.both_engines
def test_columns_are_cut_independently(spark: SparkSession) -> None:
    rows = [(value, -1000 * value) for value in range(1, 101)]
    found = cuts(spark.createDataFrame(rows, "a bigint, b bigint"), ["a", "b"], 4)
    assert found == {
        "a": (Cut(25, 26), Cut(50, 51), Cut(75, 76)),
        "b": (Cut(-76000, -75000), Cut(-51000, -50000), Cut(-26000, -25000)),
    }


def test_a_rank_beyond_the_values_is_refused_rather_than_answered() -> None:
    with pytest.raises(AssertionError, match="changed between two passes"):
        narrow(Search("v", rank=4, low=0, high=9), [(0, 3)])
