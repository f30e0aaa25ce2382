"""Units of each product in each whole week before a day."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.domain.basket_items import with_catalogue
from vitalfew.domain.whole_weeks import WEEK, Calendar, whole_weeks
from vitalfew.jobs.demand.params import DemandParams


def calendar(orders: DataFrame, as_of: date, params: DemandParams) -> Calendar:
    """Whole weeks with data before `as_of`; the days of a first week that is cut short are left out."""
    return whole_weeks(orders, as_of, params.history_weeks)


def weekly_units(orders: DataFrame, products: DataFrame, weeks: Calendar, params: DemandParams) -> DataFrame:
    """One row per product and week with something sold or returned: units, amount, and what is known of costs.

    A return counts where it came back, also in a sale of other products; cancelled orders and charges do not count.
    units: double; costed_units and cost: of the sales whose cost is known; category: of the product, or NULL.
    """
    counted = orders.where(
        F.col("kind").isin("sale", "return")
        & (F.col("ordered_on") >= F.lit(weeks.start))
        & (F.col("ordered_on") < F.lit(weeks.end))
    )
    week = (F.floor(F.datediff("ordered_on", F.lit(weeks.start)) / WEEK) + 1).cast("int").alias("week")
    sold = counted.select(week, each("product", costs()))
    came_back = counted.where("returned_ids is not null").select(week, each("returned", nothing("returned_ids")))
    summed = (
        sold.unionByName(came_back)
        .groupBy("product_id", "week")
        .agg(
            F.sum("pieces").cast("double").alias("units"),
            F.sum("amount").cast("double").alias("amount"),
            F.sum(F.when(F.col("cost").isNotNull() & (F.col("pieces") > 0), F.col("pieces")))
            .cast("double")
            .alias("costed_units"),
            F.sum(F.when(F.col("pieces") > 0, F.col("cost"))).cast("double").alias("cost"),
        )
    )
    named = with_catalogue(summed, products, params)
    return named.select(*summed.columns, F.col(params.category_level).alias("category"))


def costs() -> Column:
    """Of each product; NULLs where the order knows none."""
    return F.coalesce(F.col("product_costs"), nothing("product_ids"))


def nothing(ids: str) -> Column:
    """As many NULLs as there are products in a list."""
    return F.transform(ids, lambda _: F.lit(None).cast("decimal(18,2)"))


def each(name: str, cost: Column) -> Column:
    """A row for each entry of aligned lists of ORDERS."""
    lists = [F.col(f"{name}_{field}") for field in ("ids", "pieces", "amounts")]
    return F.inline(F.arrays_zip(*lists, cost)).alias("product_id", "pieces", "amount", "cost")


def stock_outs(stock: DataFrame, weekly: DataFrame, weeks: Calendar) -> DataFrame:
    """product_id and `gone`: its weeks, sorted, without a sale in which every count of the stock found nothing."""
    counted = stock.where((F.col("day") >= F.lit(weeks.start)) & (F.col("day") < F.lit(weeks.end))).select(
        "product_id",
        "on_hand",
        (F.floor(F.datediff("day", F.lit(weeks.start)) / WEEK) + 1).cast("int").alias("week"),
    )
    empty = counted.groupBy("product_id", "week").agg(F.max("on_hand").alias("most")).where("most <= 0")
    sold = weekly.where("units > 0").select("product_id", "week")
    without = empty.join(sold, on=["product_id", "week"], how="left_anti")
    return without.groupBy("product_id").agg(F.sort_array(F.collect_set("week")).alias("gone"))


def demands(weekly: DataFrame, gone: DataFrame) -> DataFrame:
    """What `at_origins` takes: weeks with units left after returns, from the first of each product on."""
    sold = weekly.where("units > 0").select(F.col("product_id").alias("series"), "week", "units")
    first = sold.groupBy("series").agg(F.min("week").alias("starts"))
    missing = gone.select(F.col("product_id").alias("series"), F.col("gone").alias("all_gone"))
    joined = sold.join(first, on="series", how="inner").join(missing, on="series", how="left")
    none = F.array().cast("array<int>")
    since = F.filter("all_gone", lambda week: week > F.col("starts"))
    return joined.select("series", "week", "units", "starts", F.coalesce(since, none).alias("gone"))
