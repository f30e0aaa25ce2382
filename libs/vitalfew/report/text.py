"""How the summary reads on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pyspark.sql import Row

WIDTH = 100


WIDEST_LABEL = 26


ARROW = "→ "


@dataclass(frozen=True)
class Shown:
    """A line of the page, as it reads."""

    label: str
    text: str
    action: str | None


def as_text(rows: Iterable[Row | Mapping[str, Any]]) -> str:
    """The rows of SUMMARY for 100 columns: a heading per section, labels in a column, actions after arrows."""
    ordered = sorted(rows, key=lambda row: (row["section"], row["position"]))
    blocks = []
    for section, group in groupby(ordered, key=lambda row: str(row["section"]).removeprefix("0")):
        lines = [Shown(row["label"], row["text"], row["action"]) for row in group]
        widths = [len(line.label) for line in lines if len(line.label) <= WIDEST_LABEL]
        indent = 2 + max(widths, default=0) + 2
        blocks.append("\n".join([section, "-" * len(section), *(drawn(line, indent) for line in lines)]))
    return "\n\n".join(blocks)


def drawn(line: Shown, indent: int) -> str:
    """A line with its text from column `indent` on; a label that does not fit before it stands alone."""
    label = f"  {line.label}"
    space = " " * indent
    parts = [] if len(label) <= indent - 2 else textwrap.wrap(label, WIDTH, subsequent_indent="    ")
    first = space if parts else label.ljust(indent)
    parts += textwrap.wrap(line.text, WIDTH, initial_indent=first, subsequent_indent=space)
    if line.action is not None:
        parts += textwrap.wrap(line.action, WIDTH, initial_indent=space + ARROW, subsequent_indent=space + "  ")
    return "\n".join(parts)
