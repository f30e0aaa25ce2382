"""Firms of two trades: hotels spend much and kiosks little; and some hotels spend most of it elsewhere."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import GENERAL_CATEGORIES, GENERAL_PER_CATEGORY, first_of, numbered
from generator.decisions.sources import at, lines
from generator.lines import customer_id
from generator.shop import Shop

ELSEWHERE = 0.15
"""Of the hotels, so many buy little here, as seldom as a kiosk."""

ORDERS, FEW_ORDERS, ITEMS = 24, 4, 3
"""Orders in a year of a hotel, of a kiosk, and of a hotel that buys elsewhere; and products of an order."""

CENTS, WALLETS = 3_000, (0.7, 1.3)
"""Mean money for a product, and how large wallets are beside the mean."""


def firms(shop: Shop) -> DataFrame:
    low, high = WALLETS
    is_hotel = F.col("member") % 2 == 0
    return numbered(shop, "wallets").withColumns(
        {
            "is_hotel": is_hotel,
            "is_elsewhere": is_hotel & shop.dice.happens(ELSEWHERE, "elsewhere", "customer_no"),
            "size": low + (high - low) * shop.dice.unit("wallet", "customer_no"),
        }
    )


def attributes() -> dict[str, Column]:
    """Columns of customers."""
    is_hotel = F.col("member") % 2 == 0
    return {
        "legal_form": F.lit("limited"),
        "company_size": F.when(is_hotel, "50 or more").otherwise("1"),
        "line_of_business": F.when(is_hotel, "hotels").otherwise("kiosks"),
    }


def orders() -> Column:
    return F.when(F.col("is_hotel") & ~F.col("is_elsewhere"), ORDERS).otherwise(FEW_ORDERS)


def tables(shop: Shop) -> dict[str, DataFrame]:
    key = ("customer_no", "order_key", "item")
    listed = firms(shop)
    visits = listed.withColumn("order_key", F.explode(F.sequence(F.lit(0).cast("bigint"), orders().cast("bigint"))))
    # Order 0 is long ago: nobody is new.
    days = F.when(F.col("order_key") == 0, 500).otherwise(shop.dice.below(360, "firm order", *key[:2]) + 1)
    items = visits.withColumns({"days_before": days, "item": F.explode(F.expr(f"sequence(1L, {ITEMS}L)"))})
    kinds = F.when(F.col("is_elsewhere"), 2).otherwise(GENERAL_CATEGORIES).cast("bigint")
    category = F.floor(shop.dice.unit("firm category", *key) * kinds)
    product = category * GENERAL_PER_CATEGORY + shop.dice.below(GENERAL_PER_CATEGORY, "firm product", *key)
    cents = F.floor(CENTS * F.col("size") * (0.7 + 0.6 * shop.dice.unit("firm money", *key)))
    bought = items.withColumns(
        {
            "product_no": product + first_of(shop, "general 0"),
            "cents": cents,
            "pieces": F.lit(1).cast("bigint"),
            "at": at(shop, F.col("days_before"), "firm second", *key[:2]),
        }
    )
    wallet = F.when(F.col("is_hotel"), ORDERS).otherwise(FEW_ORDERS) * ITEMS * CENTS / 100 * F.col("size")
    return {
        "order_lines": lines(bought, "w"),
        "truth_wallets": listed.select(
            customer_id(F.col("customer_no")).alias("customer_id"),
            "is_hotel",
            "is_elsewhere",
            wallet.alias("wallet_per_year"),
        ),
    }
