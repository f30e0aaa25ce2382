"""What an allocation is made of as a frame: its columns, and options by what they are worth at prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.arrays import Floats

TAKER, OPTION, VALUE, ROOM, FOLLOWS, TIE, REDUCED = "taker", "option", "value", "room", "follows", "tie", "reduced"


@dataclass(frozen=True)
class Limit:
    """The column with what an option uses of it, and how much there is: whole numbers of one unit, not negative."""

    use: str
    capacity: int


def fitting(options: DataFrame, limits: Sequence[Limit], left: Floats) -> DataFrame:
    """The options that are worth something, and of which each one alone would fit."""
    fits = [F.col(limit.use) <= F.lit(float(rest)) for limit, rest in zip(limits, left, strict=True)]
    return options.where(reduce(and_, [*fits, F.col(VALUE) > 0]))


def reduced_by(prices: Floats, limits: Sequence[Limit]) -> Column:
    """What an option is worth when what it uses is paid for, limit by limit in their order."""
    found = F.col(VALUE).cast("double")
    for price, limit in zip(prices.tolist(), limits, strict=True):
        found = found - F.lit(price) * F.col(limit.use).cast("double")
    return found


def in_order() -> list[Column]:
    """The best first; ties by hash, then by name."""
    return [F.desc(REDUCED), F.asc(TIE), F.asc(TAKER), F.asc(OPTION)]


def best_of_each(options: DataFrame) -> DataFrame:
    """Of each taker the options with the highest REDUCED, as many as there is ROOM for."""
    own = Window.partitionBy(TAKER).orderBy(*in_order()).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return options.withColumn("_place", F.row_number().over(own)).where(F.col("_place") <= F.col(ROOM)).drop("_place")
