"""CSV, tolerantly: a line that is none costs itself and no other. Runs on executors."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

import pyarrow as pa
from pyarrow import csv as arrow_csv

from vitalfew.procedures.ingest.readers import preamble
from vitalfew.procedures.ingest.readers.lines import BOM, SUCH_AS, UTF8, legible, records, utf8
from vitalfew.procedures.ingest.readers.parts import (
    HEADER_AGAIN,
    Layout,
    Part,
    Record,
    Refused,
    UnreadableError,
    told_apart,
)
from vitalfew.procedures.ingest.readers.quotes import Quotes
from vitalfew.white_space import trimmed

BLANK = b"\"' \t\r"


def header(blocks: Iterable[bytes], layout: Layout) -> tuple[str, ...]:
    """The names of the columns by the first line, or the cells of it where the layout names the columns."""
    layout, text = beginning(blocks, layout)
    for found, refused in records(text, UTF8, quotes_of(layout)):
        if refused and (not found or refused[0].line < found[0][0]):
            raise UnreadableError(f"has a first line that cannot be read: it {refused[0].why}")
        first = cells(found[0][1], layout)
        return first if layout.names else told_apart(first, layout.used)
    return ()


def beginning(blocks: Iterable[bytes], layout: Layout) -> tuple[Layout, Iterator[bytes]]:
    """The text from the header on, in UTF-8, and the layout with the separator that a line `sep=;` names."""
    text = utf8(blocks, layout.encoding)
    head = b""
    for block in text:
        head += block
        if head.count(b"\n") > preamble.MOST_LINES or len(head) > preamble.LONGEST:
            break
    layout, start = preamble.found(head, layout, cells)
    return layout, chain([head[start:]], text)


def quotes_of(layout: Layout) -> Quotes | None:
    """How records are joined of lines; None where each line is one."""
    return Quotes(layout) if layout.multiline and layout.quote else None


def cells(line: bytes, layout: Layout) -> tuple[str, ...]:
    """One line, split."""
    if layout.escape:
        line = Quotes(layout).standard(line)
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"has a first line that is not {layout.encoding}: say `encoding`{SUCH_AS}") from error
    if "\r" in text:
        raise UnreadableError("ends its lines with a carriage return alone; convert them to line feeds")
    if not layout.quote:
        return tuple(trimmed(cell) for cell in text.split(layout.separator))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=layout.separator, quotechar=layout.quote)
    try:
        return tuple(trimmed(cell) for cell in next(rows))
    except csv.Error as error:
        raise UnreadableError(f"has a first line that cannot be read: {error}") from error


def parts(blocks: Iterable[bytes], layout: Layout) -> Iterator[Part]:
    """The rows of a CSV, by the block."""
    layout, text = beginning(blocks, layout)
    columns: tuple[str, ...] = layout.names
    is_public = False
    named = b""
    for found, open_quotes in records(text, UTF8, quotes_of(layout)):
        if not columns and found:
            columns, named = told_apart(cells(found[0][1], layout), layout.used), bare(found[0][1])
            found = found[1:]
        found, again = without_headers(found, named)
        is_public = bool(columns) and not any(map(layout.is_hidden, columns))
        shift = 0 if layout.names else 1
        numbered = [(number - shift, line) for number, line in found]
        good, refused = legible(numbered, layout.encoding)
        refused += [replace(each, line=each.line - shift) for each in (*open_quotes, *again)]
        if refused:
            yield Part(refused=refused, is_public=is_public)
        if layout.escape:
            plain = Quotes(layout).standard
            good = [(number, plain(line)) for number, line in good]
        for group in groups(good, layout.multiline):
            yield from parsed(group, columns, layout, is_public)


def without_headers(found: list[Record], named: bytes) -> tuple[list[Record], list[Refused]]:
    """The records, and apart those that are the header again, as where files were joined; `named`: its bare text."""
    size, start = len(named), named[:1]
    again = {
        number for number, line in found if named and len(line) >= size and start in line[:5] and bare(line) == named
    }
    if not again:
        return found, []
    refused = [Refused(number, line, HEADER_AGAIN) for number, line in found if number in again]
    return [record for record in found if record[0] not in again], refused


def bare(line: bytes) -> bytes:
    """A line without its quotes, blanks and byte order mark."""
    return line.removeprefix(BOM).translate(None, BLANK)


def groups(found: list[Record], multiline: bool) -> Iterator[list[Record]]:
    """All records of one row together, and alone each that holds a line break where none may be."""
    broken = [record for record in found if is_broken(record[1], multiline)]
    alone = {number for number, _ in broken}
    if len(alone) < len(found):
        yield [record for record in found if record[0] not in alone]
    for record in broken:
        yield [record]


def is_broken(record: bytes, multiline: bool) -> bool:
    inner = record.replace(b"\r\n", b"\n").rstrip(b"\r")
    return b"\r" in inner or (b"\n" in inner and not multiline)


def parsed(found: list[Record], columns: tuple[str, ...], layout: Layout, is_public: bool) -> Iterator[Part]:
    """Records as cells; where they are not one row each, halved until the culprit stands alone."""
    ragged: list[tuple[int, int]] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        ragged.append((row.number - 1, row.actual_columns))
        return "skip"

    width = len(columns)
    table = read(b"\n".join(line for _, line in found), width, layout, refuse)
    if table.num_rows + len(ragged) == len(found) + 1:
        bad = [Refused(*found[i], f"has {cells} cells where there are {width} columns") for i, cells in ragged]
        gone = {refused.line for refused in bad}
        lines = [number for number, _ in found if number not in gone]
        rows = table.slice(0, len(lines)).combine_chunks()
        heights = [line.count(b"\n") + 1 for number, line in found if number not in gone] if layout.multiline else []
        yield Part(lines, {name: one(rows[i]) for i, name in enumerate(columns)}, bad, is_public, heights)
    elif len(found) == 1:
        why = "cannot be split into cells: a quote is not closed, or it holds a line break"
        yield Part(refused=[Refused(*found[0], why)], is_public=is_public)
    else:
        middle = len(found) // 2
        yield from parsed(found[:middle], columns, layout, is_public)
        yield from parsed(found[middle:], columns, layout, is_public)


def read(data: bytes, width: int, layout: Layout, refuse: arrow_csv._InvalidRowHandler) -> pa.Table:
    """The rows of `data`, and one more: swallowed, it tells that the last quote is not closed."""
    guard = b"\n0" + layout.separator.encode() * (width - 1)
    names = [str(i) for i in range(width)]
    return arrow_csv.read_csv(
        io.BytesIO(data + guard),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(data) + len(guard) + 1, column_names=names),
        arrow_csv.ParseOptions(
            delimiter=layout.separator,
            quote_char=layout.quote or False,
            newlines_in_values=layout.multiline,
            invalid_row_handler=refuse,
        ),
        arrow_csv.ConvertOptions(check_utf8=False, column_types={name: pa.string() for name in names}),
    )


def one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], pa.string())
