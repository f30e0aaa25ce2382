"""Texts by theme and week: what one customer writes of one kind in one week counts once, somebody unknown each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.texts import BAD, GOOD

FIGURES = ("recent", "before", "bad", "good")


@dataclass(frozen=True)
class Weeks:
    """Texts of each kind by week, counted back from the day of observation, and how many of all were rated."""

    texts: dict[str, dict[int, int]]
    bad: int
    good: int
    recent_weeks: int

    def recent(self, kind: str) -> int:
        return sum(n for week, n in self.texts[kind].items() if week < self.recent_weeks)

    def before(self, kind: str) -> int:
        return sum(self.texts[kind].values()) - self.recent(kind)

    def weeks_before(self, kind: str) -> int:
        return sum(week >= self.recent_weeks for week in self.texts[kind])


def counted() -> list[Column]:
    """n, bad and good of the texts of one customer, or of all unknown ones, in one week."""
    is_known = F.col("customer_id").isNotNull()
    once = [("n", F.lit(True)), ("bad", F.col("mood") == BAD), ("good", F.col("mood") == GOOD)]
    return [
        F.when(is_known, F.max(F.coalesce(holds, F.lit(False)).cast("int")))
        .otherwise(F.count_if(holds))
        .cast("bigint")
        .alias(name)
        for name, holds in once
    ]


def by_week(themed: DataFrame, params: VoiceParams) -> Weeks:
    """How many texts there are."""
    each = themed.where("is_text").groupBy("kind", "week", "customer_id").agg(*counted())
    sums = each.groupBy("kind", "week").agg(*[F.sum(name).alias(name) for name in ("n", "bad", "good")])
    texts: dict[str, dict[int, int]] = {}
    bad = good = 0
    for row in collect_rows(sums, "weeks of texts"):
        texts.setdefault(row["kind"], {})[row["week"]] = row["n"]
        bad, good = bad + row["bad"], good + row["good"]
    return Weeks(texts, bad, good, params.recent_weeks)


def by_theme(themed: DataFrame, weeks: Weeks, params: VoiceParams, stage: Stage) -> list[dict[str, Any]]:
    """kind, theme, people, FIGURES and squares of the themes that enough people said; those of most texts.

    `squares` are the sum over the weeks before of the square of their texts, by all texts of the week.
    """
    said = themed.where("is_text").select("kind", "week", "customer_id", "mood", F.explode("themes").alias("theme"))
    each = stage(said.groupBy("kind", "theme", "week", "customer_id").agg(*counted()))
    is_recent = F.col("week") < params.recent_weeks
    by_people = each.groupBy("kind", "theme").agg(
        (F.count_distinct("customer_id") + F.max(F.col("customer_id").isNull().cast("int"))).alias("people")
    )
    rows = [(kind, week, n) for kind, known in weeks.texts.items() for week, n in known.items()]
    all_texts = themed.sparkSession.createDataFrame(rows, "kind string, week int, all_n bigint")
    weekly = each.groupBy("kind", "theme", "week").agg(*[F.sum(name).alias(name) for name in ("n", "bad", "good")])
    square = ratio(F.col("n").cast("double") * F.col("n"), F.col("all_n"))
    sums = (
        weekly.join(F.broadcast(all_texts), on=["kind", "week"], how="inner")
        .groupBy("kind", "theme")
        .agg(
            F.sum(F.when(is_recent, F.col("n")).otherwise(0)).alias("recent"),
            F.sum(F.when(is_recent, F.lit(0)).otherwise(F.col("n"))).alias("before"),
            F.sum("bad").alias("bad"),
            F.sum("good").alias("good"),
            F.sum(F.when(is_recent, F.lit(0.0)).otherwise(square)).alias("squares"),
        )
    )
    found = (
        by_people.where(F.col("people") >= params.min_people)
        .join(sums, on=["kind", "theme"], how="inner")
        .orderBy(F.desc(F.col("recent") + F.col("before")), "kind", "theme")
        .limit(params.most_themes)
    )
    return [row.asDict() for row in collect_rows(found, "themes")]


def columns(rows: Sequence[dict[str, Any]], *names: str) -> list[Any]:
    """Columns of rows, as arrays of doubles."""
    return [np.array([row[name] for row in rows], np.float64) for name in names]
