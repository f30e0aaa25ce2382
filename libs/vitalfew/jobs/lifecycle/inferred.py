"""Milestones that nobody has named: who may have one, and when it was."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.milestones.distributions import DAYS_PER_MONTH
from vitalfew.algorithms.milestones.passes import score
from vitalfew.algorithms.statistics.normal_quantiles import one_sided
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.lifecycle.bought import kept
from vitalfew.jobs.lifecycle.catalogue import BEGINNING, Sold
from vitalfew.jobs.lifecycle.known import ONLY
from vitalfew.jobs.lifecycle.learning import Learnt, lists, unpacked
from vitalfew.jobs.lifecycle.params import Ladder, LifecycleParams
from vitalfew.jobs.lifecycle.tables import BUYERS, INFERRED

MOST_NEEDS = 5
"""Who bought more needs counts as one who bought this many."""
CONFIDENCE = 0.95
FIRST_DAY = date(1970, 1, 1)
DAYS = (date.min.toordinal() - FIRST_DAY.toordinal(), date.max.toordinal() - FIRST_DAY.toordinal())


@dataclass(frozen=True)
class Existence:
    """Who bought some needs of a ladder: customer_id, needs_bought, is_on (NULL: unknown); and the table of counts."""

    customers: DataFrame
    rows: Sequence[Mapping[str, Any]]

    @property
    def shares(self) -> dict[int, float | None]:
        """By needs bought, where that is enough, the share of those who answered who have the milestone."""
        return {row["needs_bought"]: row["existence"] for row in self.rows if row["is_enough"] and row["unknown"]}

    @property
    def candidates(self) -> int:
        return sum(row["unknown"] for row in self.rows if row["is_enough"])


def existence(
    name: str,
    orders: DataFrame,
    sold: Sold,
    answers: DataFrame,
    on_ladder: DataFrame,
    params: LifecycleParams,
    as_of: date,
    stage: Stage,
) -> Existence:
    """Of customers who bought needs of the ladder `name`: how many of those who answered are on it.

    Who has bought diapers has no baby by that: many buy them for others.
    """
    own = Sold(sold.products.where(F.col("ladder") == name), sold.categories)
    needs = kept(orders, own, F.col("need") != BEGINNING, as_of, params.evidence_days).groupBy("customer_id")
    bought = needs.agg(F.least(F.count(F.lit(1)), F.lit(MOST_NEEDS)).cast("int").alias("needs_bought"))
    answered = answers.where(F.col("ladder") == name).select("customer_id").distinct()
    confirmed = on_ladder.where(F.col("ladder") == name).select("customer_id").distinct()
    said = answered.join(confirmed.withColumn("_has", F.lit(True)), on="customer_id", how="left")
    is_on = said.select("customer_id", F.coalesce("_has", F.lit(False)).alias("is_on"))
    customers = stage(bought.join(is_on, on="customer_id", how="left"))
    counted = customers.groupBy("needs_bought").agg(
        F.count("is_on").alias("answered"), F.count_if("is_on").alias("confirmed"), F.count(F.lit(1)).alias("all")
    )
    rows = sorted(collect_rows(counted, "customers by needs bought"), key=lambda row: row["needs_bought"])
    assumed = params.ladders[name].exists_for == BUYERS
    return Existence(customers, [counts(row.asDict(), assumed, params) for row in rows])


def counts(row: dict[str, Any], assumed: bool, params: LifecycleParams) -> dict[str, Any]:
    """LIFECYCLE_EXISTENCE without the ladder; and `existence`, the share that counts, None of an assumption."""
    answered, confirmed = row["answered"], row["confirmed"]
    share = confirmed / answered if answered else None
    low = wilson_low(confirmed, answered) if answered else None
    return {
        "needs_bought": row["needs_bought"],
        "answered": answered,
        "confirmed": confirmed,
        "share": share,
        "share_low": low,
        "unknown": row["all"] - answered,
        "is_enough": assumed or (low is not None and low >= params.least_existence),
        "existence": None if assumed else share,
    }


def wilson_low(hits: int, of: int) -> float:
    """Lower end of the interval of Wilson (1927), one-sided."""
    z = one_sided(CONFIDENCE)
    share, more = hits / of, z * z / of
    middle = share + more / 2
    return max(0.0, (middle - z * math.sqrt(share * (1 - share) / of + more / (4 * of))) / (1 + more))


def infer(
    name: str, learnt: Learnt, found: Existence, params: LifecycleParams, as_of: date, stage: Stage
) -> DataFrame | None:
    """Milestones with the stage of customers of whom something can be said; None where nobody may have one."""
    shares, ladder = found.shares, params.ladders[name]
    if not shares or learnt.best is None:
        return None
    known = found.customers.sparkSession.createDataFrame([*shares.items()], "needs_bought int, existence double")
    may = found.customers.where("is_on is null").join(F.broadcast(known), on="needs_bought", how="inner")
    rows = learnt.coded.join(may.select("customer_id"), on="customer_id", how="left_semi")
    bought = rows.groupBy("customer_id").agg(lists()).select("customer_id", *unpacked())
    today = as_of.toordinal() - FIRST_DAY.toordinal()
    best = learnt.best
    scored = score(bought, learnt.fit, best.method, best.damping, best.level, today, stage)
    is_clear = (F.col("probability") >= params.least_probability) & (F.col("information") >= params.least_information)
    joined = scored.where(is_clear).join(may.select("customer_id", "existence"), on="customer_id", how="inner")
    return joined.select(
        F.lit(name).alias("ladder"),
        "customer_id",
        F.lit(ONLY).alias("subject"),
        F.lit(INFERRED).alias("source"),
        *days(ladder),
        *["probability", "existence"],
        F.element_at(F.array(*map(F.lit, ladder.stages)), F.col("stage") + 1).alias("stage"),
    )


def days(ladder: Ladder) -> list[Column]:
    """milestone_on, milestone_low_on and milestone_high_on, from places of the last purchase."""

    def before(place: str, whole: Callable[[Column], Column]) -> Column:
        day = F.col("last_day") - whole((F.col(place) + F.lit(ladder.first)) * F.lit(DAYS_PER_MONTH)).cast("int")
        inside = F.least(F.greatest(day, F.lit(DAYS[0])), F.lit(DAYS[1]))
        return F.date_add(F.lit(FIRST_DAY), inside.cast("int"))

    return [
        before("middle", F.floor).alias("milestone_on"),
        before("high", F.floor).alias("milestone_low_on"),
        before("low", F.floor).alias("milestone_high_on"),
    ]
