"""The days on which a customer bought, the gaps between them, and the silence beyond which they are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.exact_shares import exactly
from vitalfew.dataframes.group_totals import beside_totals
from vitalfew.dataframes.ratios import ratio_to_digits
from vitalfew.domain.overdue_params import OverdueParams


def with_gaps(days: DataFrame) -> DataFrame:
    """customer_id, ordered_on, before_on, gap_days: of days, each once, the day before and how long ago that was."""
    earlier = Window.partitionBy("customer_id").orderBy("ordered_on")
    dated = days.withColumn("before_on", F.lag("ordered_on").over(earlier))
    return dated.withColumn("gap_days", F.datediff("ordered_on", "before_on"))


def rhythms(days: DataFrame, params: OverdueParams, as_of: date) -> DataFrame:
    """One row per customer: first_on, last_on, silent_days, gaps, longest_days, own_days (the percentile), mean."""
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
        F.get("all_gaps", place_of(params) - 1).alias("own_days"),
        ratio_to_digits(F.datediff("last_on", "first_on"), F.col("gaps")).alias("typical_days"),
    )


def rhythms_of(histories: DataFrame, params: OverdueParams, as_of: date) -> DataFrame:
    """The same as `rhythms`, beside all columns of `histories` (domain/customer_history) of customers with a sale."""
    sold = histories.where("sales > 0").withColumn("gaps", F.size("gap_days").cast("bigint"))
    return sold.withColumns(
        {
            "silent_days": F.datediff(F.lit(as_of), F.col("last_on")),
            "longest_days": F.array_max("gap_days"),
            "own_days": F.get(F.sort_array("gap_days"), place_of(params) - 1),
            "typical_days": ratio_to_digits(F.datediff("last_on", "first_on"), F.col("gaps")),
        }
    )


def place_of(params: OverdueParams) -> Column:
    """At which place of its sorted gaps, from 1, the percentile of a customer lies."""
    share = exactly(params.overdue_percentile)
    return F.floor((F.col("gaps") * share.numerator + (share.denominator - 1)) / F.lit(share.denominator)).cast("int")


def with_limits(rhythm: DataFrame, params: OverdueParams, within: Sequence[str] = ()) -> DataFrame:
    """`rhythm` with limit_days: the own percentile, drawn to the mean of those of all (`within` a group) with a rhythm.

    Who has fewer than `min_gaps` gaps is not overdue before both the longest of them and the limit of all are passed.
    """
    has_rhythm = F.col("gaps") >= params.min_gaps
    own = F.when(has_rhythm, F.col("own_days"))
    all_days = ratio_to_digits(F.sum(own), F.count(own)).alias("all_days")
    drawn = ratio_to_digits(
        F.col("gaps") * F.col("own_days") + params.min_gaps * F.col("all_days"), F.col("gaps") + params.min_gaps
    )
    few = F.when((F.col("gaps") > 0) & F.col("all_days").isNotNull(), F.greatest("longest_days", "all_days"))
    limits = beside_totals(rhythm, [all_days], within).withColumn(
        "limit_days", F.when(has_rhythm, drawn).otherwise(few)
    )
    return limits.drop("longest_days", "own_days", "all_days")


def is_overdue() -> Column:
    """The one definition of overdue: silent for longer than `limit_days`; false for a customer without a gap."""
    return F.coalesce(F.col("silent_days") > F.col("limit_days"), F.lit(False))
