"""Orders that were undone soon after: they brought nothing, and count as no purchase."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.staging import Stage
from vitalfew.tables.facts import ORDERS

SAME = ("customer_id", "worth", "product_ids")
MINUTE = 60_000_000  # microseconds


def mark(orders: DataFrame, within_minutes: int, stage: Stage) -> DataFrame:
    """`orders` with kind `cancelled` for a sale that one return undid within so many minutes, and for that return.

    A return undoes the latest sale before it of the same customer, products and money that is not undone yet, so a
    mark depends on nothing farther away than that time. Anonymous orders are left alone: nobody knows whose they are.
    """
    if within_minutes == 0:
        return orders
    pairs = matched(orders.where("customer_id is not null"), within_minutes)
    # staged, so that the engine knows how few they are
    undone = stage(
        pairs.select(F.explode(F.array("sale_id", "return_id")).alias("order_id"), F.lit(True).alias("is_undone"))
    )
    kind = F.when(F.col("is_undone"), F.lit("cancelled")).otherwise(F.col("kind"))
    marked = orders.join(undone, on="order_id", how="left").withColumn("kind", kind)
    return stage.keep(marked.select(*ORDERS.columns))


def matched(orders: DataFrame, within_minutes: int) -> DataFrame:
    """sale_id and return_id of every sale with the return that undid it; each stands once.

    Sales open and returns close, like brackets: those of one depth alternate, so neighbours there belong together.
    """
    is_return = F.col("kind") == "return"
    worth = F.when(is_return, -F.col("net_amount")).otherwise(F.col("net_amount"))
    able = orders.where(F.col("kind").isin("sale", "return")).select(
        "order_id", "ordered_at", "customer_id", "product_ids", worth.alias("worth"), is_return.alias("is_return")
    )
    positive = able.where("worth > 0")
    returned = positive.where("is_return").select("customer_id", "worth").distinct()
    candidates = positive.join(returned, on=["customer_id", "worth"], how="left_semi")
    in_time = ("ordered_at", "is_return", "order_id")
    so_far = Window.partitionBy(*SAME).orderBy(*in_time).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    open_sales = F.sum(F.when(F.col("is_return"), -1).otherwise(1)).over(so_far)
    nested = candidates.select("*", (open_sales + F.col("is_return").cast("int")).alias("depth"))
    at_depth = Window.partitionBy(*SAME, "depth").orderBy(*in_time)
    before = {name: F.lag(name).over(at_depth) for name in in_time}
    paired = nested.select("*", *[column.alias(f"before_{name}") for name, column in before.items()])
    passed = F.unix_micros("ordered_at") - F.unix_micros("before_ordered_at")
    undoes = F.col("is_return") & ~F.col("before_is_return") & (passed <= within_minutes * MINUTE)
    return paired.where(undoes).select(F.col("before_order_id").alias("sale_id"), F.col("order_id").alias("return_id"))
