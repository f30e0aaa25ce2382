"""Texts in the columns of a terminal, on which most characters of East Asia take two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MARKS = ("Mn", "Me", "Cf")
WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60"
ENDS = "、。，：；！？）】》”’\uff09\uff0c\uff0e"
STARTS = "\uff08【《「『"
PIECE = re.compile(
    f"[^\\S\\n]+|[{STARTS}]+[^\\s{WIDE}]+[{ENDS}]*|[{STARTS}]*[{WIDE}][{ENDS}]*|[^\\s{WIDE}]+[{ENDS}]*|\\n"
)
"""A space, a wide character, or a word; what ends or opens a clause stays with it."""


def width_of(text: str) -> int:
    """Columns that a text takes: two for most characters of East Asia, none for marks."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in MARKS else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """`text` in lines of at most `width` columns: the first after `first`, others after `rest`.

    Wide characters part anywhere, but before what ends a clause and after what opens one; a word that is longer than
    a line is cut.
    """
    lines, line = [], first
    is_empty = True
    room = max(1, width - max(width_of(first), width_of(rest)))
    for piece in (part for found in PIECE.findall(text) for part in cut(found, room)):
        if piece.isspace():
            line += "" if is_empty else " "
            continue
        if not is_empty and width_of(line) + width_of(piece) > width:
            lines.append(line.rstrip())
            line = rest
        line += piece
        is_empty = False
    return [*lines, line.rstrip()]


def cut(piece: str, room: int) -> Iterator[str]:
    """A word in parts that fit into `room` columns."""
    if width_of(piece) <= room:
        yield piece
        return
    most = room if piece.isascii() else max(1, room // 2)
    yield from (piece[start : start + most] for start in range(0, len(piece), most))
