"""A page in one language as HTML: nothing is loaded from anywhere, and the policy of the page forbids it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from vitalfew import __version__
from vitalfew.messages.message import Message, message
from vitalfew.messages.words import Words
from vitalfew.report.answers import Line
from vitalfew.report.html import tables
from vitalfew.report.html.figures import Drawn, beside, figure
from vitalfew.report.html.voice import Voice
from vitalfew.report.page import Page, PageSection, ToDo
from vitalfew.report.sections import Field

CODES = {"en": "en", "zh": "zh-Hans"}
FACTS = (
    Field("label", message("page.facts.about")),
    Field("text", message("page.facts.found")),
    Field("action", message("page.facts.action"), is_minor=True),
)
SURE = {1: "tentative", 2: "fairly", 3: "sure"}


@dataclass(frozen=True)
class Shown:
    """A section as the template needs it."""

    code: str
    number: int
    question: str
    answer: Markup
    action: str
    figures: list[Drawn]
    facts: Markup | None
    group: str


@cache
def asset(name: str) -> str:
    """A file beside this one."""
    return files("vitalfew.report.html").joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """How a policy names an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def html(page: Page, words: Words, other_file: str | None = None) -> str:
    """The page in the language of `words`; `other_file` is the same in the other language, if there is one."""
    voice = Voice(words)
    css, js = asset("report.css"), asset("report.js")
    sections = [shown(number, each, voice) for number, each in enumerate(page.sections, start=1)]
    made = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return made.from_string(asset("report.html.j2")).render(
        say=voice.say,
        text=voice.text,
        strong=voice.strong,
        money=voice.money,
        lang=CODES[words.language],
        other_lang=next(CODES[each] for each in CODES if each != words.language),
        other_file=other_file,
        css=css,
        js=js,
        css_digest=digest(css),
        js_digest=digest(js),
        titles=page.titles,
        figures=page.figures,
        to_do=page.to_do,
        to_do_none=page.to_do_none,
        sure=[dots(each) for each in page.to_do],
        how_sure=[voice.say(f"page.sure.{SURE[each.sure]}") for each in page.to_do],
        sections=sections,
        contents=contents(sections),
        version=__version__,
    )


def dots(each: ToDo) -> list[bool]:
    """Three dots, of which the first are full: one for each level of certainty."""
    return [level <= each.sure for level in SURE]


def shown(number: int, section: PageSection, voice: Voice) -> Shown:
    return Shown(
        section.code,
        number,
        voice.text(section.question),
        answer(section, voice),
        voice.text(section.action),
        beside([figure(chart, voice) for chart in section.charts]),
        facts(section, voice),
        voice.say(f"page.group.{section.group}") if section.group else "",
    )


def contents(sections: Sequence[Shown]) -> list[tuple[str, list[Shown]]]:
    """The sections by the groups in which they stand one after the other."""
    return [(group, list(inside)) for group, inside in groupby(sections, key=lambda each: each.group)]


def answer(section: PageSection, voice: Voice) -> Markup:
    """The answer in a sentence; a fact is its label and its text."""
    found = section.answer
    if isinstance(found, Message):
        return voice.strong(found)
    said = message("page.answer.fact", subject=voice.text(found.label), found=voice.text(found.text))
    return voice.strong(said)


def facts(section: PageSection, voice: Voice) -> Markup | None:
    """The facts of the summary as a table; None where there are none."""
    rows: list[dict[str, Any]] = [line_row(line) for line in section.facts]
    return tables.table(FACTS, rows, voice, f"t-{section.code}-facts") if rows else None


def line_row(line: Line) -> dict[str, Any]:
    return {"label": line.label, "text": line.text, "action": line.action or ""}
