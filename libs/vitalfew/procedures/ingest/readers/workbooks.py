"""Sheets of Excel and of OpenOffice as rows of text. Runs on executors.

Calamine, which reads them, aborts the process where memory ends, and a workbook of five kilobytes can ask for 500 GB.
So it works in a process of its own, whose memory and time are bounded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from typing import IO, cast

import pyarrow as pa
from pyarrow import compute

from vitalfew.procedures.ingest.readers import preamble
from vitalfew.procedures.ingest.readers.ods_faults import NO_VALUE
from vitalfew.procedures.ingest.readers.parts import (
    HEADER_AGAIN,
    Layout,
    Part,
    Refused,
    UnreadableError,
    told_apart,
)
from vitalfew.procedures.ingest.readers.sheet_faults import ERRORS
from vitalfew.procedures.ingest.readers.typed_numbers import all_unmistakable
from vitalfew.white_space import trimmed

LARGEST = 256 << 20
READER = "vitalfew.procedures.ingest.readers.workbook_process"
ROWS = 20_000
IS_NUMBER = "\x1e"  # as `workbook_process` marks numbers with decimals
IS_MERGED = "\x1c"  # and cells that are merged with one above


def header(file: pa.NativeFile, layout: Layout) -> tuple[str, ...]:
    """The names of the columns of the sheet."""
    with rows_of(file, layout) as batches:
        for batch in batches:
            return begun(batch, layout)[0]
    raise UnreadableError("has no row in its sheet")


def parts(file: pa.NativeFile, layout: Layout) -> Iterator[Part]:
    """The rows of the sheet below its header that are not blank, numbered from 1."""
    columns: tuple[str, ...] = ()
    number = 1
    with rows_of(file, layout) as batches:
        for batch in batches:
            if not columns:
                columns, start = begun(batch, layout)
                batch = batch.slice(start)
            if batch.num_rows:
                refuse_formulas(batch, columns, layout, number)
                cells = {name: as_cells(batch.column(i), name, layout.decimals) for i, name in enumerate(columns)}
                yield part(number, cells, header_again(batch, columns))
                number += batch.num_rows


def part(first: int, cells: Mapping[str, pa.Array], again: Sequence[int]) -> Part:
    """The rows from the number `first` on, those `again` refused, which are the header."""
    count = len(next(iter(cells.values())))
    if not again:
        return Part(range(first, first + count), cells)
    kept = [i for i in range(count) if i not in {*again}]
    refused = [Refused(first + i, b"", HEADER_AGAIN) for i in again]
    return Part([first + i for i in kept], {name: column.take(kept) for name, column in cells.items()}, refused)


def refuse_formulas(batch: pa.RecordBatch, columns: Sequence[str], layout: Layout, first: int) -> None:
    """UnreadableError where a column that is used holds a formula whose value nobody has computed."""
    for i, name in enumerate(columns):
        if name in layout.used and (at := compute.index(batch.column(i), NO_VALUE).as_py()) >= 0:
            raise UnreadableError(
                f"holds a formula without its value (row {first + at}, column {name}): open it in a program that "
                "computes it, such as Excel, and save it"
            )


def as_cells(column: pa.Array, name: str, decimals: Mapping[str, str]) -> pa.Array:
    """The texts of a column; numbers such that no style reads them otherwise, where `decimals` names the column.

    A text in a merged cell is said of all its rows; a number, such as the money of an order, of the first alone.
    """
    below = compute.ends_with(column, IS_MERGED)
    if compute.any(below).as_py():
        above = None if name in decimals else compute.replace_substring(column, IS_MERGED, "")
        column = compute.if_else(below, above, column)
    column = compute.if_else(compute.equal(column, NO_VALUE), None, column)
    is_number = compute.ends_with(column, IS_NUMBER)
    if not compute.any(is_number).as_py():
        return column
    texts = compute.replace_substring(column, IS_NUMBER, "")
    return compute.if_else(is_number, all_unmistakable(texts, name, decimals), texts)


def begun(batch: pa.RecordBatch, layout: Layout) -> tuple[tuple[str, ...], int]:
    """The names of the columns, and the first row of data; `header_at` counts the rows that are not blank."""
    if layout.names:
        return (*layout.names, *[f"column_{i + 1}" for i in range(len(layout.names), batch.num_columns)]), 0
    first = batch.slice(0, max(preamble.MOST_LINES, layout.header_at or 0))
    rows = [tuple(map(named, row.values())) for row in first.to_pylist()]
    at = layout.header_at - 1 if layout.header_at else preamble.header_row(rows, layout)
    if at == 0 and layout.header_at is None and (two := in_two_rows(rows, layout)):
        return two
    if at >= len(rows):
        raise UnreadableError(f"has {len(rows)} rows where `header_at` is {layout.header_at}")
    return told_apart(rows[at], layout.used), at + 1


def named(cell: str | None) -> str:
    """The name of a column in a cell; none in one that is merged with another above."""
    return "" if cell is None or cell.endswith(IS_MERGED) else trimmed(cell.removesuffix(IS_NUMBER))


def in_two_rows(rows: Sequence[Sequence[str]], layout: Layout) -> tuple[tuple[str, ...], int] | None:
    """The header and the first row of data, where the names stand in two rows, and the first has not all.

    As under a merged cell, `Sale` above `pieces` and `paid`: the lower name goes before the one above it. Rows above
    have fewer cells that are filled: one that has as many may be a row.
    """
    needed, widest = {*layout.needed}, 0
    if not needed or needed <= {*rows[0]}:
        return None
    for at, (upper, lower) in enumerate(pairwise(rows)):
        both = [low or up for up, low in zip(upper, lower, strict=True)]
        names, filled = told_apart(both, layout.used), sum(map(bool, both))
        if filled > widest and needed <= {*names} and not needed <= {*lower}:
            return names, at + 2
        widest = max(widest, sum(map(bool, upper)))
    return None


def header_again(batch: pa.RecordBatch, columns: Sequence[str]) -> list[int]:
    """The rows that are the header again, as where printed pages were joined."""
    found = pa.array([True] * batch.num_rows)
    for column, name in zip(batch.columns, columns, strict=True):
        same = compute.equal(compute.utf8_trim_whitespace(column), name)
        found = compute.and_(found, compute.fill_null(same, name.startswith("column_")))
    return [i for i, is_header in enumerate(found.to_pylist()) if is_header]


@contextmanager
def rows_of(file: pa.NativeFile, layout: Layout) -> Iterator[Iterator[pa.RecordBatch]]:
    """The rows of the sheet that `layout` names, in columns of text, without those that are blank."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UnreadableError(f"has more than {LARGEST >> 20} MB, too much for a workbook: save the sheet as CSV")
    if find_spec("python_calamine") is None:
        raise UnreadableError(
            "is a workbook, and python-calamine, which reads it, is not installed where the engine works"
        )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    asked = [sys.executable or "python3", "-P", "-m", READER, json.dumps(layout.sheet), str(ROWS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(asked, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=env) as reader:
        try:
            yield answers(reader, content)
        finally:
            reader.kill()


def answers(reader: subprocess.Popen[bytes], content: bytes) -> Iterator[pa.RecordBatch]:
    """What the process says of a workbook: why it cannot be read, or its rows."""
    asked, answered = cast("IO[bytes]", reader.stdin), cast("IO[bytes]", reader.stdout)
    try:
        asked.write(content)
        asked.close()
        said = json.loads(answered.readline() or "null")
        if said is None:
            raise EOFError
        if said:
            raise UnreadableError(said)
        with pa.ipc.open_stream(answered) as stream:
            for batch in stream:
                yield batch.filter(compute.invert(blank(batch)))
    except (EOFError, BrokenPipeError, pa.ArrowInvalid) as error:
        raise UnreadableError("is a workbook that needs too much memory or time: save the sheet as CSV") from error


def blank(batch: pa.RecordBatch) -> pa.Array:
    """Of each row, whether all its cells are missing, are formulas that found nothing, or parts of cells above."""
    found, nothing = pa.array([True] * batch.num_rows), pa.array([*ERRORS, NO_VALUE])
    for column in batch.columns:
        is_blank = compute.or_(compute.is_null(column), compute.is_in(column, nothing))
        below = compute.fill_null(compute.ends_with(column, IS_MERGED), False)
        found = compute.and_(found, compute.or_(is_blank, below))
    return found
