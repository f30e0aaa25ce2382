"""Themes and sources as rows of tables, each with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import exp
from typing import Any

from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.sources import Finding
from vitalfew.jobs.voice.tables import DISSATISFACTION, SATISFACTION
from vitalfew.messages.sentences import said
from vitalfew.messages.words import Words


def theme_row(row: dict[str, Any], params: VoiceParams, words: Words) -> dict[str, Any]:
    """A row of VOICE_THEMES."""
    texts = row["recent"] + row["before"]
    code = row["mood"] if row["mood"] in (DISSATISFACTION, SATISFACTION) else "plain"
    numbers: dict[str, Any] = {"texts": texts, "people": row["people"]}
    if row["is_rising"]:
        code = f"rising_{code}"
        numbers = {"recent": row["recent"], "weeks": params.recent_weeks, "before": expected(row)}
    if row["mood"] in (DISSATISFACTION, SATISFACTION):
        numbers |= {"bad": row["bad_texts"], "rated": row["bad_texts"] + row["good_texts"]}
    return {
        **row,
        "texts": texts,
        "recent_texts": row["recent"],
        **said("finding", f"voice.theme.{code}", words, **numbers),
    }


def expected(row: dict[str, Any]) -> float:
    """Recent texts with the theme at its rate before."""
    return float(row["recent"] * (row["per_million_before"] or 0.0) / row["per_million"])


def source_rows(found: Sequence[Finding], words: Words) -> list[dict[str, Any]]:
    """Rows of VOICE_SOURCES."""
    rows = []
    for (_, level), group in groupby(found, key=lambda each: (each.part, each.level)):
        rows += [source_row(each, level, rank, words) for rank, each in enumerate(group, start=1)]
    return rows


def source_row(each: Finding, level: int, rank: int, words: Words) -> dict[str, Any]:
    attribute, _, value = each.part.within.partition(":")
    share = each.cases_with / each.cases
    figures = {"value": each.value, "n": each.cases_with, "of": each.cases, "share": share}
    return {
        "subject": each.part.subject.subject,
        "about": each.part.subject.subject_id,
        "subject_kind": each.part.subject.kind,
        "level": level,
        "rank": rank,
        "attribute": each.attribute,
        "value": each.value,
        "within_attribute": attribute or None,
        "within_value": value or None,
        "cases": each.cases,
        "cases_with": each.cases_with,
        "people": each.people,
        "share": share,
        "expected_share": each.expected_share,
        "p_value": exp(each.log_p),
        "q_value": exp(each.log_q),
        **said("finding", f"voice.source.{each.attribute}", words, expected=each.expected_share, **figures),
    }
