"""A small group that spends more: nurses who own their home. Gender, income, marriage and region say nothing."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import GENERAL_CATEGORIES, GENERAL_PER_CATEGORY, first_of, numbered
from generator.decisions.sources import at, lines
from generator.shop import Shop

JOBS, HOMES = ("nurse", "teacher"), ("owner", "renter")
PLANTED = {"occupation": JOBS[0], "home_ownership": HOMES[0]}
NULLS = ("gender", "income_band", "marital_status", "region")
"""Attributes that are drawn by chance for everybody in the shop."""

TIMES, CENTS, ORDERS, DAYS = 4.0, 10_000, 6, 300
"""The others of the block spend about as much as the shop has it on average, the group this many times that."""


def attributes(shop: Shop) -> dict[str, Column]:
    """Columns of customers."""
    return {
        "occupation": F.when(is_first(shop, "group job"), JOBS[0]).otherwise(JOBS[1]),
        "home_ownership": F.when(is_first(shop, "group home"), HOMES[0]).otherwise(HOMES[1]),
    }


def is_first(shop: Shop, purpose: str) -> Column:
    return shop.dice.below(2, purpose, "customer_no") == 0


def tables(shop: Shop) -> dict[str, DataFrame]:
    key = ("customer_no", "order_key")
    visits = numbered(shop, "groups").withColumn("order_key", F.explode(F.expr(f"sequence(1L, {ORDERS}L)")))
    times = F.when(is_first(shop, "group job") & is_first(shop, "group home"), TIMES).otherwise(1.0)
    spread = 0.5 + shop.dice.unit("group money", *key)
    count = GENERAL_CATEGORIES * GENERAL_PER_CATEGORY
    bought = visits.withColumns(
        {
            "product_no": shop.dice.below(count, "group product", *key) + first_of(shop, "general 0"),
            "cents": F.floor(CENTS * times * spread),
            "pieces": F.lit(1).cast("bigint"),
            "at": at(shop, shop.dice.below(DAYS, "group day", *key) + 1, "group second", *key),
        }
    )
    truth = [("spend", name, value) for name, value in PLANTED.items()]
    return {
        "order_lines": lines(bought, "g"),
        "truth_groups": shop.spark.createDataFrame(truth, "target string, attribute string, value string"),
    }
