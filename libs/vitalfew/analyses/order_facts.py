"""Lines as orders: one row each, with what was in it."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.staging import Stage
from vitalfew.tables.facts import ORDERS

LISTS = ("product_ids", "product_pieces", "product_amounts")
RETURNED = ("returned_ids", "returned_pieces", "returned_amounts")  # in an order that sold other products
FIELDS = ("product_id", "pieces", "amount")
PAIRS = tuple(zip(LISTS, RETURNED, strict=True))


def build(lines: DataFrame, rows: int, stage: Stage) -> DataFrame:
    """ORDERS from all understood lines of these orders, about so many `rows`; no cancellation marked."""
    grouped = stage.in_parts(lines, "order_id", rows, by_order)
    alone, mixed = grouped.where("not is_mixed"), grouped.where("is_mixed")
    summed = mixed.drop(*LISTS).join(by_product(mixed), on="order_id", how="left")
    nothing = [F.lit(None).cast(alone.schema[name].dataType).alias(other) for name, other in PAIRS]
    return alone.select(*heads(), *LISTS, *nothing).unionByName(
        summed.select(*heads(), *[or_empty(summed, name) for name in LISTS], *RETURNED)
    )


def by_order(lines: DataFrame) -> DataFrame:
    """One row per order; what its lines sold as aligned lists, a product as often as it has lines; and `back`.

    The lists of an order that sold nothing are of what came back; else `back` is that, in parts.
    """
    is_sale, is_return = F.col("line_kind") == "sale", F.col("line_kind") == "return"
    part = F.struct(*FIELDS)
    grouped = lines.groupBy("order_id").agg(
        F.min("customer_id").alias("customer_id"),
        F.coalesce(F.min("customer_id") < F.max("customer_id"), F.lit(False)).alias("is_disputed"),
        F.min("ordered_at").alias("ordered_at"),
        F.max("ordered_at").alias("ended_at"),
        F.sum("amount").cast("decimal(28,2)").alias("net_amount"),
        F.sum("cost").cast("decimal(28,2)").alias("cost"),
        F.count("cost").alias("costs"),
        F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
        F.count(F.lit(1)).alias("lines"),
        F.min("channel").alias("channel"),
        # as numbers: a maximum of booleans is slow on Sail
        (F.max(is_sale.cast("int")) == 1).alias("has_sale"),
        (F.max(is_return.cast("int")) == 1).alias("has_return"),
        F.sort_array(F.collect_list(F.when(is_sale, part))).alias("sold"),
        F.sort_array(F.collect_list(F.when(is_return, part))).alias("back"),
    )
    parts = F.when(F.col("has_sale"), F.col("sold")).otherwise(F.col("back"))
    listed = grouped.withColumn("parts", parts)
    # cast as lists: to cast what is gathered, line by line, is dearer
    lists = [
        F.col(f"parts.{field}").cast(ORDERS.type_of(name)).alias(name)
        for field, name in zip(FIELDS, LISTS, strict=True)
    ]
    plain = listed.select(*[name for name in grouped.columns if name != "sold"], *lists)
    return plain.withColumn("is_mixed", is_mixed())


def is_mixed() -> Column:
    """Whether the lists need summing: a product repeats, or something was returned in an order that also sold."""
    repeats = F.size(F.array_distinct("product_ids")) < F.size("product_ids")
    return repeats | (F.col("has_sale") & F.col("has_return"))


def by_product(mixed: DataFrame) -> DataFrame:
    """The lists of mixed orders, each product once: those sold (in a return, returned), and what only came back."""
    first = mixed.select("order_id", F.lit(1).alias("is_first"), F.inline(F.arrays_zip(*LISTS)).alias(*FIELDS))
    besides = mixed.where("has_sale and has_return")
    back = besides.select("order_id", F.lit(0).alias("is_first"), F.inline("back").alias(*FIELDS))
    summed = (
        first.unionByName(back)
        .groupBy("order_id", "product_id")
        .agg(
            F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
            F.sum("amount").cast("decimal(28,2)").alias("amount"),
            F.max("is_first").alias("is_first"),
        )
    )
    counts = F.col("is_first") == 1
    part = F.struct(*FIELDS)
    listed = summed.groupBy("order_id").agg(
        F.sort_array(F.collect_list(F.when(counts, part))).alias("parts"),
        F.sort_array(F.collect_list(F.when(~counts, part))).alias("back"),
    )
    return listed.select(
        "order_id",
        *[F.col(f"parts.{field}").alias(name) for name, field in zip(LISTS, FIELDS, strict=True)],
        *[
            F.when(F.size("back") > 0, F.col(f"back.{field}")).alias(name)
            for name, field in zip(RETURNED, FIELDS, strict=True)
        ],
    )


def or_empty(frame: DataFrame, name: str) -> Column:
    return F.coalesce(F.col(name), F.array().cast(frame.schema[name].dataType)).alias(name)


def heads() -> list[Column]:
    """The columns of ORDERS that are not lists."""
    copied = ("order_id", "customer_id", "is_disputed", "ordered_at", "ended_at", "net_amount", "pieces", "lines")
    return [
        *[F.col(name) for name in copied],
        F.col("channel"),
        F.to_date("ordered_at").alias("ordered_on"),
        kind_of_order().alias("kind"),
        F.when(F.col("costs") == F.col("lines"), F.col("cost")).alias("cost"),
    ]


def kind_of_order() -> Column:
    return (
        F.when(F.col("has_sale"), F.lit("sale")).when(F.col("has_return"), F.lit("return")).otherwise(F.lit("charge"))
    )
