"""The tables of what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import days_after, in_window
from vitalfew.jobs.lifecycle.catalogue import Sold
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.tables import CUSTOMER_STAGES, INFERRED
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

Rows = list[dict[str, Any]]


def customer_stages(placed: DataFrame, params: LifecycleParams, as_of: date, words: Words) -> DataFrame:
    """CUSTOMER_STAGES; `placed` has besides the number of `needs` of the stage that are sold here."""
    spoken = placed.select("*", *action(params, as_of).named("action"))
    return with_texts(spoken, CUSTOMER_STAGES, words).select(
        *[name for name in CUSTOMER_STAGES.columns if name != CUSTOMER_STAGES.slice]
    )


def action(params: LifecycleParams, as_of: date) -> Sentence:
    """What to do next."""
    lacks, is_guess = F.size("missing_needs") > 0, F.col("source") == INFERRED
    soon = F.coalesce(F.col("next_stage_on") <= F.lit(days_after(as_of, params.ahead_days)), F.lit(False))
    stage, needs = {"stage": F.col("stage")}, {"needs": F.col("missing_needs")}
    later = {"next": F.coalesce("next_stage", F.lit("")), "day": F.coalesce("next_stage_on", F.lit(as_of))}
    probable = {"probability": F.col("probability")}
    return choose(
        (is_guess & lacks, say("lifecycle.action.offer_probably", **stage, **needs, **probable)),
        (is_guess, say("lifecycle.action.probably", **stage, **probable)),
        (lacks & soon, say("lifecycle.action.offer_and_prepare", **stage, **needs, **later)),
        (lacks, say("lifecycle.action.offer", **stage, **needs)),
        (soon, say("lifecycle.action.prepare", **later)),
        (F.col("needs") == 0, say("lifecycle.action.nothing_sold", **stage)),
        otherwise=say("lifecycle.action.served", **stage),
    )


def stage_rows(placed: DataFrame, needs: DataFrame, orders: DataFrame, params: LifecycleParams, as_of: date) -> Rows:
    """LIFECYCLE_STAGES: all stages of ladders on which somebody is."""
    soon = F.col("next_stage_on") <= F.lit(days_after(as_of, params.ahead_days))
    each = placed.groupBy("ladder", "stage", "customer_id").agg(
        F.max(F.col("source") != INFERRED).alias("is_known"),
        F.max(F.coalesce(soon & (F.col("source") != INFERRED), F.lit(False))).alias("goes"),
    )
    spent = in_window(orders, as_of, params.revenue_days).where("customer_id is not null")
    revenue = spent.groupBy("customer_id").agg(F.sum("net_amount").alias("revenue"))
    counted = (
        each.join(revenue, on="customer_id", how="left")
        .groupBy("ladder", "stage")
        .agg(
            F.count(F.lit(1)).alias("customers"),
            F.count_if("is_known").alias("known_customers"),
            F.count_if("goes").alias("going"),
            F.coalesce(F.sum("revenue"), F.lit(0)).cast("decimal(28,2)").alias("revenue"),
        )
    )
    met = needs.where("is_known").groupBy("ladder", "stage").agg(F.avg(F.col("is_met").cast("double")).alias("share"))
    joined = counted.join(met, on=["ladder", "stage"], how="left")
    found = {(row["ladder"], row["stage"]): row for row in collect_rows(joined, "customers by stage")}
    rows: Rows = []
    for ladder in sorted({name for name, _ in found}):
        going = 0
        for position, (name, stage) in enumerate(params.ladders[ladder].stages.items(), 1):
            row = found.get((ladder, name))
            rows.append(
                {
                    "ladder": ladder,
                    "stage": name,
                    "position": position,
                    "from_month": stage.from_month,
                    "to_month": stage.to_month,
                    "customers": row["customers"] if row else 0,
                    "known_customers": row["known_customers"] if row else 0,
                    "revenue": row["revenue"] if row else Decimal(0),
                    "needs_met_share": row["share"] if row else None,
                    "entering_customers": going,
                }
            )
            going = row["going"] if row else 0
    return rows


def need_rows(needs: DataFrame, sold: Sold, params: LifecycleParams, ladders: Sequence[str]) -> Rows:
    """LIFECYCLE_NEEDS: all needs of all stages of `ladders`."""
    each = (
        needs.where("is_known").groupBy("ladder", "stage", "need", "customer_id").agg(F.min("is_met").alias("is_met"))
    )
    counted = each.groupBy("ladder", "stage", "need").agg(
        F.count(F.lit(1)).alias("customers"), F.count_if("is_met").alias("buyers")
    )
    found = {(row["ladder"], row["stage"], row["need"]): row for row in collect_rows(counted, "needs of stages")}
    rows: Rows = []
    for ladder in ladders:
        wanted = [(name, need) for name, stage in params.ladders[ladder].stages.items() for need in stage.needs]
        for position, (stage, need) in enumerate(wanted, 1):
            row = found.get((ladder, stage, need))
            rows.append(
                {
                    "ladder": ladder,
                    "stage": stage,
                    "need": need,
                    "position": position,
                    "categories": [*sold.categories.get((ladder, need), ())],
                    "customers": row["customers"] if row else 0,
                    "buyers": row["buyers"] if row else 0,
                }
            )
    return rows


def unmet(ladder: str, sold: Sold, params: LifecycleParams) -> list[str]:
    """Needs that no product meets."""
    return [need for need in params.ladders[ladder].needs if (ladder, need) not in sold.categories]


def existence_rows(ladder: str, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """LIFECYCLE_EXISTENCE."""
    return [{"ladder": ladder, **row} for row in rows]
