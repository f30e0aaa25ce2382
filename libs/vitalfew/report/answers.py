"""A line of the summary."""

from __future__ import annotations

from dataclasses import dataclass

from vitalfew.messages.catalogue import group
from vitalfew.messages.message import Message, message

UNITS = ("rows", "customers", "products", "orders", "baskets", "money", "share", "times", "score")
"""share: of 1; times: a ratio; score: a measure of a method, such as nDCG."""


Said = Message | str
"""A str is a name of the user's own, the same in every language."""


@dataclass(frozen=True)
class Line:
    """One fact: what it is about, the answer, and what to do next, if anything: messages, or names.

    For machines: its `code` (the question's, unless given), and the number that matters with its `unit`, one of UNITS.
    `is_open`: it says why the question has no answer yet.
    """

    label: Said
    text: Said
    action: Said | None = None
    code: str | None = None
    value: float | None = None
    unit: str | None = None
    is_open: bool = False

    def __post_init__(self) -> None:
        """What has no number has no unit."""
        if self.value is None:
            object.__setattr__(self, "unit", None)


def missing(job: str) -> list[Line]:
    """What is said where a result is not there."""
    return [
        Line(
            message("summary.label.nothing_yet"),
            message("summary.fact.nothing_yet", job=job),
            message("summary.advice.nothing_yet", job=job),
            is_open=True,
        )
    ]


def called(codes: str, code: str) -> Said:
    """A code of the group `codes` of the messages in words; a name of the user's own where it is none of them."""
    return message(f"{codes}.{code}") if code in group(codes) else code


def named(said: Said) -> Message:
    """A name as a message; what is one already, as it is."""
    return message("summary.label.name", name=said) if isinstance(said, str) else said


def as_message(said: Said | None) -> Message | None:
    """As `named`; None of nothing."""
    return None if said is None else named(said)
