"""Orders as the source table order_lines has them: one row per item, priced."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.shop import Shop

CURRENCY = "EUR"


def lines(shop: Shop, orders: DataFrame, sign: int = 1) -> DataFrame:
    """One row per item of `orders`, in the columns of order_lines; `sign` is -1 for what comes back."""
    return as_order_lines(shop, itemised(orders).withColumn("sign", F.lit(sign)))


def itemised(orders: DataFrame) -> DataFrame:
    """One row per item: `orders` with `position`, from 0, and `product_no` in the place of `items`."""
    others = [name for name in orders.columns if name not in ("items", "planted")]
    return orders.select(*others, F.posexplode("items").alias("position", "product_no"))


def as_order_lines(shop: Shop, items: DataFrame, *more: str) -> DataFrame:
    """`items`, one row each, in the columns of order_lines, and the columns `more`; where `sign` is -1, returns."""
    priced = items.join(shop.shelf, on="product_no", how="left")
    counted = priced.withColumn("pieces", pieces(shop))
    cents, sign = F.col("price_cents") * F.col("pieces"), F.col("sign")
    return counted.select(
        order_id().alias("order_id"),
        F.when(~F.col("is_unknown"), customer_id(F.col("customer_no"))).alias("customer_id"),
        "product_id",
        F.timestamp_seconds("at").alias("ordered_at"),
        (F.col("pieces") * sign).cast("decimal(18,3)").alias("quantity"),
        money(cents * sign).alias("amount"),
        money(F.floor(cents * F.col("cost_percent") / 100) * sign).alias("cost"),
        F.when(F.col("is_charge"), "charge").when(sign > 0, "sale").otherwise("return").alias("kind"),
        "channel",
        F.lit(CURRENCY).alias("currency"),
        F.lit(None).cast("string").alias("line_id"),
        F.lit(None).cast("string").alias("file_digest"),
        *more,
    )


def pieces(shop: Shop) -> Column:
    """Mostly one, times the customer's factor; one where little is spent, and of a charge."""
    dice, key = shop.dice, ("order_key", "product_no")
    draw = dice.below(100, "pieces", *key)
    usual = F.when(draw < 80, 1).when(draw < 94, 2).otherwise(3 + draw % 4)
    more = F.floor(usual * F.col("pieces_factor") + dice.unit("pieces rounded", *key))
    is_single = F.col("is_poor") | F.col("is_charge")
    return F.when(is_single, F.lit(1).cast("bigint")).otherwise(more)


def customer_id(number: Column) -> Column:
    return F.concat(F.lit("c"), F.lpad(number.cast("string"), 9, "0"))


def order_id() -> Column:
    """Unique to a customer's order: o for a sale, r for what came back of it."""
    letter = F.when(F.col("sign") > 0, "o").otherwise("r")
    who, which = F.col("customer_no").cast("string"), F.col("order_no").cast("string")
    return F.concat(letter, F.lpad(who, 9, "0"), F.lit("-"), F.lpad(which, 4, "0"))


def money(cents: Column) -> Column:
    """Whole cents as money."""
    return (cents.cast("decimal(16,0)") / F.lit(100)).cast("decimal(18,2)")
