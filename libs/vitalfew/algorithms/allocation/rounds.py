"""From prices to an allocation within all limits, on the engine: the same rule as `greedy`, in rounds.

In each round every taker names the best options that still fit. Of all of them, in one order, those before the first
that does not fit are given. That place is found in histograms, and at last among a few rows: no window over all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.allocation.columns import (
    FOLLOWS,
    OPTION,
    REDUCED,
    ROOM,
    TAKER,
    TIE,
    VALUE,
    Limit,
    best_of_each,
    fitting,
    reduced_by,
)
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage, together

BUCKETS = 2048
MOST_ROWS = 20_000
"""Rows among which the last place is looked for on the driver."""
MOST_DEPTH = 12
"""Of buckets in buckets; beyond it the last one is left out whole."""
LEAST_SHARE = 1e-5
"""Rounds end when one adds less than this share to the value."""


@dataclass(frozen=True)
class Cut:
    """Up to where options are given, None: all of them; and what these use and are worth."""

    before: Column | None
    used: Floats
    value: float


def given_in_rounds(
    options: DataFrame, limits: Sequence[Limit], prices: Floats, stage: Stage, most_rounds: int, most_rows: int
) -> DataFrame:
    """TAKER and OPTION of what is given."""
    left = np.array([float(limit.capacity) for limit in limits])
    priced = options.withColumn(REDUCED, reduced_by(prices, limits))
    given: list[DataFrame] = []
    total = 0.0
    for _ in range(most_rounds):
        still = without(fitting(priced, limits, left), given)
        named = stage(best_of_each(still))
        cut = cut_of(named, limits, left, most_rows)
        given.append((named if cut.before is None else named.where(cut.before)).select(TAKER, OPTION))
        left, total = left - cut.used, total + cut.value
        if cut.before is None or cut.value <= LEAST_SHARE * total:
            break
    return together(tuple(given))


def without(options: DataFrame, given: Sequence[DataFrame]) -> DataFrame:
    """`options` that are not given yet, of takers who have room, with the ROOM that is left."""
    if not given:
        return options
    had = together(tuple(given))
    filled = had.groupBy(TAKER).agg(F.count(F.lit(1)).alias("_had"))
    room = (F.col(ROOM) - F.coalesce("_had", F.lit(0))).cast("int")
    left = options.join(filled, on=TAKER, how="left").withColumn(ROOM, room).drop("_had").where(F.col(ROOM) > 0)
    return left.join(had, on=[TAKER, OPTION], how="left_anti")


def cut_of(named: DataFrame, limits: Sequence[Limit], left: Floats, most_rows: int) -> Cut:
    """Where the first option stands that does not fit any more: in which bucket, in which part of that, and so on."""
    keys = [(F.col(REDUCED), -1.0), (F.col(TIE).cast("double"), 1.0)]
    within: Column = F.lit(True)
    before: Column = F.lit(False)
    used, value = np.zeros(len(limits)), 0.0
    for _ in range(MOST_DEPTH):
        column, sign = keys[0]
        ends = [F.min(column).alias("low"), F.max(column).alias("high"), F.count(F.lit(1)).alias("rows")]
        row = collect_rows(named.where(within).agg(*ends), "the range of options")[0]
        if row["rows"] <= most_rows:
            break
        if row["low"] == row["high"]:
            keys = keys[1:]
            if not keys:
                return Cut(before, used, value)
            continue
        first, width = (row["high"] if sign < 0 else row["low"]), row["high"] - row["low"]
        place = F.floor((column - F.lit(first)) * F.lit(sign * buckets_in_one(width)))
        bucket = F.least(place, F.lit(BUCKETS - 1)).cast("int")
        number, more, worth = first_too_full(named.where(within), bucket, limits, left - used)
        used, value = used + more, value + worth
        if number is None:
            return Cut(None, used, value)
        before, within = before | (within & (bucket < number)), within & (bucket == number)
    else:
        return Cut(before, used, value)
    return last_place(named.where(within), limits, left, (used, value), before, within)


def buckets_in_one(width: float) -> float:
    """How many of BUCKETS a range of this width has for each unit of it."""
    return BUCKETS / width


def first_too_full(
    rows: DataFrame, bucket: Column, limits: Sequence[Limit], left: Floats
) -> tuple[int | None, Floats, float]:
    """The first bucket that does not fit whole, None: there is none; and the use and value of those before it."""
    found = collect_rows(rows.groupBy(bucket.alias("bucket")).agg(*sums_of(limits)), "buckets of options")
    used, value = np.zeros(len(limits)), 0.0
    for row in sorted(found, key=lambda row: row["bucket"]):
        more = used + [float(row[limit.use]) for limit in limits]
        if (more > left).any():
            return row["bucket"], used, value
        used, value = more, value + float(row[VALUE])
    return None, used, value


def sums_of(limits: Sequence[Limit]) -> list[Column]:
    """What options use of each limit, and are worth; followers left out."""
    return [
        F.coalesce(F.sum(F.when(~F.col(FOLLOWS), F.col(name).cast("decimal(20,0)"))), F.lit(0)).alias(name)
        for name in (*[limit.use for limit in limits], VALUE)
    ]


def last_place(
    rows: DataFrame, limits: Sequence[Limit], left: Floats, so_far: tuple[Floats, float], before: Column, within: Column
) -> Cut:
    """The cut, from the few rows `within` which it lies; `before` is given, `so_far` is what that uses and is worth."""
    used, value = so_far
    for row in sorted(collect_rows(rows, "options at the edge"), key=place_of):
        more = used + [float(row[limit.use]) for limit in limits]
        if (more > left).any():
            if row[FOLLOWS]:
                continue
            return Cut(before | (within & stands_before(row)), used, value)
        if not row[FOLLOWS]:
            used, value = more, value + row[VALUE]
    return Cut(None, used, value)


def place_of(row: Row) -> tuple[float, int, str, str]:
    return -row[REDUCED], row[TIE], row[TAKER], row[OPTION]


def stands_before(row: Row) -> Column:
    """Whether an option comes before that of `row`."""
    names = (F.col(TAKER) < F.lit(row[TAKER])) | (
        (F.col(TAKER) == F.lit(row[TAKER])) & (F.col(OPTION) < F.lit(row[OPTION]))
    )
    ties = (F.col(TIE) < F.lit(row[TIE])) | ((F.col(TIE) == F.lit(row[TIE])) & names)
    return (F.col(REDUCED) > F.lit(row[REDUCED])) | ((F.col(REDUCED) == F.lit(row[REDUCED])) & ties)
