"""What each customer buys, how often, and whether it is due."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage

GAPS_ENOUGH = 3
GAPS_OF_DOUBT = 5.0
BUYERS_OF_DOUBT = 5.0


def purchases(orders: DataFrame) -> DataFrame:
    """One row per product of a sale: customer_id (may be NULL), order_id, ordered_on, basket_size, product_id."""
    return orders.where("kind = 'sale'").select(
        "customer_id",
        "order_id",
        "ordered_on",
        F.size("product_ids").alias("basket_size"),
        F.explode("product_ids").alias("product_id"),
    )


def shopping_days(bought: DataFrame) -> DataFrame:
    """customer_id, product_id, ordered_on, orders: of purchases, the days on which a customer bought a product."""
    known = bought.where("customer_id is not null")
    return known.groupBy("customer_id", "product_id", "ordered_on").agg(F.count(F.lit(1)).alias("orders"))


def habits(days: DataFrame, on: date, half_life_days: int, stage: Stage) -> DataFrame:
    """One row per customer and product, from shopping days before `on`.

    orders, days, since_days (the last one to `on`); recent: orders, each halved every `half_life_days`; gap_days: mean
    days between shopping days, drawn to the product's own mean where the customer has fewer than three gaps, NULL where
    nobody bought anything twice; rebought: share of the product's `buyers` who came back for it, drawn to that of all.
    """
    age = F.datediff(F.lit(on), F.col("ordered_on"))
    grouped = days.groupBy("customer_id", "product_id").agg(
        F.sum("orders").alias("orders"),
        F.count(F.lit(1)).alias("days"),
        F.min(age).alias("since_days"),
        (F.max(age) - F.min(age)).alias("span_days"),
        F.round(F.sum(F.col("orders") * F.pow(F.lit(0.5), age / F.lit(float(half_life_days)))), 9).alias("recent"),
    )
    own = stage(grouped)
    gaps = F.col("days") - 1
    known = own.join(product_habits(own), on="product_id", how="inner")
    drawn = (F.col("span_days") + (GAPS_ENOUGH - gaps) * F.col("product_gap_days")) / GAPS_ENOUGH
    return known.select(
        "customer_id",
        "product_id",
        "orders",
        "days",
        "since_days",
        "recent",
        F.when(gaps >= GAPS_ENOUGH, ratio(F.col("span_days"), F.greatest(gaps, F.lit(1))))
        .otherwise(drawn)
        .alias("gap_days"),
        "rebought",
        "buyers",
    )


def product_habits(own: DataFrame) -> DataFrame:
    """product_id, buyers, product_gap_days and rebought, the last two drawn to those of all products together."""
    counted = own.groupBy("product_id").agg(
        F.count(F.lit(1)).alias("buyers"),
        F.count_if(F.col("days") > 1).alias("rebuyers"),
        F.sum(F.col("days") - 1).alias("gaps"),
        F.sum("span_days").alias("span_days"),
    )
    overall = counted.agg(
        ratio(F.sum("span_days"), F.sum("gaps")).alias("any_gap_days"),
        ratio(F.sum("rebuyers"), F.sum("buyers")).alias("any_rebought"),
    )
    return counted.crossJoin(overall).select(
        "product_id",
        "buyers",
        drawn_to("span_days", "gaps", "any_gap_days", GAPS_OF_DOUBT).alias("product_gap_days"),
        drawn_to("rebuyers", "buyers", "any_rebought", BUYERS_OF_DOUBT).alias("rebought"),
    )


def drawn_to(total: str, n: str, prior: str, weight: float) -> Column:
    """total / n, as if `weight` more observations of the prior mean had been seen."""
    return ratio(F.col(total) + F.lit(weight) * F.col(prior), F.col(n) + F.lit(weight))
