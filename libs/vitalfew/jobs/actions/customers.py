"""What is known of each customer who ever bought, and how the draws fell: one row per customer."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.still_there import still_there
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import CONTROL, EXPLORE, KEY, PLAN, POTENTIAL, REGULAR

DRAWS = 1_000_000
PROSPECT = "prospect"
"""The status of somebody who has not bought yet."""
LEAST_DOUBT = 0.05
"""Of who is surely there, next_purchase says too little of what would be lost: one order is taken."""


def drawn(params: ActionsParams, *names: Column) -> Column:
    """A number from 0 to DRAWS - 1, the same as long as salt and campaign are."""
    return F.pmod(F.xxhash64(F.lit(params.salt), F.lit(params.campaign), *names), F.lit(DRAWS))


def group_of(params: ActionsParams) -> Column:
    """control, explore or plan: by a draw, before anything is known of what the customer would get."""
    draw = drawn(params, F.col("customer_id"))
    held, explored = round(params.hold_out * DRAWS), round((params.hold_out + params.explore) * DRAWS)
    return F.when(draw < held, CONTROL).when(draw < explored, EXPLORE).otherwise(PLAN)


def known_customers(
    next_purchase: DataFrame, contribution: DataFrame, rfm: DataFrame, timing: DataFrame, params: ActionsParams
) -> DataFrame:
    """What is known of a customer, with `tier` and `group`.

    `p_return`: the probability of an order within horizon_days; `p_year`: that the customer is still there.
    `year_amount`: what the customer would bring within the longest horizon of next_purchase, if still there.
    """
    bought = contribution.where("subject = 'customer'").select(
        F.col("subject_id").alias("customer_id"), "is_super", "decile", "abc"
    )
    segments, hours = rfm.select("customer_id", "segment"), timing.select("customer_id", "best_weekday", "best_hour")
    whole = (
        next_purchase.join(bought, on="customer_id", how="left")
        .join(segments, on="customer_id", how="left")
        .join(hours, on="customer_id", how="left")
    )
    doubt = 1 - still_there()
    year = F.when(doubt >= LEAST_DOUBT, ratio(F.col("value_at_stake").cast("double"), doubt))
    order = F.col("expected_amount").cast("double")
    return whole.select(
        "customer_id",
        "silent_days",
        "repeats",
        "status",
        "next_step",
        "gap_days",
        F.col(f"p_return_{params.horizon_days}").alias("p_return"),
        still_there().alias("p_year"),
        order.alias("order_amount"),
        F.greatest(order, year).alias("year_amount"),
        tier().alias("tier"),
        "segment",
        "best_weekday",
        "best_hour",
        group_of(params).alias("group"),
    )


def known_prospects(prospects: DataFrame, evaluation: DataFrame, params: ActionsParams) -> DataFrame:
    """The same of registered people who have not bought and are worth an effort, where first_order is planned.

    Nobody where the probabilities of prospects did not hold on days that they had not seen.

    `order_amount`: what a new customer brings; `silent_days`: since they were last seen.
    """
    is_wanted = F.lit("first_order" in params.actions) & F.col("is_registered")
    wanted = prospects.where(is_wanted & F.col("verdict").isin("contact", "nurture"))
    value = F.col("expected_value").cast("double")
    horizon = min(params.horizon_days, 90)
    holds = evaluation.where(F.col("is_published") & F.col("is_calibrated") & (F.col("horizon_days") == horizon))
    trusted = wanted.crossJoin(holds.select(F.lit(True).alias("_holds")).distinct())
    return trusted.select(
        "customer_id",
        F.col("last_seen_days").alias("silent_days"),
        F.lit(0).cast("int").alias("repeats"),
        F.lit(PROSPECT).alias("status"),
        F.lit(None).cast("string").alias("next_step"),
        F.lit(None).cast("double").alias("gap_days"),
        F.col(f"p_order_{horizon}").alias("p_return"),
        F.col("p_order_90").alias("p_year"),
        value.alias("order_amount"),
        value.alias("year_amount"),
        F.lit(POTENTIAL).alias("tier"),
        F.lit(None).cast("string").alias("segment"),
        *[F.lit(None).cast("int").alias(name) for name in ("best_weekday", "best_hour")],
        group_of(params).alias("group"),
    )


def tier() -> Column:
    """key, regular or potential: resources follow what customers contribute."""
    return (
        F.when(F.col("is_super") | (F.col("decile") == 1), KEY)
        .when(F.col("abc").isin("A", "B") | (F.col("abc").isNull() & (F.col("repeats") > 0)), REGULAR)
        .otherwise(POTENTIAL)
    )
