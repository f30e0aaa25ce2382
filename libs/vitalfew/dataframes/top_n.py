"""The best few rows of each group."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def best(frame: DataFrame, n: int, within: Sequence[str], order: Sequence[Column]) -> DataFrame:
    """The first `n` rows of each group, with their `rank` from 1; `order` must end in what is unique in the group."""
    window = Window.partitionBy(*within).orderBy(*order).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return frame.withColumn("rank", F.row_number().over(window)).where(F.col("rank") <= n)
