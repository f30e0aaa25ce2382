"""What customers talk about, what of it speaks of dissatisfaction, what rises, and where a burst comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.texts.lexicon import Lexicon, learnt
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.voice.counts import Weeks, by_week
from vitalfew.jobs.voice.kept_themes import kept_themes
from vitalfew.jobs.voice.moods import with_moods
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.rising import with_rises
from vitalfew.jobs.voice.sources import sources
from vitalfew.jobs.voice.subjects import chosen
from vitalfew.jobs.voice.tables import BURSTS, VOICE_SOURCES, VOICE_THEMES, VOICE_TOTALS
from vitalfew.jobs.voice.texts import returns, texts_and_signals
from vitalfew.jobs.voice.themed_rows import themed_rows
from vitalfew.jobs.voice.written import source_rows, theme_row
from vitalfew.messages.words import ENGLISH, Words

A_TEXT = "a text"


def voice(
    orders: DataFrame,
    events: DataFrame,
    alerts: DataFrame,
    customer_profile: DataFrame,
    *,
    params: VoiceParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """VOICE_THEMES, VOICE_SOURCES and VOICE_TOTALS; one look tells whether there is anything to do."""
    texts = texts_and_signals(events, params, as_of)
    seen = first_look(texts, alerts, params)
    bursts = [row for row in seen if row["kind"] in BURSTS]
    weeks, learnt_here = Weeks({}, 0, 0, params.recent_weeks), Lexicon({}, frozenset())
    known: list[dict[str, Any]] = []
    found = []
    if seen:
        if any(row["kind"] == "returns" for row in bursts):
            texts = texts.unionByName(returns(orders, params, as_of))
        regions = customer_profile.select("customer_id", "region")
        rows = stage(texts.join(regions, on="customer_id", how="left"))
        if len(bursts) < len(seen):
            learnt_here = learnt(sample(rows, params), "text", params.min_people)
        themed = stage(themed_rows(rows, learnt_here.words, learnt_here.phrases))
        if len(bursts) < len(seen):
            weeks = by_week(themed, params)
            known, others = kept_themes(themed, weeks, params, stage)
            known = with_moods(with_rises(known, others, weeks, params), weeks, params) if known else []
        found = sources(themed.where(F.col("week") < params.window_weeks), chosen(bursts, known, params), params)
    return (
        local_table(VOICE_THEMES, [theme_row(row, params, words) for row in known], beside=orders),
        local_table(VOICE_SOURCES, source_rows(found, words), beside=orders),
        local_table(VOICE_TOTALS, [totals(weeks, known, learnt_here, bursts)], beside=orders),
    )


def first_look(texts: DataFrame, alerts: DataFrame, params: VoiceParams) -> list[Row]:
    """kind, subject_id: one row where there is a text, and one for each open burst, the first on the worklist first."""
    is_in = F.col("is_text") & (F.col("week") < params.window_weeks)
    one = texts.where(is_in).limit(1).select(F.lit(A_TEXT).alias("kind"), F.lit("").alias("subject_id"))
    is_burst = (F.col("status") == "open") & (F.col("subject") == "product") & F.col("kind").isin(*BURSTS)
    worst = F.desc(F.col("value_at_stake"))
    bursts = alerts.where(is_burst).orderBy(worst, "kind", "subject_id").limit(params.most_subjects)
    return sorted(
        collect_rows(one.unionByName(bursts.select("kind", "subject_id")), "bursts"),
        key=lambda row: (row["subject_id"], row["kind"]),
    )


def sample(rows: DataFrame, params: VoiceParams) -> DataFrame:
    """Different texts, about as many as are asked for, drawn by hash: half of them recent ones, if there are as many.

    What is new stands in few of all texts of a year: drawn from these alone, its words would not be learnt.
    """
    is_recent = F.col("week") < params.recent_weeks
    texts = rows.where(F.col("is_text") & (F.col("week") < params.window_weeks)).select(
        "text", is_recent.alias("is_recent")
    )
    count = collect_rows(texts.agg(F.count_if("is_recent").alias("recent"), F.count(F.lit(1)).alias("n")), "texts")[0]
    recent, before = (-(-2 * n // params.learning_texts) for n in (count["recent"], count["n"] - count["recent"]))
    parts = F.when(F.col("is_recent"), max(1, recent)).otherwise(max(1, before))
    return texts.where(F.pmod(F.xxhash64("text"), parts) == 0).select("text").distinct()


def totals(weeks: Weeks, known: Sequence[dict[str, Any]], found: Lexicon, bursts: Sequence[Row]) -> dict[str, Any]:
    """The row of VOICE_TOTALS."""
    return {
        "texts": sum(weeks.recent(kind) + weeks.before(kind) for kind in weeks.texts),
        "recent_texts": sum(weeks.recent(kind) for kind in weeks.texts),
        "weeks_before": max((weeks.weeks_before(kind) for kind in weeks.texts), default=0),
        "bad_texts": weeks.bad,
        "good_texts": weeks.good,
        "learnt_words": len(found.words),
        "learnt_phrases": len(found.phrases),
        "themes": len(known),
        "rising": sum(row["is_rising"] for row in known),
        "bursts": len(bursts),
        "reason": "reported" if known else "too_few" if any(weeks.spans(kind) for kind in weeks.texts) else "no_texts",
    }
