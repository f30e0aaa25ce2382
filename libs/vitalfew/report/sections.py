"""The report as data: questions, the facts that answer them, charts, and the tables behind; renderers draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pyspark.sql import DataFrame

from vitalfew.messages.message import Message
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.answers import Line, Said
from vitalfew.tables import Table

ChartKind = Literal[
    "bars", "cells", "curve", "flow", "forecast", "network", "parts", "profiles", "rows", "triangle", "week"
]
"""bars: a table with a bar in each row; rows: a table alone; the others are described where they are drawn."""
Unit = Literal["name", "date", "days", "count", "number", "money", "share", "percent", "times", "score"]
"""share, percent: of 1, with a decimal and without; times: a ratio; name: from the data, or a message."""


@dataclass(frozen=True)
class Field:
    """A column of the table behind a chart; a minor one is left out on a phone."""

    name: str
    label: Message
    unit: Unit = "name"
    is_minor: bool = False


@dataclass(frozen=True)
class Chart:
    """What a renderer draws: rows, and which of their columns are drawn how. `table` is the one they come from.

    `title` says what was found, `note` the unit and how to read it. `fields` are the columns of the table behind.
    `marks` are single values that a kind of chart points out, `labels` what it writes beside them. What `is_detail`
    stands in a fold: it is for those who ask how good a method is.
    """

    code: str
    kind: ChartKind
    rows: Sequence[Mapping[str, Any]]
    table: str
    title: Message
    note: Message
    fields: Sequence[Field]
    x: str = ""
    y: str = ""
    series: str = ""
    marks: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Said] = field(default_factory=dict)
    is_detail: bool = False

    def unit(self, name: str) -> Unit:
        """The unit of a column."""
        return next((each.unit for each in self.fields if each.name == name), "number")


@dataclass(frozen=True)
class Section:
    """One question, by its code among the messages `questions`, and the facts that answer it."""

    question: str
    facts: Sequence[Line]


@dataclass(frozen=True)
class Evidence:
    """What a page shows of one question beside the facts: the answer in a sentence, what to do, and charts.

    In the answer, what stands between two `**` is the number that matters.
    """

    question: str
    answer: Message
    action: Said | None = None
    charts: Sequence[Chart] = ()


@dataclass(frozen=True)
class Asked:
    """What a report may know beside the frames: the day, the parameters of the page, and the words.

    `min_group`: charts hide groups of fewer people. `ids`: what names customers, their ids or pseudonyms.
    """

    params: Any
    as_of: date
    words: Words = ENGLISH
    min_group: int = 5
    ids: Literal["shown", "pseudonyms"] = "shown"


Known = Mapping[str, DataFrame]


def nothing_drawn(known: Known, asked: Asked) -> list[Evidence]:
    """The evidence of a job that draws nothing."""
    del known, asked
    return []


@dataclass(frozen=True)
class Report:
    """What a job has to say: the tables that it says it of, and the sections made of all frames by their names.

    `evidence` is asked for by the page alone, and so are the tables that are `drawn`.
    """

    job: str
    tables: tuple[Table, ...]
    sections: Callable[[Known, Asked], list[Section]]
    drawn: tuple[Table, ...] = ()
    evidence: Callable[[Known, Asked], list[Evidence]] = nothing_drawn
