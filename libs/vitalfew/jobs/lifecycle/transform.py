"""In which stage of a ladder each customer is; where nobody knows the milestone, from what was bought and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.lifecycle import outputs
from vitalfew.jobs.lifecycle.catalogue import Sold, sold
from vitalfew.jobs.lifecycle.inferred import Existence, existence, infer
from vitalfew.jobs.lifecycle.known import Recorded, milestones_known, recorded
from vitalfew.jobs.lifecycle.learning import Learnt, learn, of_singles, purchases
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.placed import ROW, dated, last_bought, missing, needed, off_ladder, stages_on, steps
from vitalfew.jobs.lifecycle.tables import (
    ASKED,
    CUSTOMER_STAGES,
    LIFECYCLE_EVALUATION,
    LIFECYCLE_EXISTENCE,
    LIFECYCLE_LADDERS,
    LIFECYCLE_NEEDS,
    LIFECYCLE_RELIABILITY,
    LIFECYCLE_STAGES,
    PUBLISHED,
)
from vitalfew.messages.words import ENGLISH, Words

KEPT = ("customer_id", "ladder", "subject", "source", "milestone_on", "milestone_low_on", "milestone_high_on")


@dataclass
class Found:
    """Of one ladder: why milestones are inferred or not, and what was learnt."""

    inference: str
    learnt: Learnt | None = None
    existence: Existence | None = None
    milestones: DataFrame | None = None
    counts: dict[str, int] = field(default_factory=dict)


def lifecycle(
    orders: DataFrame,
    milestones: DataFrame,
    products: DataFrame,
    *,
    params: LifecycleParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, ...]:
    """CUSTOMER_STAGES, and the tables of stages, needs, ladders, existence, evaluation and reliability."""
    said = recorded(milestones, params, as_of, stage) if params.ladders else None
    if said is None:
        return (local_table(CUSTOMER_STAGES, [], orders), *tables({}, [], [], [], orders))
    things = sold(products, params.ladders)
    known = milestones_known(said, orders, things, params, as_of)
    if known is None:
        found = {name: Found(why_not(name, said, params) or "no_milestones") for name in params.ladders}
        ladders = ladder_rows(found, said, things, {}, {}, params)
        return (local_table(CUSTOMER_STAGES, [], orders), *tables(found, ladders, [], [], orders))
    things, known = Sold(stage(things.products), things.categories), stage(known)
    off = off_ladder(known, params, as_of)
    on_ladder = stages_on(known, params, as_of)
    found = {
        name: unknown(name, said, things, known, on_ladder, orders, products, params, as_of, stage)
        for name in params.ladders
    }
    placed, needs = with_needs(on_ladder, found, orders, things, params, as_of, stage)
    of_stages = outputs.stage_rows(placed, needs, orders, params, as_of)
    of_needs = outputs.need_rows(needs, things, params, sorted({row["ladder"] for row in of_stages}))
    ladders = ladder_rows(found, said, things, customers_of(known), off, params, placed)
    return (
        outputs.customer_stages(placed, params, as_of, words),
        *tables(found, ladders, of_stages, of_needs, orders),
    )


def why_not(name: str, said: Recorded, params: LifecycleParams) -> str | None:
    """Why milestones of a ladder are not looked for, before anything is counted."""
    if not params.ladders[name].is_inferred:
        return "by_purchase"
    return None if said.dated[name] else "no_milestones"


def unknown(
    name: str,
    said: Recorded,
    things: Sold,
    known: DataFrame,
    on_ladder: DataFrame,
    orders: DataFrame,
    products: DataFrame,
    params: LifecycleParams,
    as_of: date,
    stage: Stage,
) -> Found:
    """Milestones of one ladder that nobody has named, where they can be told, or why not."""
    if reason := why_not(name, said, params):
        return Found(reason)
    if not things.needs(name):
        return Found("no_categories")
    if said.dated[name] < params.min_known:
        return Found("too_few")
    ladder = params.ladders[name]
    bought = stage(purchases(orders, products, params, as_of))
    singles = of_singles(bought, known.where(F.col("ladder") == name), ladder)
    learnt = learn(bought, singles, ladder, params, stage)
    if learnt is None:
        return Found("too_few")
    if learnt.best is None:
        return Found("not_better", learnt)
    if ladder.exists_for == ASKED and not said.denying[name]:
        return Found("nobody_asked", learnt)
    exists = existence(name, orders, things, said.answers, on_ladder, params, as_of, stage)
    if not any(row["is_enough"] for row in exists.rows):
        return Found("not_supported", learnt, exists)
    return Found(PUBLISHED, learnt, exists, infer(name, learnt, exists, params, as_of, stage))


def with_needs(
    on_ladder: DataFrame,
    found: dict[str, Found],
    orders: DataFrame,
    things: Sold,
    params: LifecycleParams,
    as_of: date,
    stage: Stage,
) -> tuple[DataFrame, DataFrame]:
    """What is in a stage, with its days and what is missing; and one row per need of it. Both staged."""
    day = F.col("milestone_on")
    certain = on_ladder.select(
        *["customer_id", "ladder", "subject", "source", "milestone_on"],
        day.alias("milestone_low_on"),
        day.alias("milestone_high_on"),
        F.lit(1.0).alias("probability"),
        F.lit(None).cast("double").alias("existence"),
        "stage",
    )
    parts = [certain, *[each.milestones for each in found.values() if each.milestones is not None]]
    every = reduce(DataFrame.unionByName, parts)
    stepped = every.join(steps(orders.sparkSession, params), on=["ladder", "stage"], how="inner")
    days = stage(dated(stepped))
    needs = stage(needed(days, last_bought(orders, things, as_of), things, params))
    counted = needs.groupBy(*ROW).agg(F.count(F.lit(1)).alias("needs"))
    joined = days.join(missing(needs), on=[*ROW], how="left").join(counted, on=[*ROW], how="left")
    nothing = F.array().cast("array<string>")
    placed = joined.select(
        *KEPT,
        *["stage", "stage_from_on", "probability", "existence", "next_stage", "next_stage_on"],
        F.coalesce("missing_needs", nothing).alias("missing_needs"),
        F.coalesce("needs", F.lit(0)).alias("needs"),
    )
    return stage(placed), needs


def customers_of(known: DataFrame) -> dict[str, int]:
    """By ladder, customers with a known milestone."""
    counted = known.groupBy("ladder").agg(F.count_distinct("customer_id").alias("n"))
    return {row["ladder"]: row["n"] for row in collect_rows(counted, "customers with a milestone")}


def ladder_rows(
    found: dict[str, Found],
    said: Recorded,
    things: Sold,
    customers: dict[str, int],
    off: Any,
    params: LifecycleParams,
    placed: DataFrame | None = None,
) -> outputs.Rows:
    """LIFECYCLE_LADDERS."""
    guessed: dict[str, int] = {}
    if placed is not None and any(each.milestones is not None for each in found.values()):
        counted = placed.where("source = 'inferred'").groupBy("ladder").agg(F.count(F.lit(1)).alias("n"))
        guessed = {row["ladder"]: row["n"] for row in collect_rows(counted, "inferred milestones")}
    return [
        {
            "ladder": name,
            "milestone": params.ladders[name].milestone,
            "inference": each.inference,
            "exists_for": params.ladders[name].exists_for,
            "milestone_rows": said.rows[name],
            "undated_rows": said.undated[name],
            "known_customers": customers.get(name, 0),
            "denying_customers": said.denying[name],
            **dict(zip(("milestones_before", "milestones_after"), off.get(name, (0, 0)), strict=True)),
            "unmet_needs": outputs.unmet(name, things, params),
            **best_of(each.learnt),
            "purchases": each.learnt.used if each.learnt else 0,
            "purchases_before": each.learnt.before if each.learnt else 0,
            "purchases_after": each.learnt.after if each.learnt else 0,
            "candidates": each.existence.candidates if each.existence else 0,
            "inferred_customers": guessed.get(name, 0),
        }
        for name, each in found.items()
    ]


def best_of(learnt: Learnt | None) -> dict[str, Any]:
    """Which method is used, and how."""
    best = learnt.best if learnt else None
    return {name: getattr(best, name) if best else None for name in ("method", "damping", "level")}


def tables(
    found: dict[str, Found], ladders: outputs.Rows, stages: outputs.Rows, needs: outputs.Rows, beside: DataFrame
) -> tuple[DataFrame, ...]:
    """All tables but CUSTOMER_STAGES."""
    judged = [(name, each, one) for name, each in found.items() if each.learnt for one in each.learnt.judged]
    evaluation = [
        {"ladder": name, **one.row(), "is_published": each.inference == PUBLISHED and one == each.learnt.best}
        for name, each, one in judged
        if each.learnt
    ]
    reliability = [{"ladder": name, **row} for name, _, one in judged for row in one.bins()]
    exists = [
        row
        for name, each in found.items()
        if each.existence
        for row in outputs.existence_rows(name, each.existence.rows)
    ]
    rows = (
        (LIFECYCLE_STAGES, stages),
        (LIFECYCLE_NEEDS, needs),
        (LIFECYCLE_LADDERS, ladders),
        (LIFECYCLE_EXISTENCE, exists),
        (LIFECYCLE_EVALUATION, evaluation),
        (LIFECYCLE_RELIABILITY, reliability),
    )
    return tuple(local_table(table, its, beside) for table, its in rows)
