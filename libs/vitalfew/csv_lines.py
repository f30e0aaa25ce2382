"""Lines of CSV that every reader takes apart as they were put together."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

END = "\r\n"


def csv_lines(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV, each ended by a line feed; a cell with a line break of any kind is in quotes.

    A writer that ends lines by a line feed alone leaves a carriage return without quotes (before Python 3.13), and
    spreadsheets begin a row there: with a cell that nobody has guarded.
    """
    lines: list[str] = []
    csv.writer(Taker(lines), lineterminator=END).writerows(rows)
    return "".join(f"{line.removesuffix(END)}\n" for line in lines)


class Taker:
    """What a writer of CSV writes to: it hands over one row at a time."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def write(self, line: str) -> int:
        self.lines.append(line)
        return len(line)
