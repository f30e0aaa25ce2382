"""The division of algorithms/ratios.py."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio


@pytest.mark.both_engines
def test_nothing_to_divide_by_gives_null_and_no_error(spark: SparkSession) -> None:
    rows = [(1, 6, 4), (2, 6, 0), (3, 0, 0), (4, None, 2), (5, 6, None), (6, -6, -4)]
    frame = spark.createDataFrame(rows, "id int, a bigint, b bigint")
    found = frame.select("id", ratio(F.col("a"), F.col("b")).alias("r")).orderBy("id").collect()
    assert [row.r for row in found] == [1.5, None, None, None, None, 1.5]


@pytest.mark.both_engines
def test_money_stays_decimal_as_where_it_is_divided_without_care(spark: SparkSession) -> None:
    rows = [(1, Decimal("10.00"), 4), (2, Decimal("10.00"), 0)]
    frame = spark.createDataFrame(rows, "id int, a decimal(28,2), b bigint").orderBy("id")
    divided = frame.select(ratio(F.col("a"), F.col("b")).alias("r"), (F.col("a") / F.col("b")).alias("plain"))
    assert divided.schema["r"].dataType == divided.schema["plain"].dataType
    assert [row.r for row in divided.select("r").collect()] == [Decimal("2.5"), None]


@pytest.mark.both_engines
def test_sums_are_divided_in_an_aggregation_too(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("x", 3, 0), ("x", 4, 2), ("y", 5, 0)], "k string, a bigint, b bigint")
    found = frame.groupBy("k").agg(ratio(F.sum("a"), F.sum("b")).alias("r")).collect()
    assert {row.k: row.r for row in found} == {"x": 3.5, "y": None}
