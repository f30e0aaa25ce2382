"""Whose source is looked for: the bursts of alerts, and the themes that rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.tables import RISING

SIGNALS = {"complaints": "is_complaint", "returns": "is_return", "bad_ratings": "is_bad"}


@dataclass(frozen=True)
class Subject:
    """A burst, of a product, or a theme that rises, in one kind of texts."""

    subject: str
    subject_id: str
    kind: str = ""

    def everything(self, params: VoiceParams) -> Column:
        """Whether a row is a case or one to hold the cases against."""
        if self.subject != RISING:
            return F.col(SIGNALS[self.subject])
        return F.col("is_text") & (F.col("kind") == self.kind) & (F.col("week") < params.recent_weeks)

    def cases(self, params: VoiceParams) -> Column:
        """Whether a row is a case."""
        if self.subject != RISING:
            is_it = F.array_contains("pairs", f"product:{self.subject_id}") & (F.col("period") == 0)
        else:
            is_it = F.array_contains("themes", self.subject_id)
        return self.everything(params) & is_it

    def is_trivial(self, attribute: str, value: str) -> bool:
        """Whether it only says the subject again."""
        if self.subject != RISING:
            return attribute == "product"
        return attribute in ("theme", "code") and are_nested(value, self.subject_id)


def are_nested(one: str, other: str) -> bool:
    """Whether one theme is a part of the other."""
    spaced, beside = f" {one} ", f" {other} "
    is_han = not (one.isascii() and other.isascii())
    return spaced in beside or beside in spaced or (is_han and (one in other or other in one))


def chosen(bursts: Sequence[Row], themes: Sequence[dict[str, Any]], params: VoiceParams) -> list[Subject]:
    """The bursts, then the rising themes that are surest; of themes that hold each other, one."""
    found = [Subject(row["kind"], row["subject_id"]) for row in bursts]
    rising = sorted(
        (row for row in themes if row["is_rising"]),
        key=lambda row: (row["q_value"], -row["recent"], row["kind"], row["theme"]),
    )
    taken: list[Subject] = []
    for row in rising:
        if len(taken) == max(1, params.most_subjects // 2):
            break
        if not any(each.kind == row["kind"] and are_nested(each.subject_id, row["theme"]) for each in taken):
            taken.append(Subject(RISING, row["theme"], row["kind"]))
    return found + taken
