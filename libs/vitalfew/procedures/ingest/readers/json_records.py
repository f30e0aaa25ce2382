"""JSON that is not one object a line: an array of records, or records one after another. Runs on executors.

Brackets alone are looked at, in bounded memory: a record that is broken inside is refused alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from vitalfew.procedures.ingest.readers.parts import Record, UnreadableError

LONGEST = 64 << 20
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|"', re.DOTALL)
ARRAY = re.compile(rb"\s*\[\s*(?:[{\]]|$)")
OVER_LINES = re.compile(rb"\s*\{[ \t\r]*\n")
"""An object that begins in one line and goes on in the next."""
AFTER = "goes on after the end of its JSON: put each document into a file of its own, or is a bracket too many?"
OPEN, CLOSE = (b"{", b"["), (b"}", b"]")


class Scanner:
    """Where records begin and end; the path of keys to the array of them is `path`, empty: the whole text."""

    def __init__(self, path: Sequence[str]) -> None:
        self.path = tuple(path)
        self.keys: list[str | None] = []
        """Of each open bracket: the key that is being read in an object; None in an array."""
        self.level: int | None = None
        """How many brackets are open around a record, once the array of records is."""
        self.start: int | None = None
        self.is_done = False
        self.text = b""
        self.position = 0
        self.number = 0
        self.last = b""

    def records(self, block: bytes) -> list[Record]:
        """The records that end in the next block."""
        kept = self.position if self.start is None else min(self.start, self.position)
        self.text = self.text[kept:] + block
        self.position -= kept
        self.start = None if self.start is None else self.start - kept
        if len(self.text) > LONGEST + len(block):
            raise UnreadableError(f"holds a record of more than {LONGEST >> 20} MB")
        found: list[Record] = []
        for token in TOKEN.finditer(self.text, self.position):
            mark = token[0]
            if mark == b'"':  # a text that goes on in the next block
                self.position = token.start()
                return found
            if mark[:1] == b'"':
                self.last = mark
            elif mark in OPEN:
                self.opened(mark, token.start(), token.end())
            else:
                self.closed(mark, token.start(), token.end(), found)
            self.position = token.end()
        return found

    def opened(self, mark: bytes, start: int, end: int) -> None:
        if self.is_done and not self.keys:
            raise UnreadableError(AFTER)
        if self.level is None and not self.is_done:
            if mark == b"[" and self.keys == [*self.path]:
                self.level = len(self.keys) + 1
                self.start = end
            elif mark == b"{" and not self.keys and not self.path:
                self.level = 0
        if self.level == 0 and not self.keys:
            self.start = start
        self.keys.append("" if mark == b"{" else None)

    def closed(self, mark: bytes, start: int, end: int, found: list[Record]) -> None:
        if mark == b":":
            if self.level is None and self.keys and self.keys[-1] is not None:
                self.keys[-1] = key(self.last)
            return
        if not self.keys:
            if self.level != 0:
                raise UnreadableError(AFTER)
            return
        if mark == b",":
            if len(self.keys) == self.level:
                self.take(start, end, found)
            return
        self.keys.pop()
        if self.level is not None and len(self.keys) == self.level - 1 and self.level > 0:
            self.take(start, None, found)
            self.level, self.is_done = None, True
        elif self.level == 0 and not self.keys:
            self.take(end, None, found)

    def take(self, end: int, start: int | None, found: list[Record]) -> None:
        """The record that ends here; the next one begins at `start`."""
        text = self.text[self.start : end].strip()
        if text:
            self.number += 1
            found.append((self.number, text))
        self.start = start

    def end(self) -> None:
        """UnreadableError where the text is not whole, or holds no records."""
        if self.keys:
            raise UnreadableError("ends within a value: it is cut off, or a bracket or quote is missing")
        if self.text[self.position :].strip():
            raise UnreadableError("is no JSON: it holds text outside of any bracket")
        if self.level is None and not self.is_done:
            where = f" at `records: {'.'.join(self.path)}`" if self.path else ""
            raise UnreadableError(f"holds no array of objects{where}")


def key(text: bytes) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return ""


def records(blocks: Iterable[bytes], path: Sequence[str]) -> Iterator[list[Record]]:
    """Numbered records, by the block."""
    scanner = Scanner(path)
    for block in blocks:
        if found := scanner.records(block):
            yield found
    scanner.end()
