"""The page of one day as data: its first screen, and each question with its answer, its charts and its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pyspark.sql import DataFrame

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.summary.first_screen import FIRST_SCREEN, figures
from vitalfew.jobs.summary.origin import ORIGIN, origin
from vitalfew.jobs.summary.reports import REPORTS, SUMMARISED, sections
from vitalfew.jobs.summary.slipping import SLIPPING, slipping
from vitalfew.jobs.summary.to_do import TO_DO, to_do
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line, Said
from vitalfew.report.columns import column
from vitalfew.report.page import Page, PageSection, Titles
from vitalfew.report.sections import Asked, Chart, Evidence, Section
from vitalfew.tables import Table

PAGE_TABLES: tuple[Table, ...] = tuple(
    {
        table.name: table
        for table in (
            *SUMMARISED,
            *(table for report in REPORTS for table in report.drawn),
            *FIRST_SCREEN,
            *TO_DO,
            *SLIPPING,
            *ORIGIN,
        )
    }.values()
)
"""What the page is made of."""

NOTHING = "page.nothing."
NOTHING_YET = "summary.fact.nothing_yet"
NOTHING_SHOWN = "page.nothing.yet"
GROUPS = {
    "to_do": ("attention", "actions", "company_plan", "uplift"),
    "customers": ("value", "segments", "moved", "slipping", "coming", "staying", "clusters", "wishes", "groups"),
    "products": ("rules", "pairs", "sequences", "example", "trust", "hours", "demand", "price"),
    "growth": ("share_of_wallet", "micro_segments", "prospects", "influence", "lifecycle", "voice"),
    "basis": ("refused", "quality", "computed", "open"),
}
"""The questions of the page by group, in the order of the page; others stand in the last group."""
ORDER = tuple(question for questions in GROUPS.values() for question in questions)
GROUP_OF = {question: group for group, questions in GROUPS.items() for question in questions}
LAST_GROUP = "basis"


def page(known: Mapping[str, DataFrame], asked: Asked) -> Page:
    """The page, from frames of PAGE_TABLES by their names; the questions without an answer are one of its sections."""
    ordered = every_question(known, asked)
    answered = [each for each in ordered if not is_open(each)]
    grouped = [
        replace(each, group=GROUP_OF.get(each.code, LAST_GROUP))
        for each in [*answered, *without_answer([each for each in ordered if is_open(each)])]
    ]
    return Page(
        asked.as_of,
        figures(known, asked),
        to_do(known, asked),
        nothing_to_do(known["alert_fit"]),
        grouped,
        of_all(asked.as_of),
    )


def every_question(known: Mapping[str, DataFrame], asked: Asked) -> list[PageSection]:
    """Every question with its answer, or why there is none, in the order of the page."""
    found = list(sections(known, asked))
    evidence = {each.question: each for report in REPORTS for each in report.evidence(known, asked)}
    places = {question: place for place, question in enumerate(ORDER)}
    drawn = [
        page_section(with_small_groups_said(section, asked), evidence.get(section.question)) for _, section in found
    ]
    every = [*drawn, slipping(known, asked), *origin(known, asked)]
    return sorted(every, key=lambda each: places.get(each.code, len(ORDER)))


ALWAYS_ANSWERED = ("refused", "computed", "quality")
"""Questions to which it is an answer that there is nothing."""


def is_open(section: PageSection) -> bool:
    """Whether a question has no answer: nothing is drawn of it, and all that is said of it is why."""
    if section.charts or section.code in ALWAYS_ANSWERED:
        return False
    if section.facts:
        return all(each.is_open for each in section.facts)
    return section.action is None and isinstance(section.answer, Message) and section.answer.key.startswith(NOTHING)


def without_answer(sections: Sequence[PageSection]) -> list[PageSection]:
    """One section in place of all questions without an answer: why each has none, and what would change it."""
    if not sections:
        return []
    rows = [
        {"question": each.question, "why": why(each), "what": each.facts[0].action or "" if each.facts else ""}
        for each in sections
    ]
    fields = (column("question", "question"), column("why", "why_open"), column("what", "what_changes_it"))
    title, note = message("page.open.title"), message("page.open.note")
    chart = Chart("open", "rows", rows, "summary", title, note, fields)
    answer = message("page.open.answer", questions=len(rows))
    return [PageSection("open", message("page.question.open"), answer, None, [chart], ())]


def why(section: PageSection) -> Said:
    """Why a question has no answer."""
    return section.answer.text if isinstance(section.answer, Line) else section.answer


def nothing_to_do(alert_fit: DataFrame) -> tuple[Message, Message]:
    """The title and the sentence where there is nothing to do: nobody has looked, or nothing was found."""
    if collect_rows(alert_fit.limit(1), "fit of alerts"):
        return message("page.to_do.nothing"), message("page.to_do.no_alerts")
    return message("page.to_do.unknown"), message("page.to_do.not_looked")


def with_small_groups_said(section: Section, asked: Asked) -> Section:
    """A section that says of a result that is not there that all its groups may be too small to be shown."""
    facts = [
        replace(each, text=message(NOTHING_SHOWN, **each.text.values, least=asked.min_group))
        if isinstance(each.text, Message) and each.text.key == NOTHING_YET
        else each
        for each in section.facts
    ]
    return replace(section, facts=facts)


def of_all(as_of: date) -> Titles:
    """What stands around the page of all customers."""
    heading = message("page.heading", as_of=as_of)
    return Titles(heading, message("page.kind"), message("page.skip"), message("page.foot"))


def page_section(section: Section, evidence: Evidence | None) -> PageSection:
    """A question; where nothing is drawn of it, its first fact is the answer, and where there is none, why.

    A fact without a number is a sentence; one with a number needs its label.
    """
    question = message(f"questions.{section.question}")
    if evidence is not None:
        return PageSection(section.question, question, evidence.answer, evidence.action, evidence.charts, section.facts)
    if not section.facts:
        return PageSection(section.question, question, nothing(section.question), None, (), ())
    first = section.facts[0]
    facts = () if len(section.facts) == 1 and not first.is_open else section.facts
    text = first.text
    answer = text if isinstance(text, Message) and (first.value is None or not facts) else first
    return PageSection(section.question, question, answer, first.action, (), facts)


SAY_WHY_NOTHING = (
    "moved",
    "refused",
    "uplift",
    "actions",
    "company_plan",
    "demand",
    "price",
    "share_of_wallet",
    "micro_segments",
    "prospects",
    "lifecycle",
    "voice",
)
"""Questions whose page has a reason of its own where there is nothing to say."""


def nothing(question: str) -> Message:
    """Why there is nothing to say."""
    return message(f"page.nothing.{question if question in SAY_WHY_NOTHING else 'other'}")
