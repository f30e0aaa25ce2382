"""The price and the units of each product in each week, and which products say anything of an effect of prices."""

from __future__ import annotations

import math
from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from vitalfew.algorithms.prices.series import GONE
from vitalfew.algorithms.prices.weekly import prices_of_weeks
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.basket_items import with_catalogue
from vitalfew.domain.whole_weeks import WEEK, Calendar
from vitalfew.jobs.price.params import PriceParams

PIECE = "piece"
LEAST_LOW = 0.03
"""Share of purchases below the price of their week that tells of prices by quantity."""
MORE_PIECES = 1.5
"""Times the pieces of other purchases, at which lower prices are those of larger quantities."""
MANY_PIECES = 3.0
"""Times the pieces of a purchase, at which weeks with a low price are those of a buyer of large quantities."""
MOST_BESIDE = 1 / 3
"""Share of price changes from which on they are changes of who buys: both prices are paid all the time."""
LOOKED_AT = 13
"""The last weeks tell on which weekday prices change."""
MOST_CENTS = 10**18
"""Of one unit: what costs more counts as this, which whole numbers hold."""
USUAL = 2
"""A weekday is the one of new prices if it has this many times as many as one weekday on average."""
SHOP = ""
"""The season of products whose category has too few of them."""


def sold(orders: DataFrame, weeks: Calendar) -> DataFrame:
    """One row per product in a sale: customer_id, day (from 0), product_id, cents (of a unit), pieces, amount.

    What is free or came back at once is left out.
    """
    counted = orders.where(
        (F.col("kind") == "sale")
        & (F.col("ordered_on") >= F.lit(weeks.start))
        & (F.col("ordered_on") < F.lit(weeks.end))
    )
    day = F.datediff("ordered_on", F.lit(weeks.start)).alias("day")
    lists = F.inline(F.arrays_zip("product_ids", "product_pieces", "product_amounts"))
    found = counted.select("customer_id", day, lists.alias("product_id", "pieces", "amount"))
    cents = F.least(F.round(ratio(F.col("amount") * 100, F.col("pieces")), 0), F.lit(MOST_CENTS)).cast("bigint")
    return found.where("pieces > 0 and amount > 0").select("*", cents.alias("cents")).where("cents > 0")


def price_weeks(bought: DataFrame, weeks: Calendar) -> Calendar:
    """`weeks`, beginning on the weekday on which most prices change, if they have one; then up to a week shorter.

    Where a new price begins within a week, it has units of both, and the price of the next seems to explain them.
    """
    of_day = (
        bought.where(F.col("day") >= WEEK * (weeks.weeks - LOOKED_AT))
        .groupBy("product_id", "day")
        .agg(F.min("cents").alias("least"), F.max("cents").alias("most"))
        .where("least = most")
    )
    in_order = Window.partitionBy("product_id").orderBy("day")
    is_next = F.col("day") - F.lag("day").over(in_order) == 1
    is_new = is_next & (F.col("least") != F.lag("least").over(in_order))
    followed = of_day.select(F.pmod("day", F.lit(WEEK)).cast("int").alias("weekday"), is_new.alias("is_new"))
    counted = followed.groupBy("weekday").agg(F.count_if("is_new").alias("changes"))
    changes = {row["weekday"]: row["changes"] for row in collect_rows(counted, "price changes by weekday")}
    first = max(range(WEEK), key=lambda weekday: (changes.get(weekday, 0), -weekday))
    if not first or changes[first] * WEEK < USUAL * sum(changes.values()):
        return weeks
    return Calendar(weeks.start + timedelta(days=first), weeks.weeks - 1)


def in_weeks(bought: DataFrame, weeks: Calendar, aligned: Calendar) -> DataFrame:
    """`bought` with its `week` (from 1) in `aligned`, which lies within `weeks`; without the days outside."""
    shift = (aligned.start - weeks.start).days
    week = (F.floor((F.col("day") - shift) / WEEK) + 1).cast("int")
    return bought.withColumn("week", week).where(F.col("week").between(1, aligned.weeks))


def weekly_prices(bought: DataFrame, rows: int, weeks: int, params: PriceParams, stage: Stage) -> DataFrame:
    """One row per product and week with a sale, as `prices_of_weeks` says."""
    tally = bought.groupBy("product_id", "week", "cents").agg(
        F.count(F.lit(1)).alias("lines"),
        F.sum("pieces").cast("double").alias("units"),
        (F.sum("amount") * 100).cast("double").alias("revenue"),
    )
    return prices_of_weeks(tally, rows, weeks, params.block_weeks, params.mixed_tolerance, stage)


def exact_sum(units: str | Column) -> Column:
    """A sum that does not depend on the order of rows: units have three digits at most."""
    return F.sum((F.col(units) if isinstance(units, str) else units).cast("decimal(24,3)")).cast("double")


