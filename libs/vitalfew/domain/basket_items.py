"""Orders as baskets of items: products, or what products have in one column of their hierarchy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import HIERARCHY, Level

PRODUCT: Level = "product"


def with_items(level: Level, sales: DataFrame, products: DataFrame, params: Exclusions) -> DataFrame:
    """The column `items`, one row per order (order_id, product_ids); items may repeat, and an order may have none."""
    if level == PRODUCT and not params.exclude_where:
        return sales.select(without_listed(F.col("product_ids"), params.exclude_products).alias("items"))
    sold = sales.select("order_id", F.explode("product_ids").alias("product_id"))
    items = F.collect_list("product_id" if level == PRODUCT else level)
    return with_catalogue(sold, products, params).groupBy("order_id").agg(items.alias("items")).select("items")


def products_without(
    levels: Iterable[Level], sales: DataFrame, products: DataFrame, params: Exclusions
) -> dict[Level, int]:
    """Of each level, how many of the products that were sold have nothing in that column, or are not known at all."""
    columns = [level for level in levels if level != PRODUCT]
    if not columns:
        return dict.fromkeys(levels, 0)
    sold = sales.select(F.explode("product_ids").alias("product_id")).distinct()
    missing = [F.count(F.when(F.col(column).isNull(), True)).alias(column) for column in columns]
    (row,) = collect_rows(with_catalogue(sold, products, params).agg(*missing), "products without a level")
    return {level: 0 if level == PRODUCT else row[level] for level in levels}


def without_listed(product_ids: Column, listed: Sequence[str]) -> Column:
    return F.filter(product_ids, lambda product: ~product.isin(*listed)) if listed else product_ids


def with_catalogue(sold: DataFrame, products: DataFrame, params: Exclusions) -> DataFrame:
    """`sold`, what is excluded left out, with the hierarchy of each product_id; NULL where it is not known."""
    catalogue = products.select("product_id", *HIERARCHY)
    joined = without_products(sold, params).join(catalogue, on="product_id", how="left")
    return joined.where(~is_of_excluded_group(params)) if params.exclude_where else joined


def without_products(sold: DataFrame, params: Exclusions) -> DataFrame:
    """`sold` without the products that are excluded by their ids."""
    return sold.where(~F.col("product_id").isin(*params.exclude_products)) if params.exclude_products else sold


def is_of_excluded_group(params: Exclusions) -> Column:
    """Whether a product is excluded by what it has in a column of the hierarchy; false where that is NULL."""
    found = [F.coalesce(F.col(column).isin(*values), F.lit(False)) for column, values in params.exclude_where.items()]
    return reduce(or_, found, F.lit(False))
