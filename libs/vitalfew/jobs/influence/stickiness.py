"""How often those who are there come: daily over monthly actives."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import days_after

DAYS = 28
SENT = ("campaign", "coupon")
"""Kinds of events that a customer is sent and does not do."""


def stickiness(events: DataFrame, as_of: date) -> dict[str, float | int | None]:
    """daily_actives, monthly_actives and stickiness of what customers did in the last 28 days; None without events."""
    day = F.col("happened_at").cast("date")
    is_recent = (day >= F.lit(days_after(as_of, -DAYS))) & (day < F.lit(as_of))
    did = events.where(is_recent & F.col("customer_id").isNotNull() & ~F.lower("kind").isin(*SENT))
    days = did.select("customer_id", day.alias("day")).distinct()
    of_customer = days.groupBy("customer_id").agg(F.count(F.lit(1)).alias("n"))
    row = collect_rows(
        of_customer.agg(F.count(F.lit(1)).alias("monthly"), F.sum("n").alias("days")), "active customers"
    )[0]
    monthly, there = row["monthly"], row["days"]
    return {
        "daily_actives": there / DAYS if monthly else None,
        "monthly_actives": monthly or None,
        "stickiness": there / DAYS / monthly if monthly else None,
    }
