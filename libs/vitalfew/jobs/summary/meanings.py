"""What the words of the page mean here, in words: from the settings with which the jobs ran.

A definition of the business that jobs share stands once; where a job overrides it, its own meaning has its own line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Chart

Settings = Mapping[str, Any]
MAPS_WITH_AT_RISK = ("eleven", "rf_grid")


@dataclass(frozen=True)
class Term:
    """A word of the page, the jobs that use it, and by placeholder of its meaning the setting that is put in."""

    code: str
    jobs: tuple[str, ...]
    settings: Mapping[str, str]

    def meaning(self, given: Settings) -> Message | None:
        """In words; None where the settings do not say it."""
        if self.code in ("segments", "at_risk"):
            return of_segments(self.code, given)
        if not all(name in given for name in self.settings.values()):
            return None
        values = {placeholder: spoken(given[name]) for placeholder, name in self.settings.items()}
        return message(f"page.meaning.{self.code}", **values)

    def is_overridden(self, overrides: Sequence[str]) -> bool:
        return bool({*self.settings.values()} & {*overrides})


TERMS = (
    Term("overdue", ("next_purchase", "alerts"), {"percentile": "overdue_percentile", "gaps": "min_gaps"}),
    Term("lapsed", ("next_purchase",), {"limit": "p_alive_limit"}),
    Term("leaving", ("alerts",), {"limit": "p_alive_limit", "fall": "p_alive_fall"}),
    Term("inactive", ("alerts",), {"steps": "silent_days"}),
    Term("churned", ("alerts",), {"days": "churned_days", "until": "forgotten_days"}),
    Term("super", ("contribution", "alerts"), {"factor": "super_factor"}),
    Term("returned", ("alerts",), {"days": "lapsed_days"}),
    Term("few", ("contribution",), {"goal": "target_share"}),
    Term("classes", ("contribution",), {"first": "class_a_share", "second": "class_b_share"}),
    Term("segments", ("rfm",), {"map": "segments", "window": "window_days", "cuts": "cuts"}),
    Term("at_risk", ("rfm",), {"map": "segments"}),
)


def spoken(value: Any) -> Any:
    """A setting as a sentence takes it: the steps of a list one after the other."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def of_segments(code: str, given: Settings) -> Message | None:
    """How customers are put into segments, and which of them is At Risk, if the map has it."""
    chosen = given.get("segments")
    if code == "at_risk":
        return message("page.meaning.at_risk") if chosen in MAPS_WITH_AT_RISK else None
    if chosen is None:
        return None
    days, cuts = given.get("window_days"), given.get("cuts") or {}
    by_hand = isinstance(cuts, dict) and any(value is not None for value in cuts.values())
    return message(
        "page.meaning.segments",
        map=message(f"page.meaning_map.{chosen}"),
        cuts=message(f"page.meaning_cuts.{'by_hand' if by_hand else 'equal'}"),
        window=message("page.meaning_window.all") if days is None else message("page.meaning_window.days", days=days),
    )


def meanings(configs: Mapping[str, Settings]) -> list[Chart]:
    """The words and their meanings, from the settings of the runs by their jobs; nothing where no job ran."""
    rows = [row for term in TERMS for row in lines(term, configs)]
    if not rows:
        return []
    fields = [column("word", "word"), column("meaning", "meaning")]
    if any(row["from"].code == "own" for row in rows):
        fields.append(column("from", "defined"))
    title, note = message("page.computed.meanings"), message("page.computed.meanings_note")
    return [Chart("meanings", "rows", rows, "runs", title, note, fields)]


def lines(term: Term, configs: Mapping[str, Settings]) -> Iterator[dict[str, Any]]:
    """A line for each meaning that the jobs give the word, the shared one first."""
    said: list[tuple[Message, str, bool]] = []
    for job in term.jobs:
        given = configs.get(job)
        meaning = term.meaning(given) if given is not None else None
        if given is not None and meaning is not None:
            said.append((meaning, job, term.is_overridden(given.get("overrides") or ())))
    shared = next((meaning for meaning, _, is_own in said if not is_own), None)
    if shared is not None:
        yield line(term, shared, message("page.defined.shared"))
    for meaning, job, is_own in said:
        if is_own:
            yield line(term, meaning, message("page.defined.own", job=job))


def line(term: Term, meaning: Message, source: Message) -> dict[str, Any]:
    return {"word": message(f"page.term.{term.code}"), "meaning": meaning, "from": source}
