"""The week as a grid: what was sold in each of its hours, by whom, and how many customers were about."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.top_n import best
from vitalfew.domain.order_windows import is_sale
from vitalfew.domain.weekdays import weekday_of
from vitalfew.jobs.timing.params import TimingParams

HOURS = 24
MEMBER = ["dimension", "member"]
CELL = [*MEMBER, "weekday", "hour"]


def hour_of(time: str, is_timed: bool) -> Column:
    """The hour of a time; the first of the day, where times are only dates."""
    return F.hour(time) if is_timed else F.lit(0)


def without_hours(frame: DataFrame) -> DataFrame:
    """`frame`, in which what is said of hours is NULL."""
    of_hours = ("hour", "best_hour", "hour_share", "is_own_hour")
    types = dict(frame.dtypes)
    return frame.withColumns({n: F.lit(None).cast(types[n]) for n in of_hours if n in types})


def sales_by_hour(
    orders: DataFrame, segments: DataFrame, kinds: DataFrame, as_of: date, is_timed: bool = True
) -> DataFrame:
    """Per CELL, week (0 is the last before `as_of`) and customer_id: `orders` (sales) and `net_amount` (of all orders).

    `segments`: customer_id, segment. `kinds`: product_id, category.
    """
    whole = orders.select(
        "order_id",
        "customer_id",
        "channel",
        weekday_of("ordered_at").alias("weekday"),
        hour_of("ordered_at", is_timed).alias("hour"),
        F.floor((F.datediff(F.lit(as_of), F.col("ordered_on")) - 1) / F.lit(7)).cast("int").alias("week"),
        is_sale().cast("bigint").alias("orders"),
        "net_amount",
        F.arrays_zip("product_ids", "product_amounts").alias("sold"),
        F.arrays_zip("returned_ids", "returned_amounts").alias("returned"),
    )
    known = whole.join(segments, on="customer_id", how="left")
    by_category = in_categories(whole, kinds)
    carried = ["weekday", "hour", "week", "customer_id", "orders"]
    by_order = known.select(in_dimensions("segment", "channel"), *carried, "net_amount")
    entries = by_order.where("member is not null").unionByName(by_category)
    return entries.groupBy(*CELL, "week", "customer_id").agg(
        F.sum("orders").alias("orders"), F.sum("net_amount").cast("decimal(28,2)").alias("net_amount")
    )


def in_categories(orders: DataFrame, kinds: DataFrame) -> DataFrame:
    """One row per order and category of its products; a sale where one was sold, not where all came back."""
    carried = ["order_id", "weekday", "hour", "week", "customer_id"]
    sold = orders.select(*carried, "orders", F.inline("sold").alias("product_id", "amount"))
    back = orders.select(
        *carried, F.lit(0).cast("bigint").alias("orders"), F.inline("returned").alias("product_id", "amount")
    )
    return (
        sold.unionByName(back)
        .join(kinds, on="product_id", how="inner")
        .groupBy("category", *carried)
        .agg(F.max("orders").alias("orders"), F.sum("amount").alias("net_amount"))
        .withColumns({"dimension": F.lit("category"), "member": F.col("category")})
        .drop("order_id", "category")
    )


def in_dimensions(*columns: str) -> Column:
    """`dimension` and `member`: one row for all, and one for each of the columns."""
    everyone = F.struct(F.lit("all").alias("dimension"), F.lit("all").alias("member"))
    others = [F.struct(F.lit(name).alias("dimension"), F.col(name).alias("member")) for name in columns]
    return F.inline(F.array(everyone, *others))


def traffic(events: DataFrame, segments: DataFrame, kinds: DataFrame, is_timed: bool = True) -> DataFrame:
    """Per CELL: `events`, one of a product also in its category."""
    known = events.join(segments, on="customer_id", how="left").join(kinds, on="product_id", how="left")
    entries = known.select(
        in_dimensions("segment", "category", "channel"),
        weekday_of("happened_at").alias("weekday"),
        hour_of("happened_at", is_timed).alias("hour"),
    )
    return entries.where("member is not null").groupBy(*CELL).agg(F.count(F.lit(1)).alias("events"))


def members(sales: DataFrame, most: int) -> DataFrame:
    """`dimension`, `member` and `member_orders` of those with the most orders in their dimension."""
    counted = sales.groupBy(*MEMBER).agg(F.sum("orders").alias("member_orders")).where("member_orders > 0")
    return best(counted, most, ["dimension"], [F.desc("member_orders"), F.asc("member")]).drop("rank")


def hours_of_the_week(first: date, as_of: date, hours: int = HOURS) -> list[tuple[int, int, int]]:
    """weekday, hour, and how many such hours there are from `first` until before `as_of`; a day has so many `hours`."""
    days = [0] * 7
    for past in range((as_of - first).days):
        days[(first + timedelta(days=past)).weekday()] += 1
    return [(weekday + 1, hour, count) for weekday, count in enumerate(days) for hour in range(hours)]


def grid(
    sales: DataFrame, seen: DataFrame, first: date, as_of: date, params: TimingParams, is_timed: bool = True
) -> DataFrame:
    """TIMING_GRID from sales by hour and traffic: all 168 hours of every member, or its 7 days without times."""
    of_day = HOURS if is_timed else 1
    cells = sales.sparkSession.createDataFrame(
        hours_of_the_week(first, as_of, of_day), "weekday int, hour int, hours bigint"
    )
    named = cells.crossJoin(members(sales, params.most_members))
    week_hours = F.lit((as_of - first).days * of_day)
    all_events = seen.agg(F.sum("events").alias("all_events"))
    joined = named.join(by_hour(sales), on=CELL, how="left").join(seen, on=CELL, how="left").crossJoin(all_events)
    orders, events = F.coalesce("orders", F.lit(0)), F.coalesce("events", F.lit(0))
    rate = ratio(orders * week_hours, F.col("hours") * F.col("member_orders"))
    return joined.select(
        *CELL,
        "hours",
        orders.cast("bigint").alias("orders"),
        F.coalesce("net_amount", F.lit(0).cast("decimal(28,2)")).alias("net_amount"),
        F.coalesce("customers", F.lit(0)).cast("bigint").alias("customers"),
        F.coalesce("most_of_one", F.lit(0)).cast("bigint").alias("most_of_one"),
        rate.cast("double").alias("times_average"),
        F.when(F.col("all_events") > 0, events).cast("bigint").alias("events"),
        ratio(orders, F.col("events")).alias("orders_per_event"),
    )


def by_hour(sales: DataFrame) -> DataFrame:
    """Per CELL: orders, net_amount, customers and most_of_one."""
    each = sales.groupBy(*CELL, "customer_id").agg(
        F.sum("orders").alias("orders"), F.sum("net_amount").alias("net_amount")
    )
    is_known = F.col("customer_id").isNotNull()
    return each.groupBy(*CELL).agg(
        F.sum("orders").alias("orders"),
        F.sum("net_amount").cast("decimal(28,2)").alias("net_amount"),
        F.count_if(is_known & (F.col("orders") > 0)).alias("customers"),
        F.max(F.when(is_known, F.col("orders"))).alias("most_of_one"),
    )


def between_weeks(sales: DataFrame, weeks: int) -> DataFrame:
    """Per CELL, of the last `weeks` whole weeks: whole_orders; spread, the sum of orders² / all of the member's orders
    in that week; and member_weeks, in which the member had any."""
    whole = sales.where((F.col("week") < weeks) & (F.col("orders") > 0))
    cells = whole.groupBy(*CELL, "week").agg(F.sum("orders").alias("orders"))
    totals = whole.groupBy(*MEMBER, "week").agg(F.sum("orders").alias("of_week"))
    part = F.round(ratio(F.col("orders").cast("double") * F.col("orders"), F.col("of_week")), 9).cast("decimal(28,9)")
    spread = (
        cells.join(totals, on=[*MEMBER, "week"], how="inner")
        .groupBy(*CELL)
        .agg(F.sum("orders").alias("whole_orders"), F.sum(part).cast("double").alias("spread"))
    )
    lived = totals.groupBy(*MEMBER).agg(F.count(F.lit(1)).alias("member_weeks"))
    return spread.join(lived, on=MEMBER, how="inner")
