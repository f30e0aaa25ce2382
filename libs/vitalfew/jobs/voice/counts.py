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
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.texts import BAD, GOOD, YEAR


@dataclass(frozen=True)
class Weeks:
    """Texts of each kind by week, counted back from the day of observation, and how many customers rated theirs."""

    texts: dict[str, dict[int, int]]
    bad: int
    good: int
    recent_weeks: int
    window_weeks: int = YEAR

    def spans(self, kind: str) -> dict[int, int]:
        """Texts of the window by spans of `recent_weeks` weeks; the first, 0, is the recent one."""
        found: dict[int, int] = {}
        for week, n in self.texts[kind].items():
            if week < self.window_weeks:
                found[week // self.recent_weeks] = found.get(week // self.recent_weeks, 0) + n
        return found

    def recent(self, kind: str) -> int:
        return self.spans(kind).get(0, 0)

    def before(self, kind: str) -> int:
        return sum(self.spans(kind).values()) - self.recent(kind)

    def weeks_before(self, kind: str) -> int:
        return sum(self.recent_weeks <= week < self.window_weeks for week in self.texts[kind])

    def spans_before(self, kind: str) -> int:
        return sum(span > 0 for span in self.spans(kind))

    def year_ago(self, kind: str) -> int:
        """Texts of the same weeks a year before."""
        return sum(n for week, n in self.texts[kind].items() if YEAR <= week < YEAR + self.recent_weeks)


def once(name: str, holds: Column) -> Column:
    """`name`: 1 where it holds for a text of a known customer; for unknown ones, the number of texts."""
    found = F.when(F.col("customer_id").isNotNull(), F.max(F.coalesce(holds, F.lit(False)).cast("int")))
    return found.otherwise(F.count_if(holds)).cast("bigint").alias(name)


def by_week(themed: DataFrame, params: VoiceParams) -> Weeks:
    """How many texts there are, and how many customers rated theirs bad and not bad."""
    texts = themed.where("is_text")
    each = texts.groupBy("kind", "week", "customer_id").agg(once("n", F.lit(True)))
    found: dict[str, dict[int, int]] = {}
    for row in collect_rows(each.groupBy("kind", "week").agg(F.sum("n").alias("n")), "weeks of texts"):
        found.setdefault(row["kind"], {})[row["week"]] = row["n"]
    rated = texts.where(F.col("week") < params.window_weeks).groupBy("customer_id").agg(*moods())
    sums = [F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("bad", "good")]
    row = collect_rows(rated.agg(*sums), "ratings of texts")[0]
    return Weeks(found, row["bad"], row["good"], params.recent_weeks, params.window_weeks)


def moods() -> list[Column]:
    return [once("bad", F.col("mood") == BAD), once("good", F.col("mood") == GOOD)]


def by_theme(said: DataFrame, weeks: Weeks, params: VoiceParams) -> DataFrame:
    """kind, theme and figures of the themes that enough people said in the window.

    `said`: kind, week, customer_id, mood, theme. Figures: `people`, `recent_people`, `bad`, `good`, the texts `recent`,
    `before` and `year_ago`, and `squares` and `span_squares`, sums over the weeks and spans before of the square of
    their texts, by all texts of the week or span. `bad` and `good` are customers, each once.
    """
    sums = by_people(said, params).join(by_span(said, weeks, params), on=["kind", "theme"], how="inner")
    return sums.where(F.col("people") >= params.min_people)


def by_people(said: DataFrame, params: VoiceParams) -> DataFrame:
    """people, recent_people, bad and good of each theme of a kind; all unknown customers are one of the people."""
    is_recent = (F.col("week") < params.recent_weeks).cast("int")
    of_each = said.where(F.col("week") < params.window_weeks).groupBy("kind", "theme", "customer_id")
    return (
        of_each.agg(*moods(), F.max(is_recent).alias("is_recent"))
        .groupBy("kind", "theme")
        .agg(
            F.count(F.lit(1)).alias("people"),
            F.sum("is_recent").alias("recent_people"),
            F.sum("bad").alias("bad"),
            F.sum("good").alias("good"),
        )
    )


def by_span(said: DataFrame, weeks: Weeks, params: VoiceParams) -> DataFrame:
    """recent, before, year_ago, squares and span_squares of each theme of a kind."""
    each = said.groupBy("kind", "theme", "week", "customer_id").agg(once("n", F.lit(True)))
    weekly = each.groupBy("kind", "theme", "week").agg(F.sum("n").alias("n"))
    rows = [(kind, week, n) for kind, known in weeks.texts.items() for week, n in known.items()]
    all_texts = said.sparkSession.createDataFrame(rows, "kind string, week int, all_n bigint")
    spans = [(kind, span, n) for kind in weeks.texts for span, n in weeks.spans(kind).items()]
    all_spans = said.sparkSession.createDataFrame(spans, "kind string, span int, span_n bigint")
    is_in, is_year_ago = (
        F.col("week") < params.window_weeks,
        F.col("week").between(YEAR, YEAR + params.recent_weeks - 1),
    )
    n = F.col("n")
    of_spans = (
        weekly.join(F.broadcast(all_texts), on=["kind", "week"], how="inner")
        .groupBy("kind", "theme", F.floor(F.col("week") / F.lit(params.recent_weeks)).cast("int").alias("span"))
        .agg(
            F.sum(F.when(is_in, n).otherwise(0)).alias("n"),
            F.sum(F.when(is_year_ago, n).otherwise(0)).alias("year_ago"),
            F.sum(F.when(is_in, square("n", "all_n")).otherwise(0.0)).alias("squares"),
        )
    )
    is_before = F.col("span") > 0
    return (
        of_spans.join(F.broadcast(all_spans), on=["kind", "span"], how="left")
        .groupBy("kind", "theme")
        .agg(
            F.sum(F.when(is_before, F.lit(0)).otherwise(n)).alias("recent"),
            F.sum(F.when(is_before, n).otherwise(0)).alias("before"),
            F.sum("year_ago").alias("year_ago"),
            F.sum(F.when(is_before, F.col("squares")).otherwise(0.0)).alias("squares"),
            F.sum(F.when(is_before & (n > 0), square("n", "span_n")).otherwise(0.0)).alias("span_squares"),
        )
    )


def square(n: str, texts: str) -> Column:
    return ratio(F.col(n).cast("double") * F.col(n), F.col(texts))


def columns(rows: Sequence[dict[str, Any]], *names: str) -> list[Any]:
    """Columns of rows, as arrays of doubles."""
    return [np.array([row[name] for row in rows], np.float64) for name in names]
