"""Numbers for names: an int is joined, grouped and sorted in a part of the time and memory that a string takes."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes import distributed_rank
from vitalfew.dataframes.staging import Stage


def numbered(names: DataFrame, number: str, stage: Stage) -> DataFrame:
    """known_as and `number` (int, from 1): the values of the column known_as of `names`, distinct, in rising order.

    Ties that end in the number therefore end as they would in the name.
    """
    rows = stage(names.select("known_as", F.lit(0).cast("bigint").alias("value"), F.lit(0).alias("grp")).distinct())
    ranked = distributed_rank.ranked(rows, ["grp"], "value", "known_as")
    return stage(ranked.select("known_as", F.col("rank").cast("int").alias(number)))


def with_numbers(frame: DataFrame, numbers: DataFrame, key: str, how: str) -> DataFrame:
    """`frame` with numbers for the names in its column `key`; `numbers`: known_as and `key`."""
    return frame.withColumnRenamed(key, "known_as").join(numbers, on="known_as", how=how).drop("known_as")
