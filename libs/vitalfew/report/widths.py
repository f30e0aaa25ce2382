"""Texts in the columns of a terminal, on which most characters of East Asia take two."""

from __future__ import annotations

import re
import unicodedata

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
    """`text` in lines of at most `width` columns, where its words allow: the first after `first`, others after `rest`.

    Wide characters part anywhere, but before what ends a clause and after what opens one.
    """
    lines, line = [], first
    is_empty = True
    for piece in PIECE.findall(text):
        if piece.isspace():
            line += "" if is_empty else " "
            continue
        if not is_empty and width_of(line) + width_of(piece) > width:
            lines.append(line.rstrip())
            line = rest
        line += piece
        is_empty = False
    return [*lines, line.rstrip()]
