"""When customers buy: the hours of the week, their peaks, and each customer's own best day and hour."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.clock_times import are_times, midnights
from vitalfew.domain.event_kinds import is_kind
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.timing.customer_timing import customer_timing
from vitalfew.jobs.timing.params import TimingParams
from vitalfew.jobs.timing.peaks import peaks
from vitalfew.jobs.timing.tables import CUSTOMER_TIMING, TIMING_GRID, TIMING_PEAKS
from vitalfew.jobs.timing.week_grid import CELL, HOURS, between_weeks, grid, sales_by_hour, traffic, without_hours
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["TimingParams", "timing"]


def timing(
    orders: DataFrame,
    events: DataFrame,
    products: DataFrame,
    rfm: DataFrame,
    *,
    params: TimingParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """TIMING_GRID, TIMING_PEAKS and CUSTOMER_TIMING of the orders in the window."""
    seen = in_window(orders, as_of, params.window_days)
    # of an order: at most its categories, and all, its segment and its channel
    entries = F.greatest(F.size("product_ids"), F.lit(0)) + 3
    bounds = seen.agg(
        F.min("ordered_on").alias("first"), F.count_if(is_sale()), F.sum(entries), midnights(), F.count(F.lit(1))
    )
    first, sold, rows, at_midnight, of_orders = collect_rows(bounds, "first day and number of sales")[0]
    if not sold:
        empty = [local_table(table, [], beside=orders) for table in (TIMING_GRID, TIMING_PEAKS, CUSTOMER_TIMING)]
        return empty[0], empty[1], empty[2]
    is_timed = are_times(at_midnight, of_orders)
    segments = rfm.select("customer_id", "segment")
    kinds = products.select("product_id", F.col(params.category_level).alias("category")).where("category is not null")
    happened_on = F.to_date("happened_at")
    looked = events.where(is_kind(params.traffic_kinds) & (happened_on >= F.lit(first)) & (happened_on < F.lit(as_of)))
    sales = stage.in_parts(
        seen, "customer_id", rows, lambda part: sales_by_hour(part, segments, kinds, as_of, is_timed)
    )
    week = stage(grid(sales, stage(traffic(looked, segments, kinds, is_timed)), first, as_of, params, is_timed))
    known = week.join(between_weeks(sales, (as_of - first).days // 7), on=CELL, how="left")
    found = peaks(collect_rows(known, "hours of the week"), params, words, HOURS if is_timed else 1)
    own = customer_timing(seen, segments, params.prior_orders, stage)
    if not is_timed:
        week, own = without_hours(week), without_hours(own)
    return week, local_table(TIMING_PEAKS, found, beside=orders), own
