"""What one line says: sale, return or charge; and how many pieces."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PIECE = "piece"
CHARGE = "charge"


def kind_of_line() -> Column:
    """sale, return or charge, also where the source does not say."""
    is_negative = (F.col("quantity") < 0) | (F.col("amount") < 0)
    return F.coalesce(F.col("kind"), F.when(is_negative, F.lit("return")).otherwise(F.lit("sale")))


def understood(order_lines: DataFrame, products: DataFrame) -> DataFrame:
    """`order_lines` with `line_kind` and `pieces`: a line of what is measured (litre …) is one, of a charge none."""
    measured = products.where(F.col("unit").isNotNull() & (F.lower("unit") != PIECE)).select(
        "product_id", F.lit(True).alias("is_measured")
    )
    one = F.when(F.col("quantity") < 0, F.lit(-1)).otherwise(F.lit(1)).cast("decimal(18,3)")
    is_charge = F.coalesce(F.col("kind") == CHARGE, F.lit(False))
    pieces = F.when(is_charge, F.lit(0)).when(F.col("is_measured"), one).otherwise(F.col("quantity"))
    return order_lines.join(measured, on="product_id", how="left").select(
        "order_id",
        "customer_id",
        "product_id",
        "ordered_at",
        "amount",
        "cost",
        "channel",
        "currency",
        kind_of_line().alias("line_kind"),
        pieces.cast("decimal(18,3)").alias("pieces"),
    )
