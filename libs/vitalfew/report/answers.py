"""A line of the summary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the summary: what it is about, the answer, and what to do next, if anything."""

    label: str
    text: str
    action: str | None = None


def missing(job: str) -> list[Line]:
    """What is said where a result is not there."""
    text = f"There is no result of {job} for this day: it has not run, or there was nothing to tell."
    return [Line("nothing yet", text, f"If it has not run: vitalfew run {job}")]
