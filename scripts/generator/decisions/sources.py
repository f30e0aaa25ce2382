"""Rows in the columns of the source tables, from what the planting modules say."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.customers import rows as on_file
from generator.decisions.layout import BLOCKS, block, goods, numbered, product_id
from generator.dice import pick
from generator.lines import CURRENCY, customer_id, money
from generator.ordering import CLOSED, DAY
from generator.segments import CASUAL
from generator.shop import Shop
from generator.styles import STYLES

COST_PERCENT = 60


def lines(bought: DataFrame, letter: str) -> DataFrame:
    """`bought` (customer_no or NULL, order_key, product_no, at, pieces, cents) as order_lines, before the end."""
    cents = F.col("cents") * F.col("pieces")
    who = F.coalesce(F.col("customer_no"), F.lit(0).cast("bigint")).cast("string")
    nothing = F.lit(None).cast("string")
    return bought.where((F.col("at") < CLOSED) & (F.col("pieces") > 0)).select(
        F.concat(F.lit(f"d{letter}-"), who, F.lit("-"), F.col("order_key").cast("string")).alias("order_id"),
        F.when(F.col("customer_no").isNotNull(), customer_id(F.col("customer_no"))).alias("customer_id"),
        product_id(F.col("product_no")).alias("product_id"),
        F.timestamp_seconds("at").alias("ordered_at"),
        F.col("pieces").cast("decimal(18,3)").alias("quantity"),
        money(cents).alias("amount"),
        money(F.floor(cents * COST_PERCENT / 100)).alias("cost"),
        F.lit("sale").alias("kind"),
        F.lit("store").alias("channel"),
        F.lit(CURRENCY).alias("currency"),
        nothing.alias("line_id"),
        nothing.alias("file_digest"),
    )


def priced(shop: Shop, bought: DataFrame) -> DataFrame:
    """`bought` with `cents`, the list price of its product, and one piece."""
    cents = [product.cents for product in goods(shop)]
    prices = shop.spark.createDataFrame(list(enumerate(cents)), "product_no bigint, cents bigint")
    return bought.join(prices, on="product_no", how="left").withColumn("pieces", F.lit(1).cast("bigint"))


def at(shop: Shop, days_before_end: Column, purpose: str, *keys: str) -> Column:
    """A second in the opening hours of a day, counted in whole days before the end; 1 is the last day."""
    second = shop.dice.below(10 * 3_600, purpose, *keys) + 9 * 3_600
    return F.lit(CLOSED) - days_before_end.cast("bigint") * DAY + second


def products(shop: Shop) -> DataFrame:
    """The goods that are added, as the source table has them."""
    rows = [
        (p.product_id, f"{p.category} {p.number}", None, "Decisions", p.category, p.category, "piece", False, True)
        for p in goods(shop)
    ]
    listed = shop.spark.createDataFrame(
        rows,
        "product_id string, name string, brand string, department string, category string, subcategory string, "
        "unit string, is_durable boolean, is_available boolean",
    )
    return listed.withColumn("updated_at", F.lit(None).cast("timestamp"))


def customers(shop: Shop, special: dict[str, dict[str, Column]]) -> DataFrame:
    """All who are added, as the source table has them: by chance, but for the columns that a block decides itself.

    `special` has expressions over customer_no and member.
    """
    return reduce(DataFrame.unionByName, [filed(shop, name, special.get(name, {})) for name in BLOCKS])


def filed(shop: Shop, name: str, special: dict[str, Column]) -> DataFrame:
    """The customers of one block. They are known from their first order on: who is on file before it is a prospect."""
    dice = shop.dice
    people = numbered(shop, name).select(
        "customer_no",
        pick(dice.unit("style", "customer_no"), [style.share for style in STYLES]).alias("style"),
        F.lit(CASUAL).alias("segment"),
        F.lit(0).cast("bigint").alias("start_week"),
    )
    drawn = on_file(shop, people)
    number = F.substring("customer_id", 2, 9).cast("bigint")
    keyed = drawn.withColumn("customer_no", number).withColumn("member", number - block(shop, name).start)
    decided = {"joined_on": F.lit(None).cast("date"), **special}
    return keyed.select(*[decided.get(column, F.col(column)).alias(column) for column in drawn.columns])
