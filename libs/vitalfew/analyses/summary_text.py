"""How the summary reads on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pyspark.sql import Row

WIDTH = 100
WIDEST_LABEL = 26
ARROW = "→ "


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


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def how_many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def sentence(words: str) -> str:
    """`words` with a capital at the beginning, names in it left as they are."""
    return words[:1].upper() + words[1:]


def as_text(rows: Iterable[Row]) -> str:
    """The rows of SUMMARY for 100 columns: a heading per section, labels in a column, actions after arrows."""
    ordered = sorted(rows, key=lambda row: (row["section"], row["position"]))
    blocks = []
    for section, group in groupby(ordered, key=lambda row: str(row["section"]).removeprefix("0")):
        lines = [Line(row["label"], row["text"], row["action"]) for row in group]
        widths = [len(line.label) for line in lines if len(line.label) <= WIDEST_LABEL]
        indent = 2 + max(widths, default=0) + 2
        blocks.append("\n".join([section, "-" * len(section), *(drawn(line, indent) for line in lines)]))
    return "\n\n".join(blocks)


def drawn(line: Line, indent: int) -> str:
    """A line with its text from column `indent` on; a label that does not fit before it stands alone."""
    label = f"  {line.label}"
    space = " " * indent
    parts = [] if len(label) <= indent - 2 else textwrap.wrap(label, WIDTH, subsequent_indent="    ")
    first = space if parts else label.ljust(indent)
    parts += textwrap.wrap(line.text, WIDTH, initial_indent=first, subsequent_indent=space)
    if line.action is not None:
        parts += textwrap.wrap(line.action, WIDTH, initial_indent=space + ARROW, subsequent_indent=space + "  ")
    return "\n".join(parts)
