"""Alerts about who buys otherwise than before: much more often, or for much less at a time."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics import poisson_rates
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio_to_digits
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.customer_history import LOG_STEPS, log_steps
from vitalfew.domain.order_windows import days_after, is_sale
from vitalfew.domain.purchase_gaps import is_overdue
from vitalfew.jobs.alerts.alert_rows import alert, by_value, chance
from vitalfew.jobs.alerts.histories import Known
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.messages.sentences import say

ORDERS_OF_DOUBT = 5
LEAST_VARIANCE = 0.01


def rising(known: Known, params: AlertParams, as_of: date) -> DataFrame:
    """Who has days with an order more often than before, beyond chance; the first order only starts the clock.

    Who was more frequent and is silent for longer than their own rhythm allows is overdue, and not rising. It is good
    news, at which nothing is at stake: never of high severity.
    """
    start = days_after(as_of, -7 * params.rising_weeks)
    weeks = F.floor(F.datediff(F.lit(start), F.col("first_on")) / 7).cast("bigint")
    recent = (
        known.orders.where((F.col("ordered_on") >= F.lit(start)) & is_sale())
        .groupBy("customer_id")
        .agg(F.count_distinct("ordered_on").alias("recent_days"))
    )
    asked = known.customers.withColumn("weeks_before", weeks).where(F.col("weeks_before") >= params.min_weeks)
    counts = asked.join(recent, on="customer_id", how="left").fillna(0, ["recent_days"])
    counted = counts.withColumns({"n_recent": F.col("recent_days"), "n_before": F.col("gaps") - F.col("recent_days")})
    higher = poisson_rates.rises(counted, float(params.rising_weeks), params.significance)
    expected = ratio_to_digits(F.col("n_before") * params.rising_weeks, F.col("weeks_before"))
    found = higher.where((F.col("n_recent") >= params.rising_factor * expected) & ~is_overdue())
    return alert(
        found,
        "frequency_up",
        since=F.lit(start),
        measure=F.col("n_recent"),
        reference=expected,
        severity=F.when(F.col("is_valuable"), "medium").otherwise("low"),
        evidence=say(
            "alerts.evidence.frequency_up",
            days=F.col("n_recent"),
            weeks=F.lit(params.rising_weeks),
            expected=expected,
            **chance(),
        ),
        action=say("alerts.action.welcome"),
    )


def spend_drop(known: Known, params: AlertParams, as_of: date, stage: Stage) -> DataFrame:
    """Who still orders, but for much less at a time than ever: by the logarithms of what an order is worth.

    The spread of a customer is drawn to that of all, as if there were five more orders.
    """
    start = days_after(as_of, -params.drop_days)
    log = log_steps()
    recent = (
        known.orders.where((F.col("ordered_on") >= F.lit(start)) & log.isNotNull())
        .groupBy("customer_id")
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.sum(log).alias("sum"),
            F.sum(log * log).alias("squares"),
            F.min("ordered_on").alias("since"),
        )
    )
    all_logs = known.customers.select("customer_id", "log_orders", "log_sum", "log_squares")
    sums = recent.join(all_logs, on="customer_id", how="inner").select(
        "customer_id",
        "n",
        "sum",
        "since",
        (F.col("log_orders") - F.col("n")).alias("n_before"),
        (F.col("log_sum") - F.col("sum")).alias("sum_before"),
        (F.col("log_squares") - F.col("squares")).alias("squares_before"),
    )
    enough = (F.col("n") >= params.drop_orders) & (F.col("n_before") >= params.drop_orders_before)
    spread = stage(sums.where(enough).withColumn("scatter", scatter()))
    pooled = spread.agg(F.sum("scatter").alias("scatter"), F.sum(F.col("n_before") - 1).alias("freedom"))
    row = collect_rows(pooled, "spread of order values")[0]
    all_variance = row["scatter"] / row["freedom"] if row["freedom"] else 0.0
    freedom = F.col("n_before") - 1 + ORDERS_OF_DOUBT
    own_variance = ratio_to_digits(F.col("scatter") + ORDERS_OF_DOUBT * all_variance, freedom)
    variance = F.greatest(own_variance, F.lit(LEAST_VARIANCE))
    each = ratio_to_digits(F.lit(1.0), F.col("n")) + ratio_to_digits(F.lit(1.0), F.col("n_before"))
    error = F.sqrt(variance * each)
    now = ratio_to_digits(F.col("sum"), F.col("n")) / LOG_STEPS
    before = ratio_to_digits(F.col("sum_before"), F.col("n_before")) / LOG_STEPS
    lower = spread.select(
        "customer_id",
        "n",
        "since",
        F.exp(now).alias("now"),
        F.exp(before).alias("before"),
        ratio_to_digits(before - now, error).alias("z"),
    )
    dropped = lower.where((F.col("z") >= params.drop_z) & (F.col("now") <= params.drop_ratio * F.col("before")))
    found = dropped.join(known.customers, on="customer_id", how="inner")
    return alert(
        found,
        "spend_drop",
        since=F.col("since"),
        measure=F.round("now", 4),
        reference=F.round("before", 4),
        severity=by_value(),
        evidence=say(
            "alerts.evidence.spend_drop",
            now=F.col("now"),
            orders=F.col("n"),
            before=F.col("before"),
            errors=F.col("z"),
        ),
        action=say("alerts.action.find_out"),
    )


def scatter() -> Column:
    """Sum of squared differences from the mean, before; in squared logarithms."""
    squares = F.col("squares_before").cast("double") / LOG_STEPS**2
    total = F.col("sum_before").cast("double") / LOG_STEPS
    return F.greatest(squares - ratio_to_digits(total * total, F.col("n_before")), F.lit(0.0))
