"""Whether the times of orders are more than dates: hours mean something only then."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows

MOST_AT_MIDNIGHT = 0.99


def is_midnight(time: str = "ordered_at") -> Column:
    """Whether a time is exactly the beginning of its day."""
    return F.col(time) == F.date_trunc("day", F.col(time))


def midnights() -> Column:
    """How many orders are at midnight exactly; an aggregate, for `are_times`."""
    return F.count_if(is_midnight())


def are_times(at_midnight: int, orders: int) -> bool:
    """Whether `orders`, of which so many are at midnight exactly, have times and not only dates."""
    return at_midnight <= MOST_AT_MIDNIGHT * orders


def has_times(orders: DataFrame) -> bool:
    """Whether `orders` have times and not only dates; true where there are none."""
    row = collect_rows(orders.agg(midnights(), F.count(F.lit(1))), "orders at midnight")[0]
    return are_times(row[0], row[1])
