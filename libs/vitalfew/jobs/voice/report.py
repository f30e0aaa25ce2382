"""What the summary says of what customers talk about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from pyspark.sql import DataFrame, Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.voice.figures import evidence, mood_of, rising_of, sources_of, subject_of, trait
from vitalfew.jobs.voice.tables import DISSATISFACTION, SATISFACTION, VOICE_SOURCES, VOICE_THEMES, VOICE_TOTALS
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST_SUBJECTS = 3
MOST_TRAITS = 4


def lines(known: Mapping[str, DataFrame], asked: Asked) -> list[Line]:
    """Where bursts come from, what rises, what upsets and what pleases; or why nobody knows."""
    rows = collect_rows(known["voice_totals"], "totals of texts")
    if not rows:
        return missing("voice")
    total, sources = rows[0], sources_of(known, asked)
    bursts = [of_subject(list(found)) for _, found in groupby(sources, key=subject_of)][:MOST_SUBJECTS]
    unexplained = total["bursts"] and not any(row["subject_kind"] == "" for row in sources)
    nothing = [Line(message("voice.label.texts"), message("voice.fact.no_source"), None, "no_source")]
    return [*bursts, *(nothing if unexplained else []), *of_texts(total, known["voice_themes"], asked)]


def of_texts(total: Row, themes: DataFrame, asked: Asked) -> list[Line]:
    """What is said of all texts."""
    label = message("voice.label.texts")
    if total["reason"] != "reported":
        advice = message("voice.advice.no_texts") if total["reason"] == "no_texts" else None
        return [Line(label, message(f"voice.fact.{total['reason']}"), advice, total["reason"], is_open=True)]
    text = message("voice.fact.texts", texts=total["texts"], themes=total["themes"])
    counted = Line(label, text, message("voice.advice.themes"), "texts", float(total["themes"]), "rows")
    rising = rising_of(themes, asked)
    new = (
        [named("rising", rising)]
        if rising
        else [Line(message("voice.label.rising"), message("voice.fact.nothing_new"))]
    )
    moods = {mood: mood_of(themes, mood, asked) for mood in (DISSATISFACTION, SATISFACTION)}
    told = [named(mood, rows) for mood, rows in moods.items() if rows]
    is_rated = not told and collect_rows(themes.where("mood <> 'no_ratings'").limit(1), "themes")
    unrated = Line(message("voice.label.dissatisfaction"), message("voice.fact.unrated"), None, "unrated")
    return [*new, *told, *([] if told or is_rated else [unrated]), counted]


def named(code: str, rows: Iterable[Row]) -> Line:
    """Themes by name, each once, the first first."""
    themes = list(dict.fromkeys(row["theme"] for row in rows))
    return Line(message(f"voice.label.{code}"), message("voice.fact.themes", themes=themes), None, code)


def of_subject(rows: Sequence[Mapping[str, Any]]) -> Line:
    """What all cases of a burst have in common, what stands out, and what does among these."""
    by_level = [[trait(row) for row in rows if row["level"] == level][:MOST_TRAITS] for level in range(3)]
    names = ("shared", "traits", "deeper")
    given = {name: traits for name, traits in zip(names, by_level, strict=True) if traits}
    code = {
        ("shared",): "common",
        ("traits",): "source",
        ("shared", "traits"): "both",
        ("traits", "deeper"): "deeper",
        ("shared", "traits", "deeper"): "all_levels",
    }.get(tuple(given))
    if code is None:  # its first level is hidden, as few people make it
        code, given = "source", {"traits": given["deeper"]}
    label = message("voice.label.burst", subject=rows[0]["subject"], id=rows[0]["called"])
    cases = max(row["cases"] for row in rows)
    return Line(
        label, message(f"voice.fact.{code}", **given), message("voice.advice.sources"), "source", float(cases), "rows"
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [Section("voice", lines(known, asked))]


REPORT = Report("voice", (VOICE_THEMES, VOICE_SOURCES, VOICE_TOTALS), sections, evidence=evidence)
