"""What stands before the header of a table: a title, notes, blank lines, `sep=;`. Runs on executors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from vitalfew.procedures.ingest.readers.parts import Layout, UnreadableError, told_apart

MOST_LINES = 100
LONGEST = 1 << 20
NAMED = re.compile(rb'(?:\xef\xbb\xbf)*\s*"?sep=(?P<mark>[!-~\t ])"?[\s,;]*', re.IGNORECASE)

Cells = Callable[[bytes, Layout], Sequence[str]]


def found(head: bytes, layout: Layout, cells: Cells) -> tuple[Layout, int]:
    """The layout as the first lines of a file have it, and where the header begins."""
    lines = head.split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if first < len(lines) and (named := NAMED.fullmatch(lines[first])):
        layout, first = replace(layout, separator=named["mark"].decode()), first + 1
    if layout.header_at:
        if layout.header_at > len(lines):
            raise UnreadableError(f"has {len(lines)} lines where `header_at` is {layout.header_at}")
        return layout, starts[layout.header_at - 1]
    if not layout.names:
        first += header_row([split(line, layout, cells) for line in lines[first : first + MOST_LINES]], layout)
    return layout, starts[min(first, len(lines) - 1)]


def split(line: bytes, layout: Layout, cells: Cells) -> Sequence[str]:
    """The cells of a line; none where it has none that can be read."""
    try:
        return cells(line, layout) if line.strip() else ()
    except (ValueError, OSError, StopIteration):
        return ()


def header_row(rows: Sequence[Sequence[str]], layout: Layout) -> int:
    """Which of the first rows is the header: the first that has all columns that are needed, and is no row of data.

    Rows before it have fewer cells that are filled: one that has as many may be a row, and 0, the first, is given.
    """
    widest = 0
    for position, row in enumerate(rows):
        filled = sum(1 for cell in row if cell)
        names = told_apart(row, layout.used) if filled else ()
        if filled > widest and layout.needed and not Counter(layout.needed) - Counter(names):
            return position
        widest = max(widest, filled)
    return 0
