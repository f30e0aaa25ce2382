"""Lines as orders: one row each, with what was in it."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def build(lines: DataFrame) -> DataFrame:
    """ORDERS from all understood lines of these orders, no cancellation marked."""
    return by_order(by_product(lines)).select(
        "order_id",
        "customer_id",
        "is_disputed",
        "ordered_at",
        "ended_at",
        F.to_date("ordered_at").alias("ordered_on"),
        kind_of_order().alias("kind"),
        "net_amount",
        F.when(F.col("costs") == F.col("lines"), F.col("cost")).alias("cost"),
        "pieces",
        "lines",
        "channel",
        *contents(F.when(F.col("has_sale"), F.col("sold")).otherwise(F.col("returned"))),
    )


def by_product(lines: DataFrame) -> DataFrame:
    """One row per order and product: what the order needs of its lines."""
    is_sale, is_return = F.col("line_kind") == "sale", F.col("line_kind") == "return"
    return lines.groupBy("order_id", "product_id").agg(
        F.min("customer_id").alias("least_customer"),
        F.max("customer_id").alias("greatest_customer"),
        F.min("ordered_at").alias("ordered_at"),
        F.max("ordered_at").alias("ended_at"),
        F.sum("amount").alias("amount"),
        F.sum("cost").alias("cost"),
        F.count("cost").alias("costs"),
        F.sum("pieces").alias("pieces"),
        F.count(F.lit(1)).alias("lines"),
        F.min("channel").alias("channel"),
        F.max(is_sale.cast("int")).alias("is_sold"),
        F.max(is_return.cast("int")).alias("is_returned"),
    )


def by_order(parts: DataFrame) -> DataFrame:
    """One row per order; the products sold and those returned as lists of structs, sorted by product."""
    part = F.struct(
        F.col("product_id"),
        F.col("pieces").cast("decimal(28,3)").alias("pieces"),
        F.col("amount").cast("decimal(28,2)").alias("amount"),
    )
    return parts.groupBy("order_id").agg(
        F.min("least_customer").alias("customer_id"),
        F.coalesce(F.min("least_customer") < F.max("greatest_customer"), F.lit(False)).alias("is_disputed"),
        F.min("ordered_at").alias("ordered_at"),
        F.max("ended_at").alias("ended_at"),
        F.sum("amount").cast("decimal(28,2)").alias("net_amount"),
        F.sum("cost").cast("decimal(28,2)").alias("cost"),
        F.sum("costs").alias("costs"),
        F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
        F.sum("lines").alias("lines"),
        F.min("channel").alias("channel"),
        (F.max("is_sold") == 1).alias("has_sale"),
        (F.max("is_returned") == 1).alias("has_return"),
        F.array_sort(F.collect_list(F.when(F.col("is_sold") == 1, part))).alias("sold"),
        F.array_sort(F.collect_list(F.when(F.col("is_returned") == 1, part))).alias("returned"),
    )


def kind_of_order() -> Column:
    return (
        F.when(F.col("has_sale"), F.lit("sale")).when(F.col("has_return"), F.lit("return")).otherwise(F.lit("charge"))
    )


def contents(parts: Column) -> list[Column]:
    """The three aligned lists of an order."""
    return [
        F.transform(parts, lambda part: part["product_id"]).alias("product_ids"),
        F.transform(parts, lambda part: part["pieces"]).alias("product_pieces"),
        F.transform(parts, lambda part: part["amount"]).alias("product_amounts"),
    ]
