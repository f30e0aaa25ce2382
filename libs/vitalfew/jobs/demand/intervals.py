"""Forecasts of weeks ahead and of their sums, with intervals: of products, and of categories added up from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.classes import CLASSES
from vitalfew.algorithms.demand.count_columns import Ask, with_quantiles
from vitalfew.algorithms.demand.evaluation import SMALL
from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.demand.backtest import asked, by_class
from vitalfew.jobs.demand.choice import SUM, WEEK, Widening, of
from vitalfew.jobs.demand.params import DemandParams
from vitalfew.jobs.demand.tables import CATEGORY

DAYS = 7
DIGITS = 6
ASKS = (
    Ask("low", "units", "spread", "p_low"),
    Ask("high", "units", "spread", "p_high"),
    Ask("total_low", "total_units", "total_spread", "p_low"),
    Ask("total_high", "total_units", "total_spread", "p_high"),
)

Widened = Mapping[tuple[str, str], Widening]


def with_widenings(found: DataFrame, widened: Widened) -> DataFrame:
    """`widening_week` and `widening_sum`, the factors of the variance, of the class of each row."""
    columns = {
        f"widening_{span}": by_class({name: of(widened, name, span).value for name in CLASSES}) for span in (WEEK, SUM)
    }
    return found.withColumns(columns)


def wide(spread: Column, mean: Column, factor: Column) -> Column:
    """The dispersion with which the variance is `factor` times as large; see `widened`."""
    return factor * spread + F.when(mean > SMALL, ratio(factor - 1, mean)).otherwise(0.0)


def between(weeks: Column, params: DemandParams) -> Column:
    """The factor of the sum of so many weeks, between `widening_week` and `widening_sum`."""
    one, whole = F.col("widening_week"), F.col("widening_sum")
    part = (weeks - 1) / F.lit(max(params.horizon_weeks - 1, 1))
    return one + (whole - one) * F.least(F.greatest(part, F.lit(0.0)), F.lit(1.0))


def weeks_ahead(today: DataFrame, params: DemandParams) -> DataFrame:
    """One row per product and week ahead: units and spread of the week, and in total of all weeks up to it."""
    weeks = range(1, params.horizon_weeks + 1)
    each = [
        F.struct(
            F.lit(week).alias("weeks_ahead"),
            F.round(F.col("mean")[week - 1], DIGITS).alias("units"),
            F.round(sum_of_first(week), DIGITS).alias("total_units"),
            wide(F.col("dispersion"), F.col("mean")[week - 1], F.col("widening_week")).alias("spread"),
            wide(F.col("dispersion") / F.lit(week), sum_of_first(week), between(F.lit(float(week)), params)).alias(
                "total_spread"
            ),
        )
        for week in weeks
    ]
    return today.withColumn("each", F.explode(F.array(*each))).select("*", "each.*").drop("each")


def sum_of_first(weeks: int, column: str = "mean") -> Column:
    """The sum of the first entries of a list; NULL if one is."""
    found = F.col(column)[0]
    for place in range(1, weeks):
        found = found + F.col(column)[place]
    return found


def with_intervals(rows: DataFrame, as_of: date, params: DemandParams) -> DataFrame:
    """`rows` of weeks ahead with the day on which the week starts, and both intervals."""
    low, _, high = asked(params)
    asking = rows.withColumns({"p_low": F.lit(low), "p_high": F.lit(high)})
    starts_on = F.date_add(F.lit(as_of), DAYS * (F.col("weeks_ahead") - 1))
    return with_quantiles(asking, ASKS).withColumn("starts_on", starts_on)


def of_categories(rows: DataFrame, widened: Widened, params: DemandParams) -> DataFrame:
    """One row per category and week ahead: what its products add up to; their errors are taken to be independent.

    The widening of categories makes up for what they have in common: one season, one promotion, one bad month.
    """
    summed = (
        rows.where("category is not null")
        .groupBy("category", "weeks_ahead")
        .agg(
            F.count(F.lit(1)).alias("products"),
            F.sum("units").alias("units"),
            F.sum("total_units").alias("total_units"),
            F.sum(F.col("spread") * F.col("units") * F.col("units")).alias("more"),
            F.sum(F.col("total_spread") * F.col("total_units") * F.col("total_units")).alias("total_more"),
        )
    )
    factors = {f"widening_{span}": F.lit(of(widened, CATEGORY, span).value) for span in (WEEK, SUM)}
    of_weeks = between(F.col("weeks_ahead").cast("double"), params)
    return summed.withColumns(factors).select(
        "category",
        "weeks_ahead",
        "products",
        F.round("units", DIGITS).alias("units"),
        F.round("total_units", DIGITS).alias("total_units"),
        wide(dispersion("more", "units"), F.col("units"), F.col("widening_week")).alias("spread"),
        wide(dispersion("total_more", "total_units"), F.col("total_units"), of_weeks).alias("total_spread"),
    )


def dispersion(more: str, units: str) -> Column:
    return F.coalesce(ratio(F.col(more), F.col(units) * F.col(units)), F.lit(0.0))


def past_categories(past: DataFrame, params: DemandParams) -> DataFrame:
    """Past forecasts of the products of each category, added up, as rows of one series of the class `category`.

    past: category, origin, mean, actual, spread_week and spread_sum; products with a week that nobody knows are left
    out on both sides.
    """
    weeks = range(params.horizon_weeks)
    total = sum_of_first(params.horizon_weeks)
    is_whole = sum_of_first(params.horizon_weeks, "actual").isNotNull()
    summed = (
        past.where(F.col("category").isNotNull() & is_whole)
        .groupBy("category", "origin")
        .agg(
            *[F.sum(F.col("mean")[week]).alias(f"mean_{week}") for week in weeks],
            *[F.sum(F.col("actual")[week]).alias(f"actual_{week}") for week in weeks],
            F.sum(F.col("spread_week") * F.col("mean")[0] * F.col("mean")[0]).alias("more"),
            F.sum(F.col("spread_sum") * total * total).alias("total_more"),
            F.sum(total).alias("all_units"),
        )
    )
    means = F.array(*[F.col(f"mean_{week}") for week in weeks])
    return summed.select(
        F.col("category").alias("series"),
        F.lit(CATEGORY).alias("class"),
        "origin",
        means.alias("mean"),
        F.array(*[F.col(f"actual_{week}") for week in weeks]).alias("actual"),
        F.lit(None).cast("double").alias("scale"),
        F.col("all_units").alias("total"),
        dispersion("more", "mean_0").alias("spread_week"),
        dispersion("total_more", "all_units").alias("spread_sum"),
    )
