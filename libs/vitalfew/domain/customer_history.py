"""All that several analyses need of the past of a customer: one row each, the same from facts as from the orders."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.modes import modes
from vitalfew.domain.order_windows import is_sale

YEAR = 365
LOG_STEPS = 10_000
"""Logarithms are summed as whole numbers of such parts: exactly, in whatever order."""
ORDERS_IN_A_PARTITION = 250_000


def histories(orders: DataFrame) -> DataFrame:
    """One row for each customer with one of these `orders` of known customers.

    customer_id; sales, net_amount and pieces (of all orders, returns taken off); sale_days (distinct, in order),
    gap_days between them, first_on and last_on (NULL without a sale); year_amount, of the year up to last_on; and of
    sales for more than nothing log_orders, log_sum and log_squares, in LOG_STEPS.
    """
    sold_on = F.when(is_sale(), F.col("ordered_on"))
    steps = log_steps()
    summed = orders.groupBy("customer_id").agg(
        F.count_if(is_sale()).alias("sales"),
        F.sum("net_amount").cast("decimal(28,2)").alias("net_amount"),
        F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
        F.sort_array(F.collect_set(sold_on)).alias("sale_days"),
        F.count(steps).alias("log_orders"),
        F.coalesce(F.sum(steps), F.lit(0)).cast("bigint").alias("log_sum"),
        F.coalesce(F.sum(steps * steps), F.lit(0)).cast("bigint").alias("log_squares"),
        F.max(sold_on).alias("last_on"),
        F.min(sold_on).alias("first_on"),
    )
    last = summed.select("customer_id", "last_on")
    is_late = F.col("ordered_on") > F.date_sub("last_on", YEAR)
    late = (
        orders.select("customer_id", "ordered_on", "net_amount")
        .join(last, on="customer_id", how="inner")
        .groupBy("customer_id")
        .agg(F.sum(F.when(is_late, F.col("net_amount")).otherwise(0)).cast("decimal(28,2)").alias("year_amount"))
    )
    gaps = F.transform(F.arrays_zip("day", "before"), lambda pair: F.datediff(pair["day"], pair["before"]).cast("int"))
    return (
        summed.join(late, on="customer_id", how="inner")
        .withColumns(days_beside_those_before())
        .withColumn("gap_days", gaps)
        .drop("day", "before")
    )


def days_beside_those_before() -> dict[str, Column]:
    """`day` and `before`: of sale_days all but the first, and all but the last."""
    pairs = F.greatest(F.size("sale_days") - 1, F.lit(0))
    return {name: F.slice("sale_days", start, pairs) for name, start in (("day", 2), ("before", 1))}


def log_steps() -> Column:
    """The logarithm of what a sale brought, in LOG_STEPS; NULL of what is no sale, or brought nothing."""
    brought = F.when(is_sale() & (F.col("net_amount") > 0), F.col("net_amount").cast("double"))
    return F.round(F.log(brought) * LOG_STEPS).cast("bigint")


def most_bought(orders: DataFrame, sales: int) -> DataFrame:
    """customer_id, most_bought_product_id: what each customer bought most, in about `sales` sales."""
    sold = orders.where(is_sale()).withColumnRenamed("product_ids", "most_bought_product_id")
    partitions = max(2, -(-sales // ORDERS_IN_A_PARTITION))
    return modes(sold, "customer_id", "most_bought_product_id", "product_pieces", partitions=partitions)


def there(history: DataFrame | None) -> DataFrame | None:
    """`history`, where it has rows: without, it is not known."""
    return history if history is not None and collect_rows(history.limit(1), "a customer with a history") else None
