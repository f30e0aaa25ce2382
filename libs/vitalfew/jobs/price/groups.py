"""At which prices groups of customers buy what has no one price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.normal_quantiles import two_sided
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.exact_quantiles import cuts
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.small_groups import Group, hidden
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.tables import AS_OTHERS, BARGAIN, FULL_PRICE, SEGMENT, SPEND

MILLION = 1_000_000
MOST_PAID = 10
"""Times the usual price: what is paid beyond counts as this."""
MOST_SPENT = 10**18
"""Cents of one customer: who spent more counts as this, which whole numbers hold."""
THIRDS = ("low", "middle", "high")
SUMS = ("n", "discounted", "expected", "paid")


def willingness(
    bought: DataFrame, weekly: DataFrame, found: DataFrame, rfm: DataFrame, params: PriceParams, stage: Stage
) -> list[dict[str, Any]]:
    """The rows of PRICE_WILLINGNESS, without small groups; of products sold often at one price, which changed."""
    of_customers = stage(by_customer(bought, weekly, found, params))
    has_segments = bool(collect_rows(rfm.limit(1), "a customer with a segment"))
    if has_segments:
        whose = rfm.select("customer_id", F.col("segment").alias("customer_group"))
        grouped = of_customers.join(whose, on="customer_id", how="inner")
    else:
        grouped = of_customers.withColumn("customer_group", thirds(of_customers))
    rows = collect_rows(totals(grouped).orderBy("customer_group"), "groups of customers")
    gone = hidden([Group(row["customer_group"], row["customers"], ((),)) for row in rows], params.min_group)
    rows = [row for row in rows if row["customer_group"] not in gone]
    return shown(rows, SEGMENT if has_segments else SPEND, params)


def by_customer(bought: DataFrame, weekly: DataFrame, found: DataFrame, params: PriceParams) -> DataFrame:
    """customer_id, cents (spent on them), n purchases; in millionths: discounted, expected, paid of the usual price."""
    wanted = found.where("fate in ('judged', 'few_changes')").select("product_id")
    is_cut = F.col("cents") <= F.col("usual") * (1 - params.min_discount)
    weeks = weekly.select("product_id", "week", "usual", F.when(is_cut, MILLION).otherwise(0).alias("discounted"))
    priced = weeks.join(wanted, on="product_id", how="left_semi")
    named = bought.where("customer_id is not null").join(priced, on=["product_id", "week"], how="inner")
    share = F.round(ratio(F.sum("discounted"), F.count(F.lit(1))), 0).cast("bigint")
    known = named.join(named.groupBy("product_id").agg(share.alias("expected")), on="product_id", how="inner")
    times = F.least(ratio(F.col("cents").cast("double"), F.col("usual").cast("double")), F.lit(float(MOST_PAID)))
    paid = F.round(times * MILLION, 0).cast("bigint")
    spent = F.least(F.sum(F.col("amount") * 100).cast("decimal(38,2)"), F.lit(MOST_SPENT).cast("decimal(38,2)"))
    return known.groupBy("customer_id").agg(
        spent.cast("bigint").alias("cents"),
        F.count(F.lit(1)).alias("n"),
        F.sum("discounted").cast("bigint").alias("discounted"),
        F.sum("expected").cast("bigint").alias("expected"),
        F.sum(paid).cast("bigint").alias("paid"),
    )


def thirds(of_customers: DataFrame) -> Column:
    """low, middle or high, by what a customer spent: as equal thirds as ties allow."""
    found = cuts(of_customers, ["cents"], len(THIRDS)).get("cents", ())
    group = F.lit(THIRDS[-1])
    for cut, name in reversed(list(zip(found, THIRDS[:-1], strict=False))):
        group = F.when(F.col("cents") <= cut.last, name).otherwise(group)
    return group


def totals(grouped: DataFrame) -> DataFrame:
    """Of each group, the customers, the sums, and the sums of products of two, exact to the last digit."""
    exact = {name: F.col(name).cast("decimal(19,0)") for name in SUMS}
    excess = exact["discounted"] - exact["expected"]
    pairs = {
        "nn": (exact["n"], exact["n"]),
        "excess_n": (excess, exact["n"]),
        "excess_excess": (excess, excess),
        "paid_n": (exact["paid"], exact["n"]),
        "paid_paid": (exact["paid"], exact["paid"]),
    }
    return grouped.groupBy("customer_group").agg(
        F.count(F.lit(1)).alias("customers"),
        *[F.sum(name).alias(name) for name in SUMS],
        *[F.sum((a * b).cast("decimal(38,0)")).cast("double").alias(name) for name, (a, b) in pairs.items()],
    )


def error_of_ratio(squares: float, crossed: float, sizes: float, total: float, share: float, customers: int) -> float:
    """The standard error of a ratio of sums over customers, who are independent of each other (Cochran 1977, 6.3)."""
    residual = max(squares - 2 * share * crossed + share * share * sizes, 0.0)
    return math.sqrt(residual * customers / (customers - 1)) / total


def shown(rows: Sequence[Row], grouping: str, params: PriceParams) -> list[dict[str, Any]]:
    """Rows of PRICE_WILLINGNESS, with few false differences among all that are said to be any."""
    from scipy.special import log_ndtr

    width = two_sided(params.confidence)
    made = [row_of(row, grouping, width) for row in rows]
    error = np.array([each.pop("error") for each in made], float)
    difference = np.array([each["difference"] for each in made], float)
    away = np.where(error > 0, np.abs(difference) / np.where(error > 0, error, 1.0), 0.0)
    log_q = log_false_discovery_rate(np.minimum(log_ndtr(-away) + math.log(2), 0.0))
    for each, q in zip(made, log_q.tolist(), strict=True):
        matters = abs(each["difference"]) >= params.min_difference * each["expected_share"]
        if matters and q <= math.log(params.significance) and each["difference_low"] is not None:
            if each["difference_low"] > 0:
                each["standing"] = BARGAIN
            if each["difference_high"] < 0:
                each["standing"] = FULL_PRICE
    return made


def row_of(row: Row, grouping: str, width: float) -> dict[str, Any]:
    customers, n = row["customers"], row["n"]
    discounted, expected, paid = (row[name] / MILLION / n for name in SUMS[1:])
    difference = (row["discounted"] - row["expected"]) / MILLION / n
    off = paid_off = 0.0
    if customers > 1:
        squares, crossed = row["excess_excess"] / MILLION**2, row["excess_n"] / MILLION
        off = error_of_ratio(squares, crossed, row["nn"], n, difference, customers)
        squares, crossed = row["paid_paid"] / MILLION**2, row["paid_n"] / MILLION
        paid_off = error_of_ratio(squares, crossed, row["nn"], n, paid, customers)
    is_known = customers > 1
    return {
        "grouping": grouping,
        "customer_group": row["customer_group"],
        "customers": customers,
        "purchases": n,
        "discount_share": discounted,
        "expected_share": min(expected, 1.0),
        "difference": difference,
        "difference_low": difference - width * off if is_known else None,
        "difference_high": difference + width * off if is_known else None,
        "paid_share": paid,
        "paid_low": paid - width * paid_off if is_known else None,
        "paid_high": paid + width * paid_off if is_known else None,
        "standing": AS_OTHERS,
        "error": off,
    }
