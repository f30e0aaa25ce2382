"""A line of the summary."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = ("rows", "customers", "products", "orders", "baskets", "money", "share", "times", "score")
"""share: of 1; times: a ratio; score: a measure of a method, such as nDCG."""


@dataclass(frozen=True)
class Line:
    """One fact: what it is about, the answer, and what to do next, if anything.

    For machines: its `code` (the question's, unless given), and the number that matters with its `unit`, one of UNITS.
    """

    label: str
    text: str
    action: str | None = None
    code: str | None = None
    value: float | None = None
    unit: str | None = None


def missing(job: str) -> list[Line]:
    """What is said where a result is not there."""
    text = f"There is no result of {job} for this day: it has not run, or there was nothing to tell."
    return [Line("nothing yet", text, f"If it has not run: vitalfew run {job}")]
