"""What alerts know of a customer: days of sale, rhythm, and what a year of theirs is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.group_totals import beside_totals
from vitalfew.dataframes.ratios import ratio_to_digits
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.customer_history import LOG_STEPS, histories, there
from vitalfew.domain.order_windows import in_window
from vitalfew.domain.purchase_gaps import rhythms_of, with_limits
from vitalfew.domain.super_customers import is_super
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.messages.sentences import Sentence

YEAR = 365
PROBABILITIES = ("model", "p_alive", "p_return_30", "p_return_90", "p_return_365")
"""What NEXT_PURCHASE says of another order; p_alive is that of the model."""
MOST_LOG = 12.0
"""Of days: beyond it no limit is ever passed."""


@dataclass(frozen=True)
class Known:
    """Frames of what was before as_of.

    orders: of known customers; customers: one row per customer with a sale: what domain/customer_history tells of it,
    silent_days, gaps, typical_days (their mean), limit_days (beyond it they are overdue; NULL without a gap),
    spread_days, value, year_value, all_value, all_year, everyone, is_valuable; and what next_purchase says of them,
    where it does (is_told): PROBABILITIES, next_step, told_action (its code and values), loss (what is at stake by
    silence: its value_at_stake, else all of year_value).
    """

    orders: DataFrame
    customers: DataFrame


def known(
    orders: DataFrame, told: DataFrame, history: DataFrame | None, params: AlertParams, as_of: date, stage: Stage
) -> Known:
    """What is known of all customers with a sale before `as_of`: from their `history`, if it is there."""
    seen = in_window(orders, as_of, None).where("customer_id is not null")
    past = there(history)
    rhythm = stage(rhythms_of(histories(seen) if past is None else past, params, as_of))
    return Known(seen, stage(with_forecast(judged(rhythm, params), told)))


def judged(rhythm: DataFrame, params: AlertParams, within: Sequence[str] = ()) -> DataFrame:
    """`rhythm` with limit_days, spread_days, and how valuable a customer is, beside all others (`within` a group)."""
    return with_values(with_spreads(with_limits(rhythm, params, within), params, within), params, within)


def with_spreads(rhythm: DataFrame, params: AlertParams, within: Sequence[str] = ()) -> DataFrame:
    """`rhythm` with spread_days: `overdue_spreads` standard deviations above the mean of the logarithms of own gaps.

    The variance is drawn to the mean of those of all by as many gaps as `min_gaps`; NULL for who has fewer gaps.
    """
    logs = F.transform("gap_days", lambda gap: F.round(F.log(gap.cast("double")) * LOG_STEPS).cast("bigint"))
    zero = F.lit(0).cast("bigint")
    summed = rhythm.withColumn("log_gaps", logs).withColumns(
        {
            "gap_sum": F.aggregate("log_gaps", zero, lambda total, each: total + each),
            "gap_squares": F.aggregate("log_gaps", zero, lambda total, each: total + each * each),
        }
    )
    mean = ratio_to_digits(F.col("gap_sum"), F.col("gaps"))
    variance = ratio_to_digits(F.col("gap_squares"), F.col("gaps")) - mean * mean
    own = summed.withColumn("gap_variance", F.when(F.col("gaps") >= params.min_gaps, F.round(variance).cast("bigint")))
    all_variance = ratio_to_digits(F.sum("gap_variance"), F.count("gap_variance")).alias("all_variance")
    drawn = ratio_to_digits(
        F.col("gaps") * F.col("gap_variance") + params.min_gaps * F.col("all_variance"),
        F.col("gaps") + params.min_gaps,
    )
    spread = mean + params.overdue_spreads * F.sqrt(F.greatest(drawn, F.lit(0.0)))
    limit = F.when(F.col("gap_variance").isNotNull(), F.exp(F.least(spread / LOG_STEPS, F.lit(MOST_LOG))))
    return (
        beside_totals(own, [all_variance], within)
        .withColumn("spread_days", limit)
        .drop("log_gaps", "gap_sum", "gap_squares", "gap_variance", "all_variance")
    )


def with_values(customers: DataFrame, params: AlertParams, within: Sequence[str] = ()) -> DataFrame:
    """`customers` with value (all they brought), year_value (in the year up to the last order) and is_valuable."""
    valued = customers.withColumnsRenamed({"net_amount": "value", "year_amount": "year_value"})
    together = (
        F.sum("value").cast("decimal(28,2)").alias("all_value"),
        F.sum("year_value").cast("decimal(28,2)").alias("all_year"),
        F.count(F.lit(1)).alias("everyone"),
    )
    return beside_totals(valued, together, within).withColumn(
        "is_valuable", is_super_by(F.col("value"), params.super_factor)
    )


def with_forecast(customers: DataFrame, told: DataFrame) -> DataFrame:
    """`customers` with PROBABILITIES, next_step, told_action, is_told and loss, as NEXT_PURCHASE has them."""
    forecast = told.select(
        "customer_id",
        *PROBABILITIES,
        "next_step",
        *Sentence(F.col("action_code"), F.col("action_values")).named("told_action"),
        F.col("value_at_stake").alias("told_loss"),
    )
    joined = customers.join(forecast, on="customer_id", how="left")
    known = joined.withColumns(
        {"is_told": F.col("told_loss").isNotNull(), "loss": money(F.coalesce("told_loss", "year_value"))}
    )
    return known.drop("told_loss")


def is_loss(part: int) -> Column:
    """Whether at least one `part`th of what a customer brings in a year, in the mean of all, is at stake."""
    everyone = F.col("everyone").cast("decimal(12,0)")
    return (F.col("loss") > 0) & (whole(F.col("loss")) * everyone * part >= whole(F.col("all_year")))


def is_super_by(value: Column, factor: float) -> Column:
    """Whether a customer who brought `value`, beside what all others brought, is a super customer."""
    return is_super(whole(value), whole(F.col("all_value") - F.col("value") + value), F.col("everyone"), factor)


def whole(amount: Column) -> Column:
    """An amount in cents, as a whole number."""
    return (amount * 100).cast("decimal(18,0)")


def money(amount: Column) -> Column:
    return F.coalesce(amount, F.lit(0)).cast("decimal(28,2)")
