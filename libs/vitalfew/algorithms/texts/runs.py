"""A text as runs of words, and runs of characters where no blanks stand between words. Runs on executors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape

from vitalfew.dataframes.masking import UNSEEN, masked

MOST_CHARACTERS = 2000
"""Of a text that are read."""
MARGIN = 100
"""Characters at the end of a text that was cut which are not read: a contact may have been cut there."""
LONGEST_WORD = 24
SUSPECT = re.compile(r"[@\[(%&]|\d(?:.{0,3}\d){5}|[a-z]{2}\d{2}|[a-z]{4,6}\d{2}", re.IGNORECASE | re.DOTALL)
"""What every form of a contact, an account or an identity number holds."""
PLACEHOLDER = re.compile(r"\[[a-z -]+ of \d+ characters\]")
UNSEEN_CHARACTERS = re.compile(f"[{UNSEEN}]")
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MARKUP = re.compile(r"</?[a-z][a-z0-9]{0,9}(?:\s[^<>]{0,500})?/?>|&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});", re.IGNORECASE)
"""Tags and entities, as mails and forms of web pages leave them."""
SPELLED = re.compile(r"(?<!\S)\S+\s+[\[({]?at[\])}]?\s+\S+\s+[\[({]?dot[\])}]?\s+\w+", re.IGNORECASE)
"""An e-mail in words."""
KANA_WORD = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
"""Katakana: a run of it is one word."""
HAN = "\u3005\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Han and Hiragana: what Chinese and Japanese write without blanks."""
MARKS = "".join(chr(c) for c in range(0x300, 0x1F000) if unicodedata.category(chr(c)) in ("Mn", "Mc"))
"""Vowel signs and the like: parts of words that Python takes for none."""
LETTERS = rf"[^\W_{HAN}{KANA_WORD}]"
WORD = rf"{LETTERS}+(?:[{MARKS}]+{LETTERS}*)*"
RUN = re.compile(rf"(?P<han>[{HAN}]+)|(?P<kana>[{KANA_WORD}]+)|(?P<word>{WORD}(?:['’]{WORD})*)|(?P<gap>\S)")


def plain(text: str) -> str:
    """`text` in lower case and NFKC, without markup, contacts, card and identity numbers, links, unseen characters."""
    is_cut = len(text) >= MOST_CHARACTERS
    text = UNSEEN_CHARACTERS.sub("", unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]))
    clean = MARKUP.sub(" ", unescape(text)) if "<" in text or "&" in text else text
    clean = SPELLED.sub(" | ", LINK.sub(" | ", clean))
    clean = PLACEHOLDER.sub(" | ", masked(clean)) if SUSPECT.search(clean) else clean
    return (clean[:-MARGIN] if is_cut else clean).lower()


def runs(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Runs of a text that is `plain`: whether it is Han, and its characters; or its words, up to the next sign.

    A sign, a number, a word of another kind end a run: no phrase goes over them. Marks alone are no word.
    """
    words: list[str] = []
    for found in RUN.finditer(text):
        kind, part = found.lastgroup, found[0]
        if kind in ("word", "kana") and is_word(part):
            words.append(part.replace("’", "'"))
            continue
        if words:
            yield False, words
            words = []
        if kind == "han":
            yield True, list(part)
    if words:
        yield False, words


def is_word(word: str) -> bool:
    """Whether it may be a theme: it has a letter, is not overlong, and holds at most five digits, as codes do."""
    if word.isalpha():
        return len(word) <= LONGEST_WORD
    digits = sum(character.isdigit() for character in word)
    return len(word) <= LONGEST_WORD and digits <= 5 and any(character.isalpha() for character in word)


def is_code(word: str) -> bool:
    """Whether a theme is one word with at least two digits, as the code of a batch or a model has."""
    return " " not in word and sum(character.isdigit() for character in word) >= 2
