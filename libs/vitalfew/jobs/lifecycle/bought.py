"""What customers bought and kept: a thing of which all came back was not bought."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.lifecycle.catalogue import Sold


def kept(orders: DataFrame, sold: Sold, condition: Column, as_of: date, window_days: int | None = None) -> DataFrame:
    """ladder, need, customer_id, last_on: the last purchase of a product of `sold` of which not all came back.

    `condition`: on ladder and need, which of them.
    """
    seen = in_window(orders, as_of, window_days).where("customer_id is not null and kind in ('sale', 'return')")
    lists = (("product_ids", "product_pieces"), ("returned_ids", "returned_pieces"))
    went, back = (
        seen.select("customer_id", "ordered_on", "kind", F.inline(F.arrays_zip(*two)).alias("product_id", "pieces"))
        for two in lists
    )
    is_back = (F.col("pieces") < 0) | (F.col("kind") == "return")
    wanted = sold.products.where(condition).select("product_id", "ladder", "need")
    each = went.unionByName(back).join(wanted, on="product_id", how="inner")
    by_product = each.groupBy("ladder", "need", "customer_id", "product_id").agg(
        F.sum("pieces").alias("pieces"),
        F.count_if(is_back).alias("returns"),
        F.max(F.when(~is_back, F.col("ordered_on"))).alias("last_on"),
    )
    still = by_product.where("last_on is not null and (returns = 0 or pieces > 0)")
    return still.groupBy("ladder", "need", "customer_id").agg(F.max("last_on").alias("last_on"))
