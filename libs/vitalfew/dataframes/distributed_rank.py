"""Ranks and running totals in groups of any size, without sorting a group in one place.

The rows are cut into ranges of (value, key) that are about equally full, however many values are equal and however few
are large, because the cut points are taken from a sample of the rows themselves, drawn by a hash of the key. Each range
is ranked by itself; what lies above it is added from the totals of the ranges.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows

ROWS_IN_A_RANGE = 1_000_000
MOST_RANGES = 256
SAMPLES_OF_A_RANGE = 100

Split = tuple[int, str]
"""A row's value and key: rows after it, in falling order of value and rising order of key, are in a later range."""


def ranked(rows: DataFrame, groups: Sequence[str], value: str, key: str) -> DataFrame:
    """`rows` with their rank in their group: the highest `value` (bigint) first, ties by `key` (string, unique in it).

    Added are `rank` (from 1); `above`, the sum of the positive values that rank before; and of the whole group `size`,
    `total`, and `positive`, the sum of its positive values. `rows` is read three times or four, so stage it.
    """
    ranges = rows.withColumn("range", range_of(splits(rows, value, key), value, key))
    within = Window.partitionBy(*groups, "range").orderBy(F.desc(value), F.asc(key))
    running = within.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    gain = F.greatest(F.col(value), F.lit(0))
    placed = ranges.select(
        "*", F.row_number().over(running).alias("place"), (F.sum(gain).over(running) - gain).alias("gained")
    )
    return placed.join(totals(ranges, groups, value), on=[*groups, "range"], how="inner").select(
        *rows.columns,
        (F.col("rows_before") + F.col("place")).alias("rank"),
        (F.col("gain_before") + F.col("gained")).alias("above"),
        "size",
        "total",
        "positive",
    )


def totals(ranges: DataFrame, groups: Sequence[str], value: str) -> DataFrame:
    """One row per group and range: rows and positive values of the ranges before it, and the totals of its group."""
    counted = ranges.groupBy(*groups, "range").agg(
        F.count(F.lit(1)).alias("n"),
        F.sum(value).alias("sum"),
        F.sum(F.greatest(F.col(value), F.lit(0))).alias("gain"),
    )
    whole = Window.partitionBy(*groups).rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    before = Window.partitionBy(*groups).orderBy("range").rowsBetween(Window.unboundedPreceding, -1)
    return counted.select(
        *groups,
        "range",
        F.coalesce(F.sum("n").over(before), F.lit(0)).alias("rows_before"),
        F.coalesce(F.sum("gain").over(before), F.lit(0)).alias("gain_before"),
        F.sum("n").over(whole).alias("size"),
        F.sum("sum").over(whole).alias("total"),
        F.sum("gain").over(whole).alias("positive"),
    )


def splits(rows: DataFrame, value: str, key: str) -> list[Split]:
    """Where to cut so that each range holds about as many rows as another; none where one range will do."""
    size = collect_rows(rows.agg(F.count(F.lit(1)).alias("n")), "number of rows")[0]["n"]
    ranges = min(-(-size // ROWS_IN_A_RANGE), MOST_RANGES)
    if ranges < 2:
        return []
    one_in = max(size // (ranges * SAMPLES_OF_A_RANGE), 1)
    sample = rows.where(F.pmod(F.xxhash64(key), F.lit(one_in)) == 0).select(value, key)
    found = sorted({(-row[0], row[1]) for row in collect_rows(sample, "sample of rows")})
    cuts = [found[len(found) * part // ranges] for part in range(1, ranges)] if found else []
    return [(-negative, name) for negative, name in dict.fromkeys(cuts)]


def range_of(splits: Sequence[Split], value: str, key: str, first: int = 0) -> Column:
    """The number of the range of a row, found as in a binary search."""
    if not splits:
        return F.lit(first)
    middle = len(splits) // 2
    split_value, split_key = splits[middle]
    is_later = (F.col(value) < split_value) | ((F.col(value) == split_value) & (F.col(key) > split_key))
    later = range_of(splits[middle + 1 :], value, key, first + middle + 1)
    return F.when(is_later, later).otherwise(range_of(splits[:middle], value, key, first))
