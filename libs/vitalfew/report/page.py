"""A whole page as data: what stands on its first screen, and a section for each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vitalfew.messages.message import Message
from vitalfew.report.answers import Line, Said
from vitalfew.report.sections import Chart


@dataclass(frozen=True)
class Figure:
    """A figure of the first screen, and how it changed."""

    label: Message
    text: Message
    change: Message | None = None


@dataclass(frozen=True)
class ToDo:
    """One thing to do: what, why, the money it is about, how sure it is (1 to 3) and why, and where its evidence is."""

    code: str
    what: Message
    why: Said
    amount: Decimal
    amount_is: Message
    sure: int
    because: Message
    section: str


@dataclass(frozen=True)
class PageSection:
    """A question with its answer (a line where a fact is it), what to do, the charts, and the facts of the summary.

    `group`: the code among the messages `page.group` under which the contents of the page list it; none where "".
    """

    code: str
    question: Message
    answer: Message | Line
    action: Said | None
    charts: Sequence[Chart]
    facts: Sequence[Line]
    group: str = ""


@dataclass(frozen=True)
class Titles:
    """What stands around a page: its heading, its kind, where a reader may skip to, and its last line."""

    heading: Message
    kind: Message
    skip: Message
    foot: Message


@dataclass(frozen=True)
class Page:
    """The page of one day, of all customers or of one.

    `to_do_none`: the title, and what is said, where there is nothing `to_do`; None on a page that has no such list.
    """

    as_of: date
    figures: Sequence[Figure]
    to_do: Sequence[ToDo]
    to_do_none: tuple[Message, Message] | None
    sections: Sequence[PageSection]
    titles: Titles