def whole(window: WindowSpec) -> WindowSpec:
    return window.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)


def candidates(weekly: DataFrame, products: DataFrame, params: PriceParams) -> DataFrame:
    """One row per product: category, its totals, season, and its fate: judged, or the first reason why not.

    Products that are measured (kilograms …) are left out: their price is one of a bag, not of a unit.
    """
    step = F.abs(F.log(ratio(F.col("cents").cast("double"), F.col("before").cast("double"))))
    is_change, is_low = (
        step >= math.log1p(params.min_change),
        F.col("cents") <= F.col("usual") * (1 - params.min_change),
    )
    missed = F.when(F.col("gap") <= GONE, F.col("gap")).otherwise(F.lit(1))
    totals = weekly.groupBy("product_id").agg(
        F.count(F.lit(1)).alias("sold_weeks"),
        (F.sum(F.coalesce(missed, F.lit(1)))).alias("offered_weeks"),
        F.count_if(is_change).alias("changes"),
        F.count_if(is_change & F.col("is_beside")).alias("beside"),
        F.count_if("is_mixed").alias("mixed_weeks"),
        exact_sum("units").alias("units"),
        (F.sum(F.col("revenue").cast("decimal(28,0)")).cast("decimal(28,0)") / 100)
        .cast("decimal(28,2)")
        .alias("revenue"),
        F.min("cents").alias("lowest"),
        F.max("cents").alias("highest"),
        F.max_by("usual", "week").alias("usual"),
        F.sum("lines").alias("lines"),
        F.sum("low_lines").alias("low_lines"),
        exact_sum("low_units").alias("low_units"),
        F.sum(F.when(is_low, F.col("lines")).otherwise(0)).alias("cut_lines"),
        exact_sum(F.when(is_low, F.col("units")).otherwise(0)).alias("cut_units"),
    )
    measured = products.where(F.col("unit").isNotNull() & (F.lower("unit") != PIECE)).select("product_id")
    known = with_catalogue(totals, products, params).join(measured, on="product_id", how="left_anti")
    named = known.select(*totals.columns, F.col(params.category_level).alias("category"))
    others = Window.partitionBy("category")
    neighbours = F.when(F.col("category").isNotNull(), F.count(F.lit(1)).over(whole(others)))
    has_own = neighbours >= params.min_neighbours
    season = F.when(has_own, F.concat(F.lit("c"), F.col("category"))).otherwise(F.lit(SHOP))
    return named.select("*", season.alias("season"), fate(params).alias("fate"))


def by_quantity() -> Column:
    """Whether those who pay less buy more pieces at a time: then units make the price.

    Less than the price of the week, in it; or, far more pieces, less than usual: then the week has no other buyers.
    """
    has_many = F.col("low_lines") >= F.col("lines") * LEAST_LOW
    return (has_many & buys_more("low", MORE_PIECES)) | buys_more("cut", MANY_PIECES)


def buys_more(those: str, times: float) -> Column:
    """Whether a purchase of those has more than `times` times the pieces of one of the others."""
    units, lines = F.col(f"{those}_units"), F.col(f"{those}_lines")
    return units * (F.col("lines") - lines) > (F.col("units") - units) * lines * times


def fate(params: PriceParams) -> Column:
    """The first reason why a product is not looked at, or judged."""
    return (
        F.when(F.col("offered_weeks") < params.min_weeks, "few_weeks")
        .when(F.col("sold_weeks") < F.col("offered_weeks") * params.min_sold_share, "seldom_sold")
        .when(F.col("changes") == 0, "no_change")
        .when(F.col("changes") < params.min_price_changes, "few_changes")
        .when(by_quantity(), "by_quantity")
        .when(F.col("mixed_weeks") > F.col("sold_weeks") * params.max_mixed_share, "mixed")
        .when(F.col("beside") > F.col("changes") * MOST_BESIDE, "mixed")
        .otherwise("judged")
    )


def panel(weekly: DataFrame, found: DataFrame) -> DataFrame:
    """What `estimates` takes: judged products, and the rest of each group that has one of these."""
    known = weekly.join(found.select("product_id", "season", "fate"), on="product_id", how="inner")
    judged = known.where("fate = 'judged'").select(
        "season",
        "product_id",
        "week",
        "units",
        (F.col("cents") / 100).cast("double").alias("price"),
        (F.col("usual") / 100).cast("double").alias("usual"),
    )
    looked_at = found.where("fate = 'judged'").select("season").distinct()
    others = known.where("fate <> 'judged'").join(looked_at, on="season", how="left_semi")
    nothing = F.lit(None).cast("double")
    rest = (
        others.groupBy("season", "week")
        .agg(exact_sum("units").alias("units"))
        .select("season", F.lit(None).cast("string").alias("product_id"), "week", "units", nothing.alias("price"),
                nothing.alias("usual"))
    )  # fmt: skip
    return judged.unionByName(rest)
