"""Milestones that are known: recorded ones, and purchases that start a ladder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.known_text import bare
from vitalfew.dataframes.staging import Stage
from vitalfew.dataframes.top_n import best
from vitalfew.jobs.lifecycle.bought import kept
from vitalfew.jobs.lifecycle.catalogue import BEGINNING, Sold
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.tables import BOUGHT, KNOWN
from vitalfew.white_space import trimmed

ONLY = ""
"""The subject of a customer who has one."""
MILESTONE = "ladder string, customer_id string, subject string, milestone_on date, source string"


@dataclass(frozen=True)
class Recorded:
    """What the table milestones says, per ladder: rows, those without a day, customers who have none, or some.

    answers: the newest of each subject: ladder, customer_id, subject, milestone_on, NULL where there is none.
    """

    rows: Mapping[str, int]
    undated: Mapping[str, int]
    denying: Mapping[str, int]
    dated: Mapping[str, int]
    answers: DataFrame


def recorded(milestones: DataFrame, params: LifecycleParams, as_of: date, stage: Stage) -> Recorded:
    """The milestones that were recorded before `as_of`."""
    kinds = [(name, trimmed(ladder.milestone).lower()) for name, ladder in params.ladders.items()]
    named = milestones.sparkSession.createDataFrame(kinds, "ladder string, kind string")
    is_seen = F.col("recorded_at").cast("date") < F.lit(as_of)
    is_none = F.coalesce("is_none", F.lit(False))
    rows = milestones.where(is_seen & F.col("customer_id").isNotNull()).select(
        "customer_id",
        F.lower(bare("kind")).alias("kind"),
        F.coalesce(bare("subject"), F.lit(ONLY)).alias("subject"),
        F.when(~is_none, F.col("day")).alias("milestone_on"),
        is_none.alias("is_none"),
        "recorded_at",
    )
    every = stage(rows.join(F.broadcast(named), on="kind", how="inner").drop("kind"))
    found = still_valid(every.where("is_none or milestone_on is not null"))
    order = [F.desc("recorded_at"), F.desc_nulls_last("milestone_on")]
    newest = best(found, 1, ["ladder", "customer_id", "subject"], order)
    is_usable = F.col("is_none") | F.col("milestone_on").isNotNull()
    by_customer = every.groupBy("ladder", "customer_id").agg(
        F.count(F.lit(1)).alias("rows"), F.count_if(~is_usable).alias("undated")
    )
    has_day = newest.groupBy("ladder", "customer_id").agg(F.count("milestone_on").alias("days"))
    joined = by_customer.join(has_day, on=["ladder", "customer_id"], how="left").groupBy("ladder")
    counted = joined.agg(
        F.sum("rows").alias("rows"),
        F.sum("undated").alias("undated"),
        F.count_if(F.col("days") == 0).alias("denying"),
        F.count_if(F.col("days") > 0).alias("dated"),
    )
    counts = {row["ladder"]: row for row in collect_rows(counted, "milestones by ladder")}
    rows_of, undated, denying, dated = (
        {ladder: int(counts[ladder][name]) if ladder in counts else 0 for ladder in params.ladders}
        for name in ("rows", "undated", "denying", "dated")
    )
    return Recorded(rows_of, undated, denying, dated, newest.select("ladder", "customer_id", "subject", "milestone_on"))


def still_valid(found: DataFrame) -> DataFrame:
    """`found` without rows that were recorded before the customer said, of no subject, that there is none at all."""
    whole = Window.partitionBy("ladder", "customer_id").rowsBetween(
        Window.unboundedPreceding, Window.unboundedFollowing
    )
    denial = F.when(F.col("is_none") & (F.col("subject") == ONLY), F.col("recorded_at"))
    marked = found.withColumn("_denied_at", F.max(denial).over(whole))
    return marked.where("_denied_at is null or recorded_at >= _denied_at").drop("_denied_at")


def starts(orders: DataFrame, sold: Sold, as_of: date) -> DataFrame:
    """ladder, customer_id, milestone_on: the last purchase that starts a ladder and did not come back."""
    bought = kept(orders, sold, F.col("need") == BEGINNING, as_of)
    return bought.select("ladder", "customer_id", F.col("last_on").alias("milestone_on"))


def milestones_known(
    found: Recorded, orders: DataFrame, sold: Sold, params: LifecycleParams, as_of: date
) -> DataFrame | None:
    """MILESTONE of all ladders; of one that starts with a purchase the latest alone. None where there is none."""
    beginning = [name for name, ladder in params.ladders.items() if ladder.starts_with]
    dated = found.answers.where("milestone_on is not null").withColumn("source", F.lit(KNOWN))
    parts = []
    if any(found.dated[name] for name in params.ladders if name not in beginning):
        parts.append(dated.where(~F.col("ladder").isin(beginning)) if beginning else dated)
    again = []
    if any(found.dated[name] for name in beginning):
        again.append(dated.where(F.col("ladder").isin(beginning)).drop("subject"))
    if any(sold.begins(name) for name in beginning):
        again.append(starts(orders, sold, as_of).withColumn("source", F.lit(BOUGHT)))
    if again:
        every = again[0] if len(again) == 1 else again[0].unionByName(again[1])
        order = [F.desc("milestone_on"), F.asc("source")]
        parts.append(best(every, 1, ["ladder", "customer_id"], order).withColumn("subject", F.lit(ONLY)))
    if not parts:
        return None
    columns = [each.split()[0] for each in MILESTONE.split(", ")]
    whole = parts[0] if len(parts) == 1 else parts[0].select(*columns).unionByName(parts[1].select(*columns))
    return whole.select(*columns)
