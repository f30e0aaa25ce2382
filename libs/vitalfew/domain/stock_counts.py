"""What is there of each product, as it was last counted."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best

COLUMNS = ("day", "on_hand", "on_order", "lead_time_days", "pack_size", "minimum_order", "shelf_life_days")
AMOUNTS = ("on_hand", "on_order", "pack_size", "minimum_order")


def last_counts(stock: DataFrame) -> DataFrame:
    """product_id and COLUMNS of the last day on which each product was counted, amounts as doubles."""
    order = [F.col("day").desc(), F.col("on_hand").desc()]
    last = best(stock.select("product_id", *COLUMNS), 1, ("product_id",), order)
    return last.withColumns({name: F.col(name).cast("double") for name in AMOUNTS}).drop("rank")
