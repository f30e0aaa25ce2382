"""What a page shows of what customers say: where a burst comes from, what rises, what upsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.jobs.voice.tables import BURSTS, DISSATISFACTION, RISING
from vitalfew.messages.canonical import Item
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 10
MOST_SOURCES = 15
LOOKED_AT = 500
Named = dict[str, Any]
LEVELS = ("common", "first", "second")


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The worst burst or what rises or upsets most; nothing where no theme and no source is known."""
    sources = sources_of(known, asked)
    rising = rising_of(known["voice_themes"], asked)
    upsetting = mood_of(known["voice_themes"], DISSATISFACTION, asked)
    if not sources and not has_themes(known["voice_themes"], asked):
        return []
    charts = [*source_table(sources), *rising_chart(rising), *upsetting_chart(upsetting)]
    advice = "crisis" if sources else "themes"
    is_calm = not sources and not rising and not upsetting
    action = None if is_calm else message(f"page.voice.advice_{advice}")
    return [Evidence("voice", answer(sources, rising, upsetting), action, charts)]


def answer(sources: Sequence[Named], rising: Sequence[Row], upsetting: Sequence[Row]) -> Message:
    """The first that there is."""
    if sources:
        first = [row for row in sources if subject_of(row) == subject_of(sources[0]) and row["level"] < 2]
        shared = [row for row in first if row["level"] == 0]
        traits = [trait(row) for row in shared or first]
        figures = {"subject": sources[0]["subject"], "id": sources[0]["called"], "traits": traits[:3]}
        return message(f"page.voice.{'common' if shared else 'crisis'}", **figures)
    if rising:
        row = rising[0]
        return message("page.voice.rising", theme=row["theme"], recent=row["recent_texts"], before=expected(row))
    if upsetting:
        row = upsetting[0]
        rated = row["bad_texts"] + row["good_texts"]
        return message("page.voice.dissatisfied", theme=row["theme"], bad=row["bad_texts"], rated=rated)
    return message("page.voice.calm")


def sources_of(known: Known, asked: Asked) -> list[Named]:
    """What stands out, of enough people: bursts first, the largest first, by level and rank; with names of products."""
    is_burst = F.when(F.col("subject").isin(*BURSTS), 0).otherwise(1)
    order = [is_burst, F.desc("cases"), F.asc("subject"), F.asc("about"), F.asc("subject_kind")]
    shown = known["voice_sources"].where(F.col("people") >= asked.min_group)
    rows = collect_rows(shown.orderBy(*order, "level", "rank").limit(LOOKED_AT), "sources of bursts")
    ids = [row["about"] for row in rows if row["subject"] != RISING]
    ids += [row["value"] for row in rows if row["attribute"] == "product"]
    names = described(ids, known["products"])
    largest: dict[tuple[str, ...], int] = {}
    for row in rows:  # cases of level 2 are fewer: a subject is as large as its largest level
        largest[subject_of(row)] = max(largest.get(subject_of(row), 0), row["cases"])
    named = [
        {
            **row.asDict(),
            "called": row["about"] if row["subject"] == RISING else name_of(row["about"], names),
            "value": name_of(row["value"], names) if row["attribute"] == "product" else row["value"],
        }
        for row in rows
    ]
    return sorted(
        named,
        key=lambda row: (
            row["subject"] == RISING,
            -largest[subject_of(row)],
            subject_of(row),
            row["level"],
            row["rank"],
        ),
    )


def subject_of(row: Mapping[str, Any] | Row) -> tuple[str, ...]:
    return row["subject"], row["about"], row["subject_kind"]


def trait(row: Mapping[str, Any]) -> Item:
    """An attribute and its value."""
    return Item("one", {"attribute": row["attribute"], "value": row["value"]})


def rising_of(themes: DataFrame, asked: Asked) -> list[Row]:
    """The rising themes that are surest."""
    order = [F.asc("q_value"), F.desc("recent_texts"), F.asc("kind"), F.asc("theme")]
    return top(themes, F.col("is_rising"), order, asked)


def mood_of(themes: DataFrame, mood: str, asked: Asked) -> list[Row]:
    """The themes that speak most of this mood, each once, of the kind in which it is said most."""
    order = [F.desc(F.abs("z")), F.asc("theme"), F.desc("texts"), F.asc("kind")]
    found: dict[str, Row] = {}
    for row in top(themes, F.col("mood") == mood, order, asked, 10 * MOST):
        found.setdefault(row["theme"], row)
    return list(found.values())[:MOST]


def top(themes: DataFrame, condition: Column, order: Sequence[Column], asked: Asked, most: int = MOST) -> list[Row]:
    shown = themes.where(condition & (F.col("people") >= asked.min_group))
    return collect_rows(shown.orderBy(*order).limit(most), "themes")


def has_themes(themes: DataFrame, asked: Asked) -> bool:
    return bool(collect_rows(themes.where(F.col("people") >= asked.min_group).limit(1), "themes"))


def expected(row: Row) -> float:
    """Recent texts with a theme at its rate before."""
    return float(row["recent_texts"] * (row["per_million_before"] or 0.0) / row["per_million"])


def source_table(rows: Sequence[Named]) -> list[Chart]:
    if not rows:
        return []
    shown = [
        {
            **row,
            "subject": message(f"voice.subject.{row['subject']}"),
            "level": message(f"voice.level.{LEVELS[row['level']]}"),
            "attribute": message(f"voice.attribute.{row['attribute']}"),
        }
        for row in rows[:MOST_SOURCES]
    ]
    fields = (
        column("subject", "burst"),
        column("called", "about"),
        column("level", "how"),
        column("attribute", "what"),
        column("value", "which"),
        column("cases_with", "cases_with", "count"),
        column("cases", "cases", "count"),
        column("share", "share", "share"),
        column("expected_share", "elsewhere", "share"),
    )
    title, note = message("page.voice.sources"), message("page.voice.sources_note")
    return [Chart("voice_sources", "rows", shown, "voice_sources", title, note, fields)]


def rising_chart(rows: Sequence[Row]) -> list[Chart]:
    if not rows:
        return []
    shown = [{**row.asDict(), "before": expected(row), "mood": message(f"voice.mood.{row['mood']}")} for row in rows]
    fields = (
        column("theme", "theme"),
        column("kind", "kind"),
        column("recent_texts", "recent_texts", "count"),
        column("before", "expected_texts", "number"),
        column("mood", "mood"),
        column("people", "customers", "count", is_minor=True),
    )
    title, note = message("page.voice.rising_title"), message("page.voice.rising_note")
    return [Chart("voice_rising", "rows", shown, "voice_themes", title, note, fields)]


def upsetting_chart(rows: Sequence[Row]) -> list[Chart]:
    if not rows:
        return []
    fields = (
        column("theme", "theme"),
        column("bad_texts", "bad_texts", "count"),
        column("good_texts", "good_texts", "count"),
        column("z", "deviations", "number", is_minor=True),
    )
    title, note = message("page.voice.bad_title"), message("page.voice.bad_note")
    return [Chart("voice_upsets", "rows", [row.asDict() for row in rows], "voice_themes", title, note, fields)]
