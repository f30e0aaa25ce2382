"""What is known of each customer, from orders and from attributes."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.known_text import known_text
from vitalfew.domain.order_windows import is_sale
from vitalfew.tables.facts import ATTRIBUTES, CUSTOMER_PROFILE


def customer_profile(orders: DataFrame, customers: DataFrame) -> DataFrame:
    """CUSTOMER_PROFILE: everyone who has ordered or is registered."""
    said = [said_of(name) if name in ATTRIBUTES else F.col(name) for name in customers.columns]
    known = customers.select(*said, F.lit(True).alias("is_registered"))
    bought = totals(orders).join(favourite_channels(orders), on="customer_id", how="left")
    joined = known.join(bought, on="customer_id", how="full")
    missing = {
        "is_registered": F.lit(False),
        "has_bought": F.lit(False),
        "orders": F.lit(0),
        "net_amount": F.lit(0),
        "pieces": F.lit(0),
    }
    filled = {
        name: F.coalesce(F.col(name), value.cast(CUSTOMER_PROFILE.type_of(name))) for name, value in missing.items()
    }
    return joined.select(*[filled.get(name, F.col(name)).alias(name) for name in CUSTOMER_PROFILE.columns])


def totals(orders: DataFrame) -> DataFrame:
    """Per customer: first and last sale, sales, and the money and pieces of all orders."""
    sold_on = F.when(is_sale(), F.col("ordered_on"))
    return (
        orders.where("customer_id is not null")
        .groupBy("customer_id")
        .agg(
            F.lit(True).alias("has_bought"),
            F.min(sold_on).alias("first_order_on"),
            F.max(sold_on).alias("last_order_on"),
            F.count_if(is_sale()).alias("orders"),
            F.sum("net_amount").cast("decimal(28,2)").alias("net_amount"),
            F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
        )
    )


def favourite_channels(orders: DataFrame) -> DataFrame:
    """The channel of most sales of each customer; ties by name."""
    counted = (
        orders.where(is_sale() & F.col("customer_id").isNotNull() & F.col("channel").isNotNull())
        .groupBy("customer_id", "channel")
        .agg(F.count(F.lit(1)).alias("sales"))
    )
    first = Window.partitionBy("customer_id").orderBy(F.desc("sales"), "channel")
    ranked = counted.select("*", F.row_number().over(first).alias("place"))
    return ranked.where("place = 1").select("customer_id", F.col("channel").alias("favourite_channel"))


def changed_attributes(customers: DataFrame, old_profile: DataFrame) -> DataFrame:
    """customer_id of those whose attributes are not what their profile says, or who came or went."""
    now = customers.select("customer_id", F.lit(True).alias("now_registered"), fingerprint().alias("now"))
    old = old_profile.select("customer_id", F.col("is_registered").alias("was_registered"), fingerprint().alias("old"))
    joined = now.join(old, on="customer_id", how="full")
    came_or_went = F.coalesce("now_registered", F.lit(False)) != F.coalesce("was_registered", F.lit(False))
    other = F.col("now_registered") & ~F.col("now").eqNullSafe(F.col("old"))
    return joined.where(came_or_went | F.coalesce(other, F.lit(False))).select("customer_id")


def fingerprint() -> Column:
    """All attributes as one text."""
    texts = [F.coalesce(said_of(name).cast("string"), F.lit("\u0001")) for name in ATTRIBUTES]
    return F.concat_ws("\u0002", *texts)


def said_of(name: str) -> Column:
    """What an attribute says: a blank one says nothing."""
    is_text = CUSTOMER_PROFILE.type_of(name) == "string"
    return known_text(F.col(name)).alias(name) if is_text else F.col(name)
