"""One definition of a super customer."""

from __future__ import annotations

from chispa import assert_column_equality
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from vitalfew.domain.super_customers import is_super


def test_super_is_worth_at_least_the_factor_times_the_mean_of_all_others(spark: SparkSession) -> None:
    rows = [
        (3000, 5000, 3, True),  # three times the mean of 10 and 10
        (2999, 4999, 3, False),
        (3000, 3000, 1, False),  # alone
        (0, -900, 2, False),  # no value, though the others are worse
        (1, -900, 2, True),
        (10**15, 10**15 + 10**9, 2, True),  # no overflow
    ]
    frame = spark.createDataFrame(rows, "cents bigint, total bigint, size bigint, expected boolean")
    found = frame.withColumn("found", is_super(F.col("cents"), F.col("total"), F.col("size"), 3.0))
    assert_column_equality(found, "found", "expected")
