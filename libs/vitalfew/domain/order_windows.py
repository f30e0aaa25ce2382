"""Which orders an analysis looks at."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def in_window(orders: DataFrame, as_of: date, window_days: int | None) -> DataFrame:
    """Orders before `as_of`, of the last `window_days` days before it, or of all days."""
    seen = orders.where(F.col("ordered_on") < F.lit(as_of))
    if window_days is None:
        return seen
    return seen.where(F.col("ordered_on") >= F.lit(days_after(as_of, -window_days)))


def is_sale() -> Column:
    """Whether an order is a purchase: not a return, a mere charge, or cancelled."""
    return F.col("kind") == "sale"


def days_after(day: date, days: int) -> date:
    """`day` and so many days, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))
