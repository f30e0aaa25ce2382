"""On which days somebody bought, and what these days tell before a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.gap_statistics import LOGS, with_gap_statistics
from vitalfew.domain.order_windows import in_window, is_sale

FIRST_DAY = date(1970, 1, 1)


def customer_days(orders: DataFrame, as_of: date) -> DataFrame:
    """customer_id, ordered_on, net (money of all kinds of orders), is_sale, first_on (first day with a sale).

    The only door from orders to what is foretold of customers: nothing of `as_of` or later passes. Days before the
    first sale are left out.
    """
    known = in_window(orders, as_of, None).where("customer_id is not null")
    days = known.groupBy("customer_id", "ordered_on").agg(
        F.sum("net_amount").alias("net"), (F.count_if(is_sale()) > 0).alias("is_sale")
    )
    sale_on = F.when(F.col("is_sale"), F.col("ordered_on"))
    whole = Window.partitionBy("customer_id").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    return days.withColumn("first_on", F.min(sale_on).over(whole)).where("ordered_on >= first_on")


def histories(days: DataFrame, keys: Sequence[str], on: date) -> DataFrame:
    """One row per keys with a sale before `on`, from days (keys, ordered_on, net, is_sale, first_on).

    repeats (x) and the same as gaps; recency_days (t_x); age_days (T, to the day before `on`: the last one known);
    silent_days; last_on; repeat_amount (money after the first day, NULL without repeats); the logarithms of the gaps.
    """
    known = days.where(F.col("ordered_on") < F.lit(on))
    number = F.when(F.col("is_sale"), F.datediff(F.col("ordered_on"), F.lit(FIRST_DAY)))
    after_first = F.when(F.col("ordered_on") > F.col("first_on"), F.col("net"))
    grouped = known.groupBy(*keys).agg(
        F.sum(after_first).cast("decimal(28,2)").alias("amount"), F.sort_array(F.collect_list(number)).alias("numbers")
    )
    today = (on - FIRST_DAY).days
    return with_gap_statistics(grouped.where("size(numbers) > 0"), "numbers").select(
        *keys,
        F.col("gaps").alias("repeats"),
        (F.col("last_day") - F.col("first_day")).alias("recency_days"),
        (F.lit(today - 1) - F.col("first_day")).alias("age_days"),
        (F.lit(today) - F.col("last_day")).alias("silent_days"),
        F.date_add(F.lit(FIRST_DAY), F.col("last_day")).alias("last_on"),
        F.when(F.col("gaps") > 0, F.coalesce(F.col("amount"), F.lit(0).cast("decimal(28,2)"))).alias("repeat_amount"),
        "gaps",
        *LOGS,
    )
