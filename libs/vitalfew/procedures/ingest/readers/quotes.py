"""Quoted cells that go over several lines: which lines are one record, and which only look so. Runs on executors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vitalfew.procedures.ingest.readers.parts import Layout

LONGEST_RECORD = 64 << 20
FEWEST_COLUMNS = 3
"""With fewer, one separator in a text would make it look like several lines."""
NOT_CLOSED = "opens a quote that is closed nowhere in the file"
IN_THE_MIDDLE = "opens a quote, and the next one, on a later line, is in the middle of a cell"
SEVERAL = "opens a quote, and the text up to the next one holds the separators of whole lines"


def too_many(most: int) -> str:
    return f"opens a quote that is not closed within {most} lines (max_lines_of_record)"


class Quotes:
    """The quoting of one file. A quote opens a cell only at its start; elsewhere it is a character like others.

    A line whose quote does not seem to be closed is refused alone: the lines after it are read for themselves. No line
    is looked at more than `max_lines_of_record` times.
    """

    def __init__(self, layout: Layout) -> None:
        quote, separator, escape = (re.escape(c).encode() for c in (layout.quote, layout.separator, layout.escape))
        pair = b"|" + escape + b"." if escape else b""
        inner = b"(?:[^" + quote + escape + b"]++|" + quote + quote + pair + b")*+"
        cell = b"(?:%s%s%s[^%s]*+|[^%s%s][^%s]*+|)" % (
            quote,
            inner,
            quote,
            separator,
            quote,
            separator,
            separator,
        )
        self.quote, self.separator, self.escape = (c.encode() for c in (layout.quote, layout.separator, layout.escape))
        self.most, self.width = layout.max_lines_of_record, len(layout.names)
        self.is_closed = re.compile(b"%s(?:%s%s)*+" % (cell, separator, cell), re.DOTALL).fullmatch
        self.cells_before = re.compile(b"(?:%s%s)*+" % (cell, separator), re.DOTALL).match
        self.rest_of_cell = re.compile(inner + quote, re.DOTALL).match
        self.quoted = re.compile(b"(^|%s)%s(%s)%s" % (separator, quote, inner, quote), re.DOTALL)
        self.escaped = re.compile(escape + b"(.)", re.DOTALL)
        self.pending: list[bytes] = []

    def joined(self, lines: Sequence[bytes], is_end: bool) -> Iterator[tuple[bytes, str]]:
        """Records, each with the reason if it is refused; what may go on in the next block is kept until then."""
        known = [*self.pending, *lines]
        start = 0
        while start < len(known):
            if not known[start].strip():
                start += 1
                continue
            end, why = self.end_of_record(known, start, is_end)
            if not end:
                break
            record = b"\n".join(known[start:end])
            if not why and not self.width:
                self.width = len(self.split(record))
            yield record, why
            start = end
        self.pending = known[start:]

    def end_of_record(self, lines: Sequence[bytes], start: int, is_end: bool) -> tuple[int, str]:
        """The line after the record that begins at `start`, and the reason if it is refused; 0: not known yet."""
        line = lines[start]
        if self.quote not in line or self.is_closed(line):
            return start + 1, ""
        separators, breaks, size = line.count(self.separator, self.opening(line)), 0, len(line)
        for position in range(start + 1, start + self.most):
            if position == len(lines):
                return (start + 1, NOT_CLOSED) if is_end else (0, "")
            line = lines[position]
            breaks, size = breaks + 1, size + len(line)
            if size > LONGEST_RECORD:
                break
            close = self.rest_of_cell(line)
            if not close:
                separators += line.count(self.separator)
                continue
            rest = line[close.end() :]
            if rest.rstrip(b"\r") and not rest.startswith(self.separator):
                return start + 1, IN_THE_MIDDLE
            separators += line.count(self.separator, 0, close.end())
            if self.width >= FEWEST_COLUMNS and separators >= breaks * (self.width - 1):
                return start + 1, SEVERAL
            if self.is_closed(rest):
                return position + 1, ""
            separators, breaks = rest.count(self.separator, self.opening(rest)), 0
        return start + 1, too_many(self.most)

    def opening(self, line: bytes) -> int:
        """Where the cell that is still open at the end of `line` begins."""
        before = self.cells_before(line)
        return before.end() if before else 0

    def split(self, record: bytes) -> list[bytes]:
        """The text between the separators outside of quoted cells."""
        return self.quoted.sub(rb"\1", record).split(self.separator)

    def standard(self, record: bytes) -> bytes:
        """The record with its escaped quotes doubled, as all readers of CSV understand them."""
        if not self.escape or self.escape not in record or self.quote not in record:
            return record
        return self.quoted.sub(lambda cell: cell[1] + self.quote + self.unescaped(cell[2]) + self.quote, record)

    def unescaped(self, text: bytes) -> bytes:
        """The inside of a quoted cell without escapes; one before any other character is a character itself."""
        known = {self.quote: self.quote * 2, self.escape: self.escape}
        return self.escaped.sub(lambda pair: known.get(pair[1], pair[0]), text)
