"""Whether what the rules say is due was bought more often than the obvious, on days that they had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import sqrt
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.normal_quantiles import one_sided
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.sequences.due import bought_most, due, popular
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.jobs.sequences.tables import BASELINES, BUY_AGAIN, MOST_POPULAR, SEQUENCE

METHODS = (SEQUENCE, *BASELINES)


def judged(
    level: str, days: DataFrame, rules: DataFrame, split_on: date, params: SequencesParams, stage: Stage
) -> tuple[list[dict[str, Any]], bool]:
    """The rows of SEQUENCE_EVALUATION of one level, and whether the rules beat both baselines."""
    hits = hits_of(days, rules, split_on, params, stage)
    found = {k: collect_rows(hits.agg(*totals(k)), "hits of the methods")[0].asDict() for k in lengths(params)}
    is_better = wins(found[params.k], params)
    return rows_of(level, split_on, found, is_better), is_better


def unjudged(level: str, split_on: date, params: SequencesParams) -> list[dict[str, Any]]:
    """The rows of SEQUENCE_EVALUATION of a level without a rule: nothing is due for anybody."""
    nothing = {"customers": 0, **{f"hits{place}": 0 for place in range(len(METHODS))}}
    return rows_of(level, split_on, dict.fromkeys(lengths(params), nothing), is_better=False)


def lengths(params: SequencesParams) -> list[int]:
    """How many items of each list are looked at."""
    return sorted({1, params.k})


def rows_of(
    level: str, split_on: date, found: Mapping[int, Mapping[str, Any]], is_better: bool
) -> list[dict[str, Any]]:
    """One row for each length and method."""
    return [
        {
            "level": level,
            "method": method,
            "k": k,
            "split_on": split_on,
            "customers": row["customers"],
            "hit_rate": (row[f"hits{place}"] or 0) / max(row["customers"], 1),
            "is_baseline": method in BASELINES,
            "is_published": is_better and method == SEQUENCE,
        }
        for k, row in found.items()
        for place, method in enumerate(METHODS)
    ]


def hits_of(days: DataFrame, rules: DataFrame, split_on: date, params: SequencesParams, stage: Stage) -> DataFrame:
    """One row per judged customer: for each method (by its place), the rank of its first item that was bought."""
    until = days_after(split_on, params.horizon_days)
    is_next = (F.col("day") >= F.lit(split_on)) & (F.col("day") < F.lit(until)) & F.col("item").isNotNull()
    wanted = stage(days.where(is_next).select("owner", "item").distinct())
    ours = stage(due(days, rules, split_on, params).select("owner", "item", "rank"))
    sizes = ours.groupBy("owner").agg(F.max("rank").alias("places"))
    buyers = wanted.select("owner").distinct()
    drawn = sizes.join(buyers, on="owner", how="inner").orderBy(F.md5("owner"), "owner")
    customers = stage(drawn.limit(params.evaluation_customers))
    own = days.join(customers, on="owner", how="left_semi")
    lists = {
        SEQUENCE: ours,
        MOST_POPULAR: customers.select("owner").crossJoin(popular(days, split_on, params.k)),
        BUY_AGAIN: bought_most(own, split_on, params.k),
    }
    found = customers
    for place, method in enumerate(METHODS):
        hit = lists[method].join(wanted, on=["owner", "item"], how="inner")
        first = hit.groupBy("owner").agg(F.min("rank").alias(f"first{place}"))
        found = found.join(first, on="owner", how="left")
    return stage(found)


def totals(k: int) -> list[Any]:
    """How many customers there are, how many hits each method has in its first `k`, and where ours alone has one."""
    hit = [F.coalesce(F.col(f"first{place}") <= F.least(F.col("places"), F.lit(k)), F.lit(False)) for place in range(3)]
    return [
        F.count(F.lit(1)).alias("customers"),
        *[F.count_if(hit[place]).alias(f"hits{place}") for place in range(3)],
        *[F.count_if(hit[0] & ~hit[place]).alias(f"ours{place}") for place in (1, 2)],
        *[F.count_if(~hit[0] & hit[place]).alias(f"theirs{place}") for place in (1, 2)],
    ]


def wins(row: Mapping[str, Any], params: SequencesParams) -> bool:
    """Whether our hit rate is above that of each baseline beyond chance: one-sided, paired by customer."""
    n = row["customers"]
    if n < params.min_customers:
        return False
    z = one_sided(params.confidence)
    for place in (1, 2):
        ours, theirs = row[f"ours{place}"], row[f"theirs{place}"]
        gain = (ours - theirs) / n
        error = sqrt(max((ours + theirs) / n - gain**2, 0.0) / (n - 1))
        if gain <= z * error:
            return False
    return True
