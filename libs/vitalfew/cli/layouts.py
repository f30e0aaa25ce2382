"""Rows as text: a table, a list where a row is wider than the screen, CSV, JSON or Markdown.

No cell is cut, but on a terminal one of more than LONGEST characters in a table. In a pipe or a file such a cell stands
as a whole, and the other rows are not padded to its width.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vitalfew.csv_lines import csv_lines
from vitalfew.report.widths import padded, width_of
from vitalfew.visible_text import visible, visible_json, visible_lines

FORMATS = ("table", "csv", "json", "markdown")
LONGEST = 500
LEAST_ROOM = 20
"""Columns; in fewer, words are not kept whole."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""


def screen_width() -> int | None:
    """Columns of the terminal that the standard output is; None where it is none, so that nothing need fit."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def drawn(header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """A table in plain text, or one line for each cell where a row is wider than `width`, the columns of a terminal."""
    if width is not None:
        rows = [[cut(cell) for cell in row] for row in rows]
    widths = [max(width_of(cut(row[i])) for row in [header, *rows]) for i in range(len(header))]
    if width is not None and sum(widths) + 3 * (len(widths) - 1) > width and rows:
        return upright(header, rows, width)
    lines = [" | ".join(padded(c, w) for c, w in zip(row, widths, strict=True)).rstrip() for row in [header, *rows]]
    return "\n".join([lines[0], "-+-".join("-" * w for w in widths), *lines[1:]])


def cut(cell: str) -> str:
    return cell if len(cell) <= LONGEST else cell[:LONGEST] + "…"


def upright(header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """A row as a block, a line for each of its cells; a longer cell goes on below, from a whole word on."""
    label = max(map(width_of, header))
    blocks = []
    for number, row in enumerate(rows, 1):
        cells = [
            "\n".join(f"{padded('' if place else name, label)} | {line}" for place, line in enumerate(lines))
            for name, cell in zip(header, row, strict=True)
            for lines in [[cell] if width is None else folded(cell, width - label - 3)]
        ]
        blocks.append("\n".join([f"-[ {number} ]-".ljust(label + 3, "-"), *cells]))
    return "\n".join(blocks)


def folded(cell: str, room: int) -> list[str]:
    """The lines of a cell; one with characters of two columns is left to the terminal, which breaks them anywhere."""
    if width_of(cell) <= room or width_of(cell) != len(cell) or room < LEAST_ROOM:
        return [cell]
    return textwrap.wrap(cell, room, break_long_words=False, break_on_hyphens=False) or [cell]


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """CSV; what a spreadsheet would take for a formula begins with an apostrophe, as in `export`.

    On a terminal, where nobody reads it on, what would act there is shown as an escape.
    """
    text = csv_lines([header, *[[cell(value) for value in row] for row in rows]]).rstrip("\n")
    return text if screen_width() is None else visible_lines(text)


def cell(value: Any) -> Any:
    """A value as a spreadsheet is to read it: a text that it would compute begins with an apostrophe."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def as_json(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """An array of objects; money and other decimals are text, so that no digit is lost."""
    found = [{name: plain(value) for name, value in zip(header, row, strict=True)} for row in rows]
    return visible_json(json.dumps(found, ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def as_markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; bars and line breaks in cells stand as they are read."""
    safe = [[cell.replace("\\", "\\\\").replace("|", "\\|") for cell in row] for row in [header, *rows]]
    lines = [safe[0], ["---"] * len(header), *safe[1:]]
    return "\n".join("| " + " | ".join(visible(cell) for cell in line) + " |" for line in lines)
