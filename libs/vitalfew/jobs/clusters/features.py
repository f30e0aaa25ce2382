"""What customers are compared by: how recently, often, richly, broadly and when they buy, from their orders alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.order_windows import is_sale

FeatureName = Literal[
    "recency_days",
    "frequency",
    "monetary",
    "average_basket_value",
    "pieces_per_order",
    "distinct_products",
    "mean_gap_days",
    "weekend_share",
    "evening_share",
    "returns_share",
]
FEATURES: tuple[FeatureName, ...] = get_args(FeatureName)

SHARES = frozenset({"weekend_share", "evening_share", "returns_share"})
"""Features from 0 to 1. The others are amounts and counts with a long tail, compared by their logarithms."""


@dataclass(frozen=True)
class Calendar:
    """When a week ends and an evening begins: ISO days (Monday is 1), and an hour on the clock of the shop."""

    weekend_days: Sequence[int]
    evening_from_hour: int


def customer_features(orders: DataFrame, names: Sequence[FeatureName], as_of: date, calendar: Calendar) -> DataFrame:
    """One row per customer with a sale: `customer_id`, `net_amount` (of all orders), and the features, as doubles.

    `orders` are those to be read: of known customers, before `as_of`.
    """
    values = formulas(as_of)
    known = sums(orders, calendar)
    if "mean_gap_days" in names:
        known = known.join(distinct(orders, F.col("ordered_on"), "days"), on="customer_id", how="left")
    if "distinct_products" in names:
        known = known.join(distinct(orders, F.explode("product_ids"), "products"), on="customer_id", how="left")
    return known.select(
        "customer_id",
        F.col("net_amount").cast("decimal(28,2)").alias("net_amount"),
        *[values[name].cast("double").alias(name) for name in names],
    )


def sums(orders: DataFrame, calendar: Calendar) -> DataFrame:
    """What most features are made of, one row per customer with a sale; engines compute the columns that are used."""
    is_weekend = F.dayofweek("ordered_on").isin([day % 7 + 1 for day in calendar.weekend_days])  # 1 is Sunday there
    is_evening = F.hour("ordered_at") >= calendar.evening_from_hour
    day = F.when(is_sale(), F.col("ordered_on"))
    return (
        orders.groupBy("customer_id")
        .agg(
            F.sum("net_amount").alias("net_amount"),
            F.sum(F.when(is_sale(), F.col("net_amount"))).alias("sold_amount"),
            F.sum(F.when(is_sale(), F.col("pieces"))).alias("pieces"),
            F.count_if(is_sale()).alias("sales"),
            F.count_if(is_sale() & is_weekend).alias("weekend_sales"),
            F.count_if(is_sale() & is_evening).alias("evening_sales"),
            F.count_if(F.col("kind") == "return").alias("returns"),
            F.min(day).alias("first_on"),
            F.max(day).alias("last_on"),
        )
        .where("sales > 0")
    )


def distinct(orders: DataFrame, value: Column, name: str) -> DataFrame:
    """customer_id and how many distinct values their sales have; by two groupings, cheaper than a distinct count."""
    pairs = orders.where(is_sale()).select("customer_id", value.alias("value")).distinct()
    return pairs.groupBy("customer_id").agg(F.count("*").alias(name))


def formulas(as_of: date) -> dict[FeatureName, Column]:
    """Each feature from a customer's sums.

    The mean gap is taken between days with a sale. Whoever has one such day only has waited since then: that is the
    least the gap can be, and it stands in for it.
    """
    recency = F.datediff(F.lit(as_of), F.col("last_on"))
    gap = ratio(double(F.datediff(F.col("last_on"), F.col("first_on"))), F.col("days") - 1)
    return {
        "recency_days": recency,
        "frequency": F.col("sales"),
        "monetary": F.col("net_amount"),
        "average_basket_value": ratio(double("sold_amount"), F.col("sales")),
        "pieces_per_order": ratio(double("pieces"), F.col("sales")),
        "distinct_products": F.coalesce(F.col("products"), F.lit(0)),
        "mean_gap_days": F.when(F.col("days") > 1, gap).otherwise(double(recency)),
        "weekend_share": ratio(double("weekend_sales"), F.col("sales")),
        "evening_share": ratio(double("evening_sales"), F.col("sales")),
        "returns_share": ratio(double("returns"), F.col("sales") + F.col("returns")),
    }


def double(value: Column | str) -> Column:
    """As double, so that a quotient is the same on every engine; decimals are exact up to 2^53."""
    return (F.col(value) if isinstance(value, str) else value).cast("double")
