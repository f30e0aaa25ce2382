"""Alerts about products: complaints, returns or bad ratings in a burst, beyond the product's own rate before."""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics import poisson_rates
from vitalfew.dataframes.ratios import ratio_to_digits
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.event_kinds import is_kind
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.jobs.alerts.alert_rows import alert, chance
from vitalfew.jobs.alerts.histories import YEAR, money
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.messages.sentences import say

SALES_DAYS = 90
LEAST_WEEKS = 4
ACTIONS = {
    "complaints": "alerts.action.answer_complaints",
    "returns": "alerts.action.inspect_returns",
    "bad_ratings": "alerts.action.answer_ratings",
}
CALLED = tuple(ACTIONS)
"""The kinds that are about products."""


def bursts(
    orders: DataFrame, events: DataFrame, products: DataFrame, params: AlertParams, as_of: date, stage: Stage
) -> list[DataFrame]:
    """One frame of alerts for each kind of signal."""
    seen = in_window(orders, as_of, YEAR + params.burst_days)
    begin = beginnings(seen, events, params, as_of)
    signals = stage(with_counts(daily(seen, events, params, as_of), begin, params, as_of))
    sales = stage(sold(seen, signals, as_of))
    names = products.select("product_id", "name")
    return [of_kind(kind, signals, sales, names, params, as_of) for kind in ACTIONS]


def daily(orders: DataFrame, events: DataFrame, params: AlertParams, as_of: date) -> DataFrame:
    """kind, product_id, on, n: what went wrong on a day; somebody known counts once a day, nobody known each time."""
    happened = events.where("product_id is not null").withColumn("on", F.to_date("happened_at"))
    start = days_after(as_of, -YEAR - params.burst_days)
    recent = happened.where((F.col("on") < F.lit(as_of)) & (F.col("on") >= F.lit(start)))
    is_bad = is_kind(params.rating_kinds) & (F.col("value") <= params.bad_rating)
    columns = ["product_id", "on", "customer_id"]
    parts = {
        "complaints": recent.where(is_kind(params.complaint_kinds)),
        "bad_ratings": recent.where(is_bad),
        "returns": returned(orders).withColumnRenamed("ordered_on", "on"),
    }
    rows = [frame.select(F.lit(kind).alias("kind"), *columns) for kind, frame in parts.items()]
    is_known = F.col("customer_id").isNotNull()
    counted = (
        reduce(DataFrame.unionByName, rows)
        .groupBy("kind", "product_id", "on", "customer_id")
        .agg(F.when(is_known, F.lit(1).cast("bigint")).otherwise(F.count(F.lit(1))).alias("n"))
    )
    return counted.groupBy("kind", "product_id", "on").agg(F.sum("n").alias("n"))


def beginnings(orders: DataFrame, events: DataFrame, params: AlertParams, as_of: date) -> DataFrame:
    """kind, kind_on: since when the shop would have known, of what is looked at: who never complained could have."""
    on = F.to_date("happened_at")
    known = events.where(on < F.lit(as_of))
    firsts = {
        "complaints": known.agg(F.min(on).alias("kind_on")),
        "bad_ratings": known.where(is_kind(params.rating_kinds)).agg(F.min(on).alias("kind_on")),
        "returns": orders.agg(F.min("ordered_on").alias("kind_on")),
    }
    rows = [frame.select(F.lit(kind).alias("kind"), "kind_on") for kind, frame in firsts.items()]
    return reduce(DataFrame.unionByName, rows)


def returned(orders: DataFrame) -> DataFrame:
    """product_id, ordered_on, customer_id: what came back, in an order of its own or in a sale."""
    came_back = F.when(F.col("kind") == "return", F.col("product_ids")).when(is_sale(), F.col("returned_ids"))
    return orders.where("kind in ('sale', 'return')").select(
        F.explode(came_back).alias("product_id"), "ordered_on", "customer_id"
    )


def with_counts(days: DataFrame, begin: DataFrame, params: AlertParams, as_of: date) -> DataFrame:
    """kind, product_id, n_recent, n_before, since, first_on (its first), kind_on (when they began to be known)."""
    is_recent = F.col("on") >= F.lit(days_after(as_of, -params.burst_days))
    counted = days.groupBy("kind", "product_id").agg(
        F.coalesce(F.sum(F.when(is_recent, F.col("n"))), F.lit(0)).cast("bigint").alias("n_recent"),
        F.coalesce(F.sum(F.when(~is_recent, F.col("n"))), F.lit(0)).cast("bigint").alias("n_before"),
        F.min(F.when(is_recent, F.col("on"))).alias("since"),
        F.min("on").alias("first_on"),
    )
    return counted.join(begin, on="kind", how="inner")


def sold(orders: DataFrame, signals: DataFrame, as_of: date) -> DataFrame:
    """product_id, sold_from (first sale seen), sales (of the last 90 days) of the products with a signal."""
    asked = signals.select("product_id").distinct()
    parts = F.inline(F.arrays_zip("product_ids", "product_amounts")).alias("product_id", "amount")
    lines = orders.where("kind in ('sale', 'return')").select("ordered_on", parts)
    is_late = F.col("ordered_on") >= F.lit(days_after(as_of, -SALES_DAYS))
    return (
        lines.join(asked, on="product_id", how="left_semi")
        .groupBy("product_id")
        .agg(
            F.min("ordered_on").alias("sold_from"),
            money(F.sum(F.when(is_late, F.col("amount")))).alias("sales"),
        )
    )


def of_kind(
    kind: str, signals: DataFrame, sales: DataFrame, names: DataFrame, params: AlertParams, as_of: date
) -> DataFrame:
    """The alerts of one kind: products watched for long enough, whose rate is much higher, beyond chance."""
    window = F.lit(days_after(as_of, -params.burst_days))
    year_ago = F.lit(days_after(as_of, -YEAR - params.burst_days))
    watched_from = F.greatest("kind_on", F.least("first_on", "sold_from"), year_ago)
    weeks = F.floor(F.datediff(window, watched_from) / 7).cast("bigint")
    of_it = signals.where(F.col("kind") == kind).join(sales, on="product_id", how="left")
    asked = of_it.withColumn("weeks_before", weeks).where(F.col("weeks_before") >= LEAST_WEEKS)
    higher = poisson_rates.rises(asked, params.burst_days / 7, params.significance)
    expected = ratio_to_digits(F.col("n_before") * (params.burst_days / 7), F.col("weeks_before"))
    found = higher.where(
        (F.col("n_recent") >= params.burst_events) & (F.col("n_recent") >= params.burst_factor * expected)
    ).join(names, on="product_id", how="left")
    return alert(
        found,
        kind,
        since=F.col("since"),
        measure=F.col("n_recent"),
        reference=expected,
        severity=F.lit("high"),
        evidence=say(
            f"alerts.evidence.{kind}",
            n=F.col("n_recent"),
            product=F.coalesce("name", "product_id"),
            days=F.lit(params.burst_days),
            expected=expected,
            weeks=F.col("weeks_before"),
            **chance(),
        ),
        action=say(ACTIONS[kind]),
        subject="product",
        value="sales",
    )
