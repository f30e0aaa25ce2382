"""The stage of each milestone, what the stage needs and the customer did not buy here, and when the next one begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.lifecycle.bought import kept
from vitalfew.jobs.lifecycle.catalogue import BEGINNING, Sold
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.tables import INFERRED

STEPS = "ladder string, stage string, position int, from_month int, to_month int, next_stage string"
ROW = ("customer_id", "ladder", "subject")


def steps(spark: SparkSession, params: LifecycleParams) -> DataFrame:
    """One row per ladder and stage; position from 1."""
    rows = []
    for ladder, its in params.ladders.items():
        names = [*its.stages]
        for place, (name, stage) in enumerate(its.stages.items()):
            following = names[place + 1] if place + 1 < len(names) else None
            rows.append((ladder, name, place + 1, stage.from_month, stage.to_month, following))
    return F.broadcast(spark.createDataFrame(rows, STEPS))


def stages_on(milestones: DataFrame, params: LifecycleParams, as_of: date) -> DataFrame:
    """MILESTONE with the stage on `as_of`; those that are in none left out."""
    joined = milestones.join(steps(milestones.sparkSession, params), on="ladder", how="inner")
    begins, ends = (F.add_months("milestone_on", F.col(name)) for name in ("from_month", "to_month"))
    return joined.where((begins <= F.lit(as_of)) & (ends > F.lit(as_of)))


def off_ladder(milestones: DataFrame, params: LifecycleParams, as_of: date) -> Mapping[str, tuple[int, int]]:
    """By ladder, milestones whose first stage has not begun, and those whose last stage is over."""
    first = F.col("position") == 1
    is_last = F.col("next_stage").isNull()
    joined = milestones.join(steps(milestones.sparkSession, params), on="ladder", how="inner")
    begins, ends = (F.add_months("milestone_on", F.col(name)) for name in ("from_month", "to_month"))
    counted = joined.groupBy("ladder").agg(
        F.count_if(first & (begins > F.lit(as_of))).alias("before"),
        F.count_if(is_last & (ends <= F.lit(as_of))).alias("after"),
    )
    found = {row["ladder"]: (row["before"], row["after"]) for row in collect_rows(counted, "milestones off the ladder")}
    return {ladder: found.get(ladder, (0, 0)) for ladder in params.ladders}


def dated(on_ladder: DataFrame) -> DataFrame:
    """`on_ladder` with the days on which its stage begins, and the next one."""
    last = F.lit(date.max)
    next_on = F.add_months("milestone_on", F.col("to_month"))
    return on_ladder.select(
        "*",
        F.add_months("milestone_on", F.col("from_month")).alias("stage_from_on"),
        F.when(F.col("next_stage").isNotNull() & (next_on <= last), next_on).alias("next_stage_on"),
    )


def last_bought(orders: DataFrame, sold: Sold, as_of: date) -> DataFrame:
    """ladder, need, customer_id, last_on: when a customer last bought what meets a need."""
    return kept(orders, sold, F.col("need") != BEGINNING, as_of)


def needed(placed: DataFrame, last: DataFrame, sold: Sold, params: LifecycleParams) -> DataFrame:
    """One row per milestone and need of its stage that is sold here: `place` of the need, `is_known`, `is_met`."""
    rows = [
        (ladder, name, need, place)
        for ladder, its in params.ladders.items()
        for name, stage in its.stages.items()
        for place, need in enumerate(stage.needs)
        if (ladder, need) in sold.categories
    ]
    wanted = placed.sparkSession.createDataFrame(rows, "ladder string, stage string, need string, place int")
    is_known = (F.col("source") != INFERRED).alias("is_known")
    asked = placed.select(*ROW, "stage", "stage_from_on", is_known).join(
        F.broadcast(wanted), on=["ladder", "stage"], how="inner"
    )
    since = F.date_sub("stage_from_on", params.ahead_days)
    met = F.coalesce(F.col("last_on") >= since, F.lit(False))
    joined = asked.join(last, on=["ladder", "need", "customer_id"], how="left")
    return joined.select(*ROW, "stage", "need", "place", "is_known", met.alias("is_met"))


def missing(needs: DataFrame) -> DataFrame:
    """ROW, missing_needs in the order of the ladder."""
    unmet = F.when(~F.col("is_met"), F.struct("place", "need"))
    listed = F.transform(F.sort_array(F.collect_list(unmet)), lambda each: each["need"])
    return needs.groupBy(*ROW).agg(listed.alias("missing_needs"))
