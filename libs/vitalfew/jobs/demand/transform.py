"""How much of each product will be asked for, how well that is known, and what to order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.classes import CLASSES
from vitalfew.algorithms.demand.past_forecasts import cover, judge, judge_by_week
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.demand import backtest, choice, intervals
from vitalfew.jobs.demand.params import DemandParams
from vitalfew.jobs.demand.purchases import purchase_plan
from vitalfew.jobs.demand.tables import (
    BOTTOM_UP,
    CATEGORY_DEMAND,
    DEMAND_EVALUATION,
    PRODUCT_DEMAND,
    PURCHASE_PLAN,
)
from vitalfew.jobs.demand.weekly_units import calendar, demands, stock_outs, weekly_units
from vitalfew.tables import Table

Frames = tuple[DataFrame, DataFrame, DataFrame, DataFrame]
Found = tuple[choice.Judged, dict[str, str], dict[tuple[str, str], choice.Widening]]


def demand(
    orders: DataFrame,
    products: DataFrame,
    stock: DataFrame,
    *,
    params: DemandParams,
    as_of: date,
    stage: Stage = UNSTAGED,
) -> Frames:
    """PRODUCT_DEMAND, CATEGORY_DEMAND, DEMAND_EVALUATION and PURCHASE_PLAN."""
    weeks = calendar(orders, as_of, params)
    if not weeks.weeks:
        return nothing(orders)
    seen = stock.where(F.col("day") < F.lit(as_of))
    weekly = stage(weekly_units(orders, products, weeks, params))
    sold = stage(demands(weekly, stock_outs(seen, weekly, weeks)))
    origins = backtest.past_origins(weeks.weeks, params)
    found = with_category(backtest.forecast(sold, origins, weeks.weeks, params, stage), weekly)
    judged, methods, widened = checked(found, origins, params, stage)
    now = backtest.by_method(found.where(F.col("origin") == weeks.weeks), methods, params)
    today = stage(intervals.with_widenings(now, widened))
    ahead = intervals.weeks_ahead(today, params)
    of_products = intervals.with_intervals(ahead, as_of, params)
    of_categories = intervals.with_intervals(intervals.of_categories(ahead, widened, params), as_of, params)
    has_stock = bool(collect_rows(seen.limit(1), "a row of stock"))
    rows = choice.evaluation_rows(judged, methods, widened, len(origins))
    return (
        shaped(renamed(of_products), PRODUCT_DEMAND),
        shaped(of_categories, CATEGORY_DEMAND),
        local_table(DEMAND_EVALUATION, rows, beside=orders),
        purchase_plan(today, weekly, seen, weeks.weeks, has_stock, params),
    )


def nothing(beside: DataFrame) -> Frames:
    """No row of any table: not a week of sales is known."""
    return (
        local_table(PRODUCT_DEMAND, [], beside),
        local_table(CATEGORY_DEMAND, [], beside),
        local_table(DEMAND_EVALUATION, [], beside),
        local_table(PURCHASE_PLAN, [], beside),
    )


def with_category(found: DataFrame, weekly: DataFrame) -> DataFrame:
    groups = weekly.groupBy(F.col("product_id").alias("series")).agg(F.max("category").alias("category"))
    return found.join(groups, on="series", how="left")


def checked(found: DataFrame, origins: Sequence[int], params: DemandParams, stage: Stage) -> Found:
    """What past forecasts say: the sums by method, the method of each class, and how far intervals are widened."""
    methods = dict.fromkeys(CLASSES, choice.BASELINE)
    if not origins:
        return {}, methods, {}
    past = backtest.with_spreads(found.where(F.col("origin").isin(*origins)), params)
    size = collect_rows(past.agg(F.count(F.lit(1)).alias("rows")), "past forecasts")[0]["rows"]
    asked = backtest.asked(params)
    sums = judge(past, size, backtest.tried(origins), asked, stage)
    judged = choice.with_all(row.asDict() for row in collect_rows(sums, "sums of past forecasts"))
    methods = choice.chosen(judged, CLASSES, params)
    used = stage(backtest.by_method(past, methods, params))
    counts = collect_rows(cover(used, origins, asked, stage), "intervals of past forecasts")
    widened = choice.widenings((row.asDict() for row in counts), params)
    groups = stage(intervals.past_categories(intervals.with_widenings(used, widened), params))
    sums = judge_by_week(groups, size, BOTTOM_UP, asked, stage)
    judged |= choice.with_all(row.asDict() for row in collect_rows(sums, "sums of past forecasts of categories"))
    counts = collect_rows(cover(groups, origins, asked, stage), "intervals of past forecasts")
    return judged, methods, widened | choice.widenings((row.asDict() for row in counts), params)


def renamed(rows: DataFrame) -> DataFrame:
    names = {
        "series": "product_id",
        "class": "demand_class",
        "age": "weeks_seen",
        "demands": "weeks_with_demand",
        "interval": "weeks_per_demand",
        "variation": "size_variation",
    }
    return rows.withColumnsRenamed(names)


def shaped(rows: DataFrame, table: Table) -> DataFrame:
    """The declared columns, of the declared types."""
    return rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in table.declared if c.name != table.slice])
