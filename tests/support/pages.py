"""The summary of tables drawn as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from pyspark.sql import Row
from staged import staged

from conftest import Frame
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.jobs.summary.transform import SUMMARISED, summary

Told = Callable[..., list[tuple[str, str, str | None]]]


def page(frame: Frame, params: SummaryParams | None = None, **drawings: str) -> list[Row]:
    """The rows of SUMMARY on 2025-03-01 from the given drawings; what is not given is empty."""
    frames: dict[str, Any] = {
        table.name: frame(table, drawings.pop(table.name, (table.key or tuple(table.columns))[-1]))
        for table in SUMMARISED
    }
    assert not drawings
    found = summary(params=params or SummaryParams(), as_of=date(2025, 3, 1), stage=staged, **frames)
    assert ["as_of", *found[0].columns] == list(SUMMARY.columns)
    return found[0].orderBy("section", "position").collect()


def telling(frame: Frame) -> Told:
    """What gives label, text and action of the lines of one section."""

    def tell(question: str, params: SummaryParams | None = None, **drawings: str) -> list[tuple[str, str, str | None]]:
        rows = [row for row in page(frame, params, **drawings) if row["section"].endswith(f". {question}")]
        assert [row["position"] for row in rows] == [*range(1, len(rows) + 1)]
        return [(row["label"], row["text"], row["action"]) for row in rows]

    return tell
