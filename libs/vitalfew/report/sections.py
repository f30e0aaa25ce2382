"""The report as data: questions, the facts that answer them, charts, and the tables behind; renderers draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pyspark.sql import DataFrame

from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.answers import Line
from vitalfew.tables import Table

ChartKind = Literal["bars", "curve", "triangle"]
"""bars: one per row; curve: y over x, a line for each series; triangle: a grid of x and series, y in the cells."""


@dataclass(frozen=True)
class Chart:
    """What a renderer draws: rows, and which of their columns are drawn how. `table` is the one they come from."""

    code: str
    kind: ChartKind
    rows: Sequence[Mapping[str, Any]]
    x: str
    y: str
    y_unit: str
    table: str
    x_unit: str | None = None
    series: str | None = None


@dataclass(frozen=True)
class Section:
    """One question, by its code among the messages `questions`, and what answers it."""

    question: str
    facts: Sequence[Line]
    charts: Sequence[Chart] = field(default_factory=tuple)


@dataclass(frozen=True)
class Asked:
    """What a report may know beside the frames: the day, the parameters of the page, and the words."""

    params: Any
    as_of: date
    words: Words = ENGLISH


@dataclass(frozen=True)
class Report:
    """What a job has to say: the tables that it says it of, and the sections made of all frames by their names."""

    job: str
    tables: tuple[Table, ...]
    sections: Callable[[Mapping[str, DataFrame], Asked], list[Section]]
