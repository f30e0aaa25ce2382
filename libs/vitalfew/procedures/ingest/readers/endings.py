"""How files of lines end: a last line without an end is usual, or the trace of a broken copy. Runs on executors.

Files whose writer never ends the last line are as whole as others. So more than the missing end must speak for a cut:
a last cell that is blank, shorter or with fewer decimals than all others, or a size at which copies break off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vitalfew.procedures.ingest.readers import delimited, drops, lines
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.parts import Layout

LOOKED_AT = 1 << 18
LEAST_LINES = 3
DECIMALS = re.compile(r"[^.,]*[0-9][.,]([0-9]+)[^0-9]*")
PAGE = 4096
NO_TEXT = " \t\r\x1a"
"""With the mark that ends files of DOS."""
BLANK, SHORTER, DECIMALS_LACK, CELLS_LACK, INCOMPLETE, SIZE = "blank", "shorter", "decimals", "cells", "json", "size"


@dataclass(frozen=True)
class Ending:
    """A last line without an end: its row, what speaks for a cut, and its last cell if that may be shown."""

    row: int
    sign: str
    cell: str = ""


def of(drop: Drop, layout: Layout) -> Ending | None:
    """How a file ends that ends without the end of a line; None where it is whole, or tells of a cut in other ways.

    What is compressed, or lies in an archive, has a sum that tells.
    """
    if layout.format not in ("csv", "jsonl") or drop.member or drops.codec_of(drop.path):
        return None
    last = drops.last_bytes(drop.path, LOOKED_AT)
    text = last.decode(layout.encoding, errors="replace")
    if not text.strip() or text.endswith(("\n", "\r")) or "\n" not in text:
        return None
    found = text.split("\n")
    if not found[-1].strip(NO_TEXT):
        return None
    if layout.format == "jsonl":
        return of_json(found[-1], drop, layout)
    named, whole = delimited.beginning(drops.blocks(drop.path), layout)
    rows = [split(line, named) for line in found[1:] if line.strip()]  # the first is the header, or a part of a line
    names = delimited.header(drops.blocks(drop.path), layout)
    if not rows or not names:
        return None
    sign = "" if layout.multiline else sign_of(rows, len(names))
    is_shown = not layout.is_private and not layout.is_hidden(names[-1])
    return Ending(number_of_last(whole, named), sign or of_size(drop), rows[-1][-1] if is_shown and rows[-1] else "")


def of_json(line: str, drop: Drop, layout: Layout) -> Ending | None:
    """How a file of JSON in lines ends, by its last line; None where that is whole, or part of an object over lines."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        text = lines.utf8(drops.blocks(drop.path), layout.encoding)
        return Ending(sum(len(good) for good, _ in lines.records(text, lines.UTF8)), INCOMPLETE)
    return None


def split(line: str, layout: Layout) -> Sequence[str]:
    """The cells of a line; none where it cannot be split."""
    try:
        return delimited.cells(line.encode(), layout)
    except (ValueError, StopIteration):
        return ()


def sign_of(rows: Sequence[Sequence[str]], width: int) -> str:
    """What speaks for a cut within the last of `rows`, which have `width` columns; empty where nothing does."""
    *others, last = rows
    if len(last) < width:
        return CELLS_LACK
    said = [row[-1] for row in others if len(row) == width]
    return sign_of_cell(last[-1], said) if len(said) >= LEAST_LINES else ""


def sign_of_cell(cell: str, others: Sequence[str]) -> str:
    """What sets the last cell apart from those above it."""
    if not cell:
        return BLANK if all(others) else ""
    decimals = {len(match[1]) if (match := DECIMALS.fullmatch(other)) else 0 for other in others}
    if len(decimals) == 1 and max(decimals) > 0:
        found = DECIMALS.fullmatch(cell)
        return DECIMALS_LACK if (len(found[1]) if found else 0) < max(decimals) else ""
    lengths = {len(other) for other in others}
    return SHORTER if len(lengths) == 1 and len(cell) < max(lengths) > 1 else ""


def of_size(drop: Drop) -> str:
    return SIZE if drop.size % PAGE == 0 else ""


def number_of_last(text: Iterable[bytes], layout: Layout) -> int:
    """The number of the last row of a file, by its text from the header on."""
    found: Iterable[lines.Found] = lines.records(text, lines.UTF8, delimited.quotes_of(layout))
    last = max(
        (each[0] if isinstance(each, tuple) else each.line for f in found for part in f for each in part), default=0
    )
    return last - (0 if layout.names else 1)
