"""Who moved whom: one row per pair."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.tables import CO_ADOPTION, REFERRAL


def by_referral(brought: DataFrame) -> DataFrame:
    """INFLUENCE_EDGES of customer_id, referrer_id, referred_on."""
    return brought.select(
        "customer_id",
        F.col("referrer_id").alias("influencer_id"),
        F.lit(REFERRAL).alias("source"),
        F.col("referred_on").alias("first_on"),
        F.lit(None).cast("bigint").alias("products"),
        F.lit(1.0).alias("weight"),
    )


def by_co_adoption(first: DataFrame, groups: DataFrame, as_of: date, params: InfluenceParams) -> DataFrame:
    """INFLUENCE_EDGES of first purchases (customer_id, product_id, day) that came soon after those of one's group.

    A group has at most max_tie_group customers, so that a popular product makes no more pairs than others.
    """
    own = first.join(groups, on="customer_id", how="inner")
    theirs = own.select(
        "product_id", "tie_group", F.col("customer_id").alias("influencer_id"), F.col("day").alias("theirs")
    )
    gap = F.col("day") - F.col("theirs")
    pairs = own.join(theirs, on=["product_id", "tie_group"], how="inner").where(
        (gap >= 1) & (gap <= params.follow_days)
    )
    whom = pairs.groupBy("customer_id", "product_id").agg(F.count(F.lit(1)).alias("whom"))
    start = days_after(as_of, -params.check_days)
    each = pairs.join(whom, on=["customer_id", "product_id"], how="inner")
    return each.groupBy("customer_id", "influencer_id").agg(
        F.lit(CO_ADOPTION).alias("source"),
        F.min(F.date_add(F.lit(start), F.col("day"))).alias("first_on"),
        F.count(F.lit(1)).alias("products"),
        F.round(F.sum(ratio(F.lit(1.0), F.col("whom"))), 9).alias("weight"),
    )
