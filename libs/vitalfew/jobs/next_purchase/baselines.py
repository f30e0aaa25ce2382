"""The simplest rules for every customer: orders and money of the last period, of a year ago, and of the rate so far."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import YEAR
from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.next_purchase.origins import HISTORIC_RATE, YEAR_AGO
from vitalfew.jobs.next_purchase.params import NextPurchaseParams


def orders_name(method: str, horizon: int) -> str:
    return f"{method}_orders_{horizon}"


def money_name(method: str, horizon: int) -> str:
    return f"{method}_money_{horizon}"


def of_each(days: DataFrame, method: str, on: date, params: NextPurchaseParams) -> DataFrame:
    """customer_id, and for each horizon the orders and the money that the rule predicts."""
    grouped = days.where(F.col("ordered_on") < F.lit(on)).groupBy("customer_id")
    if method == HISTORIC_RATE:
        return by_rate(grouped.agg(F.min("first_on").alias("first_on"), *later()), on, params)
    sums = []
    for horizon in params.horizons_days:
        start = days_after(on, -(YEAR if method == YEAR_AGO else horizon))
        end = min(days_after(start, horizon), on)
        within = (F.col("ordered_on") >= F.lit(start)) & (F.col("ordered_on") < F.lit(end))
        sums += [
            F.count_if(within & F.col("is_sale")).cast("double").alias(orders_name(method, horizon)),
            F.sum(F.when(within, F.col("net"))).cast("double").alias(money_name(method, horizon)),
        ]
    return grouped.agg(*sums)


def later() -> list[Column]:
    is_later = F.col("ordered_on") > F.col("first_on")
    return [
        F.count_if(is_later & F.col("is_sale")).alias("repeats"),
        F.sum(F.when(is_later, F.col("net"))).cast("double").alias("repeat_money"),
    ]


def by_rate(known: DataFrame, on: date, params: NextPurchaseParams) -> DataFrame:
    """The repeats and their money so far, for as many days as the horizon has."""
    age = F.datediff(F.lit(on), F.col("first_on")) - 1
    cells = []
    for horizon in params.horizons_days:
        share = ratio(F.lit(float(horizon)), F.greatest(age, F.lit(horizon)))
        cells += [
            (F.col("repeats") * share).alias(orders_name(HISTORIC_RATE, horizon)),
            (F.col("repeat_money") * share).alias(money_name(HISTORIC_RATE, horizon)),
        ]
    return known.select("customer_id", *cells)
