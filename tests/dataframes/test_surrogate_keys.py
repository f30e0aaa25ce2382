"""Numbers for names: in the order of the names, and back again."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from staged import staged

from vitalfew.dataframes.surrogate_keys import numbered, with_numbers


@pytest.mark.both_engines
def test_names_are_numbered_once_each_in_their_order(spark: SparkSession) -> None:
    names = ["b", "a", "10", "9", "Z", "é", "b", "日", "", "a"]
    frame = spark.createDataFrame([(name,) for name in names], "known_as string")
    found = {row["known_as"]: row["number"] for row in numbered(frame, "number", staged).collect()}
    assert found == {name: place for place, name in enumerate(sorted({*names}), start=1)}


def test_nothing_has_no_numbers(spark: SparkSession) -> None:
    assert numbered(spark.createDataFrame([], "known_as string"), "number", staged).collect() == []


def test_a_column_of_names_becomes_one_of_numbers(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("b", 1), (None, 2), ("b", 3), ("x", 4)], "who string, row int")
    numbers = spark.createDataFrame([("a", 1), ("b", 2)], "known_as string, who int")
    left = with_numbers(frame, numbers, "who", how="left")
    assert sorted(left.columns) == ["row", "who"]
    assert {row["row"]: row["who"] for row in left.collect()} == {1: 2, 2: None, 3: 2, 4: None}
    inner = with_numbers(frame, numbers, "who", how="inner")
    assert {row["row"]: row["who"] for row in inner.collect()} == {1: 2, 3: 2}
