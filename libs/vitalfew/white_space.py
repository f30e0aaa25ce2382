"""White space as Unicode has it, and the marks that nobody sees. Runs on executors."""

from __future__ import annotations

import unicodedata

BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""The characters with Unicode's property White_Space."""

UNSEEN = "\u200b\u200e\u200f\u061c\u2060\ufeff" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
"""Format characters that change no word: zero width spaces, byte order marks, marks of direction.

Joiners (U+200C, U+200D) are none of them: they make another letter, or another emoji.
"""

WHITE = BLANKS + UNSEEN
OTHER_SCRIPTS = ("GREEK", "CYRILLIC")  # their letters are drawn as Latin ones


def trimmed(text: str) -> str:
    """`text` without white space and unseen marks at its ends."""
    return text.strip(WHITE)


def visible(name: str) -> str:
    """`name` with an escape for each character that cannot be seen, or that is drawn as a Latin letter among these."""
    is_mixed = any(letter.isascii() and letter.isalpha() for letter in name)
    return "".join(escaped(letter, is_mixed) for letter in name)


def escaped(letter: str, is_mixed: bool) -> str:
    kind = unicodedata.category(letter)
    is_unseen = (kind[0] in "CZ" and letter != " ") or kind == "Mn"
    is_foreign = is_mixed and unicodedata.name(letter, "").startswith(OTHER_SCRIPTS)
    return ascii(letter)[1:-1] if is_unseen or is_foreign else letter
