"""Orders that were undone soon after: they brought nothing, and count as no purchase."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

SAME = ("customer_id", "worth", "product_ids")


def mark(orders: DataFrame, within_minutes: int) -> DataFrame:
    """`orders` with kind `cancelled` for a sale that one return undid within so many minutes, and for that return.

    A return undoes the latest sale before it of the same customer, products and money. Of several returns of one sale
    the first does. Anonymous orders are left alone: nobody knows whose they are.
    """
    if within_minutes == 0:
        return orders
    pairs = matched(orders.where("customer_id is not null"), within_minutes)
    undone = pairs.select(F.explode(F.array("sale_id", "return_id")).alias("order_id"), F.lit(True).alias("is_undone"))
    kind = F.when(F.col("is_undone"), F.lit("cancelled")).otherwise(F.col("kind"))
    return orders.join(undone, on="order_id", how="left").withColumn("kind", kind).drop("is_undone")


def matched(orders: DataFrame, within_minutes: int) -> DataFrame:
    """sale_id and return_id of every sale with the return that undid it; each stands once."""
    is_return = F.col("kind") == "return"
    worth = F.when(is_return, -F.col("net_amount")).otherwise(F.col("net_amount"))
    able = orders.where(F.col("kind").isin("sale", "return")).select(
        "order_id", "ordered_at", "customer_id", "product_ids", worth.alias("worth"), is_return.alias("is_return")
    )
    positive = able.where("worth > 0")
    returned = positive.where("is_return").select("customer_id", "worth").distinct()
    candidates = positive.join(returned, on=["customer_id", "worth"], how="left_semi")
    before = (
        Window.partitionBy(*SAME)
        .orderBy("ordered_at", "is_return", "order_id")
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    sale = F.when(~F.col("is_return"), moment())
    seen = candidates.select("*", F.max(sale).over(before).alias("sale"))
    minutes = (F.unix_timestamp("ordered_at") - F.unix_timestamp("sale.ordered_at")) / 60
    undone = seen.where(F.col("is_return") & F.col("sale").isNotNull() & (minutes <= within_minutes))
    first = undone.groupBy(F.col("sale.order_id").alias("sale_id")).agg(F.min(moment()).alias("undoing"))
    return first.select("sale_id", F.col("undoing.order_id").alias("return_id"))


def moment() -> Column:
    return F.struct("ordered_at", "order_id")
