"""Of which products there is enough to suggest them, and to how many customers."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.domain.stock_counts import last_counts
from vitalfew.jobs.actions.params import ActionsParams


def available(stock: DataFrame, days: int, as_of: date) -> DataFrame:
    """product_id and `units`: what was there before `as_of`, and what was ordered and comes within `days`.

    Negative counts are 0.
    """
    arrives = F.coalesce(F.col("lead_time_days") < days, F.lit(False))
    coming = F.when(arrives, F.greatest(F.coalesce("on_order", F.lit(0.0)), F.lit(0.0))).otherwise(0.0)
    there = F.greatest(F.col("on_hand"), F.lit(0.0)) + coming
    return last_counts(stock.where(F.col("day") < F.lit(as_of))).select("product_id", there.alias("units"))


def within_stock(suggested: DataFrame, params: ActionsParams) -> DataFrame:
    """`suggested`, one product for a customer, as far as its `units` last: those whose order brings most come first.

    Each customer is taken to buy a unit as probably as they order at all, the action counted: rather too much than too
    little. Who is held out takes units like all others, so both arms stay alike; who is not
    reachable takes none. NULL units have no end.
    """
    uplift = params.actions["next_product"].uplift if "next_product" in params.actions else 0.0
    would = F.least(F.coalesce("p_return", F.lit(1.0)) + F.lit(uplift), F.lit(1.0))
    wanted = F.when(F.col("is_reachable"), would).otherwise(0.0)
    own = Window.partitionBy("product_id").orderBy(F.desc_nulls_last("order_amount"), F.asc("customer_id"))
    up_to = own.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    unlimited = suggested.where("units is null")
    limited = suggested.where("units is not null").withColumn("_wanted", F.sum(wanted).over(up_to))
    return unlimited.unionByName(limited.where(F.col("_wanted") <= F.col("units")).drop("_wanted"))
