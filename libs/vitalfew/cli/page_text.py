"""A page in words for a terminal: each question with its answer, its facts, and the first rows of its tables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from vitalfew.cli.layouts import drawn
from vitalfew.messages.message import Message, message
from vitalfew.messages.words import Words
from vitalfew.report.html.voice import Voice
from vitalfew.report.page import Page, PageSection
from vitalfew.report.sections import Chart
from vitalfew.report.text import WIDTH, Shown, lines_of
from vitalfew.report.widths import width_of, wrapped

MOST_ROWS = 6
"""Rows of a table; the page has them all."""
SPACE = "  "


def in_words(page: Page, words: Words, width: int | None) -> str:
    """The page in the language of `words`, for a terminal of `width` columns; None where it is none."""
    voice = Voice(words)
    heading = voice.text(page.titles.heading)
    blocks = [f"{heading}\n{'=' * width_of(heading)}"]
    for number, section in enumerate(page.sections, start=1):
        blocks.append("\n".join(in_lines(number, section, voice, width)))
    return "\n\n".join(blocks)


def in_lines(number: int, section: PageSection, voice: Voice, width: int | None) -> Iterator[str]:
    """One question; an answer that is a fact is not said twice."""
    narrow = min(width or WIDTH, WIDTH)
    question = f"{number}. {voice.text(section.question)}"
    yield question
    yield "-" * width_of(question)
    if isinstance(section.answer, Message):
        yield from wrapped(voice.text(section.answer), narrow, SPACE, SPACE)
    facts = [
        Shown(voice.text(line.label), voice.text(line.text), voice.text(line.action) or None) for line in section.facts
    ]
    yield from lines_of(facts, narrow)
    for chart in section.charts:
        yield ""
        yield SPACE + voice.text(chart.title)
        yield textwrap.indent(table(chart, voice, width and width - len(SPACE)), SPACE)
        more = len(chart.rows) - MOST_ROWS
        said = [message("table_in_words.more", rows=more)] if more > 0 else []
        for line in [*said, chart.note]:
            yield from wrapped(voice.text(line), narrow, SPACE, SPACE)


def table(chart: Chart, voice: Voice, width: int | None) -> str:
    """The first rows of the table behind a chart, without its minor columns."""
    if not chart.rows:
        return voice.text(message("table_in_words.nothing"))
    fields = [field for field in chart.fields if not field.is_minor]
    rows = [[voice.value(row[field.name], field.unit) for field in fields] for row in chart.rows[:MOST_ROWS]]
    return drawn([voice.text(field.label) for field in fields], rows, width)
