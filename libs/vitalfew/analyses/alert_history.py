"""What alerts know of a customer: days of sale, rhythm, and what a year of theirs is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.algorithms.shares import exactly
from vitalfew.algorithms.staging import Stage
from vitalfew.analyses.alert_params import AlertParams
from vitalfew.analyses.windows import in_window

YEAR = 365
DIGITS = 9


@dataclass(frozen=True)
class Known:
    """Frames of what was before as_of.

    orders: of known customers; days: customer_id, ordered_on, before_on (the day of sale before), gap_days;
    customers: one row per customer with a sale: first_on, last_on, silent_days, gaps, typical_days (their mean),
    limit_days (beyond it they are overdue; NULL without a gap), value, year_value, all_value, everyone, is_valuable.
    """

    orders: DataFrame
    days: DataFrame
    customers: DataFrame


def known(orders: DataFrame, params: AlertParams, as_of: date, stage: Stage) -> Known:
    """The histories of all customers with a sale before `as_of`."""
    seen = stage(
        in_window(orders, as_of, None)
        .where("customer_id is not null")
        .select("customer_id", "order_id", "ordered_on", "kind", "net_amount")
    )
    days = stage(sale_days(seen))
    rhythm = stage(rhythms(days, params, as_of))
    return Known(seen, days, stage(with_values(with_limits(rhythm, params), seen, params)))


def sale_days(orders: DataFrame) -> DataFrame:
    """customer_id, ordered_on, before_on, gap_days: the days on which a customer bought, and the one before."""
    days = orders.where("kind = 'sale'").select("customer_id", "ordered_on").distinct()
    earlier = Window.partitionBy("customer_id").orderBy("ordered_on")
    dated = days.withColumn("before_on", F.lag("ordered_on").over(earlier))
    return dated.withColumn("gap_days", F.datediff("ordered_on", "before_on"))


def rhythms(days: DataFrame, params: AlertParams, as_of: date) -> DataFrame:
    """One row per customer: first_on, last_on, silent_days, gaps, longest_days, own_days (the percentile), mean."""
    share = exactly(params.overdue_percentile)
    place = F.floor((F.col("gaps") * share.numerator + (share.denominator - 1)) / share.denominator).cast("int")
    own = days.groupBy("customer_id").agg(
        F.min("ordered_on").alias("first_on"),
        F.max("ordered_on").alias("last_on"),
        F.count("gap_days").alias("gaps"),
        F.max("gap_days").alias("longest_days"),
        F.sort_array(F.collect_list("gap_days")).alias("all_gaps"),
    )
    return own.select(
        "customer_id",
        "first_on",
        "last_on",
        F.datediff(F.lit(as_of), F.col("last_on")).alias("silent_days"),
        "gaps",
        "longest_days",
        F.get("all_gaps", place - 1).alias("own_days"),
        ratio(F.datediff("last_on", "first_on"), F.col("gaps")).alias("typical_days"),
    )


def with_limits(rhythm: DataFrame, params: AlertParams) -> DataFrame:
    """`rhythm` with limit_days: the own percentile, drawn to the mean of those of all who have a rhythm.

    Who has fewer than `min_gaps` gaps is not overdue before both the longest of them and the limit of all are passed.
    """
    has_rhythm = F.col("gaps") >= params.min_gaps
    own = F.when(has_rhythm, F.col("own_days"))
    all_days = ratio(F.sum(own), F.count(own)).alias("all_days")
    drawn = ratio(
        F.col("gaps") * F.col("own_days") + params.min_gaps * F.col("all_days"), F.col("gaps") + params.min_gaps
    )
    few = F.when((F.col("gaps") > 0) & F.col("all_days").isNotNull(), F.greatest("longest_days", "all_days"))
    limits = rhythm.crossJoin(rhythm.agg(all_days)).withColumn("limit_days", F.when(has_rhythm, drawn).otherwise(few))
    return limits.drop("longest_days", "own_days", "all_days")


def with_values(customers: DataFrame, orders: DataFrame, params: AlertParams) -> DataFrame:
    """`customers` with value (all they brought), year_value (in the year up to the last order) and is_valuable."""
    is_late = F.col("ordered_on") > F.date_sub("last_on", YEAR)
    values = (
        orders.join(customers.select("customer_id", "last_on"), on="customer_id", how="inner")
        .groupBy("customer_id")
        .agg(
            F.sum("net_amount").cast("decimal(28,2)").alias("value"),
            money(F.sum(F.when(is_late, F.col("net_amount")))).alias("year_value"),
        )
    )
    valued = customers.join(values, on="customer_id", how="inner")
    whole = values.agg(F.sum("value").cast("decimal(28,2)").alias("all_value"), F.count(F.lit(1)).alias("everyone"))
    return valued.crossJoin(whole).withColumn("is_valuable", is_super(F.col("value"), params.super_factor))


def is_super(value: Column, factor: float) -> Column:
    """Whether `value` is above zero and at least `factor` times the mean value of all others; never for one alone."""
    share = exactly(factor)
    cents, everything = whole(value), whole(F.col("all_value")) - whole(F.col("value"))
    enough = cents * (F.col("everyone").cast("decimal(12,0)") - 1) * share.denominator >= everything * share.numerator
    return (value > 0) & (F.col("everyone") > 1) & enough


def whole(amount: Column) -> Column:
    """An amount in cents, as a whole number."""
    return (amount * 100).cast("decimal(18,0)")


def money(amount: Column) -> Column:
    return F.coalesce(amount, F.lit(0)).cast("decimal(28,2)")


def ratio(above: Column, below: Column) -> Column:
    """Their quotient to nine digits, NULL where `below`, never under zero, is zero.

    A power, not a division: Sail estimates how many rows a filter keeps by dividing the ranges of its columns, and
    fails where zero is in the range.
    """
    quotient = above.cast("double") * F.pow(below.cast("double"), F.lit(-1.0))
    return F.when(below > 0, F.round(quotient, DIGITS))
