"""How the summary reads on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pyspark.sql import Row

from vitalfew.report.widths import padded, width_of, wrapped

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
        blocks.append("\n".join([section, "-" * width_of(section), *lines_of(lines)]))
    return "\n\n".join(blocks)


def lines_of(lines: Sequence[Shown], width: int = WIDTH) -> list[str]:
    """The lines of one section, with their texts below each other."""
    widths = [size for size in (width_of(line.label) for line in lines) if size <= WIDEST_LABEL]
    indent = 2 + max(widths, default=0) + 2
    return [drawn(line, indent, width) for line in lines]


def drawn(line: Shown, indent: int, width: int) -> str:
    """A line with its text from column `indent` on; a label that does not fit before it stands alone."""
    label = f"  {line.label}"
    space = " " * indent
    parts = [] if width_of(label) <= indent - 2 else wrapped(line.label, width, "  ", "    ")
    first = space if parts else padded(label, indent)
    parts += wrapped(line.text, width, first, space)
    if line.action is not None:
        parts += wrapped(line.action, width, space + ARROW, space + "  ")
    return "\n".join(parts)
