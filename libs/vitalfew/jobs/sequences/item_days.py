"""What each customer bought on which day, at a level of the hierarchy."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.basket_items import PRODUCT, is_of_excluded_group
from vitalfew.domain.product_levels import HIERARCHY

EVERYTHING = "all"
"""The category of all products, where none has one."""


def product_days(sales: DataFrame, products: DataFrame, params: Exclusions) -> DataFrame:
    """owner, day, product_id and the hierarchy: what known customers bought, each once a day.

    What is excluded, and a day without anything, has NULL in all of these: it is a day of the customer all the same.
    """
    known = sales.where("customer_id is not null")
    bought = known.select(
        F.col("customer_id").alias("owner"),
        F.col("ordered_on").alias("day"),
        F.explode_outer("product_ids").alias("product_id"),
    ).distinct()
    catalogue = products.select("product_id", *HIERARCHY)
    joined = bought.join(catalogue, on="product_id", how="left")
    is_kept = ~is_excluded(params)
    return joined.select(
        "owner", "day", *[F.when(is_kept, F.col(name)).alias(name) for name in ("product_id", *HIERARCHY)]
    )


def is_excluded(params: Exclusions) -> Column:
    is_listed = F.coalesce(F.col("product_id").isin(*params.exclude_products), F.lit(False))
    return is_of_excluded_group(params) | is_listed if params.exclude_products else is_of_excluded_group(params)


def at_level(days: DataFrame, level: str) -> DataFrame:
    """owner, day, item: of `product_days`, what products have at a level, each once a day; NULL where none."""
    column = "product_id" if level == PRODUCT else level
    return days.select("owner", "day", F.col(column).alias("item")).distinct()


def in_categories(days: DataFrame, level: str) -> DataFrame:
    """owner, day, category, item, those without either left out; one category where no product has one."""
    column = "product_id" if level == PRODUCT else level
    rows = days.select("owner", "day", "category", F.col(column).alias("item")).where("item is not null")
    if not collect_rows(rows.where("category is not null").limit(1), "products with a category"):
        return rows.withColumn("category", F.lit(EVERYTHING))
    return rows.where("category is not null")
