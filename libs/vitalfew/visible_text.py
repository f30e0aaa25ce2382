"""Text from data and files as it may reach a terminal or a log: what would act, or hide, is shown as an escape."""

from __future__ import annotations

import json
import unicodedata

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control, format, surrogate, private, unassigned, line breaks
BLANK = "\u115f\u1160\u3164\uffa0\u2800\u034f"  # letters and marks that show nothing
JOINERS = "\u200c\u200d"  # Persian, Indian scripts and emoji cannot do without, between two of their own

LONGEST = 100
"""Characters of a text that a message repeats."""


def visible(text: str, keep: str = "") -> str:
    """`text` with what is not seen, or moves other characters, as `\\x1b` or `\\u202e`; those of `keep` stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or is_seen(text, at) else escape(c) for at, c in enumerate(text))


def visible_lines(text: str) -> str:
    """As `visible`, for a text of ours of several lines: their breaks stay."""
    return visible(text, keep="\n")


def visible_json(text: str) -> str:
    """JSON that says the same as the JSON `text`, with what is not seen, or moves other characters, as `\\u202e`."""
    return "".join(c if c == "\n" or is_seen(text, at) else json_escape(c) for at, c in enumerate(text))


def json_escape(character: str) -> str:
    """As JSON writes it: a character beyond 65,535 in two halves."""
    return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"


def quoted(text: str) -> str:
    """`text` in quotes, for a message: of a long one the beginning."""
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def is_seen(text: str, at: int) -> bool:
    """Whether the character of `text` at a position shows itself; a joiner does between two that are not ASCII."""
    character = text[at]
    if character in JOINERS:
        around = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
        return len(around) == 2 and all(ord(c) > 0x2FF and unicodedata.category(c) not in HIDDEN for c in around)
    return character not in BLANK and unicodedata.category(character) not in HIDDEN


def escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
