"""Reads a workbook from the standard input, and writes a line of JSON and the rows of one sheet as Arrow stream.

A process of its own: see `workbooks`. Nothing but this module imports calamine.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from vitalfew.procedures.ingest.readers.ods_faults import NO_VALUE, Faults, Spans
from vitalfew.procedures.ingest.readers.sheet_faults import faults

MEMORY = 4 << 30
SECONDS = 900
EXACT = 10**15
"""Excel keeps 15 digits of a number: an identifier with more has lost some."""

IS_NUMBER = "\x1e"
"""After a number with decimals, which is none of the texts that look the same; no cell of a sheet holds it."""

IS_MERGED = "\x1c"
"""After what a cell above says, of which this one is a part; no cell of a sheet holds it."""

Value = int | float | str | bool | time | date | datetime | timedelta


def main() -> None:
    """The sheet named on the command line, by name or number; the only one with cells where it is null."""
    asked, rows = json.loads(sys.argv[1]), int(sys.argv[2])
    bound()
    out = sys.stdout.buffer
    content = sys.stdin.buffer.read()
    trouble, sheet = opened(content, asked)
    out.write(json.dumps(trouble).encode() + b"\n")
    if sheet is not None:
        written(sheet, out, rows, *faults(content, sheet.name))
    out.flush()


def bound() -> None:
    """Limits what this process may use."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):  # where a system knows no such limit
            resource.setrlimit(what, (most, most))


def opened(content: bytes, asked: str | int | None) -> tuple[str, CalamineSheet | None]:
    """What is wrong with a workbook, or the sheet that is asked for."""
    try:
        book = CalamineWorkbook.from_object(io.BytesIO(content))
        names = [found.name for found in book.sheets_metadata if found.typ == SheetTypeEnum.WorkSheet]
        if isinstance(asked, int):
            if not 1 <= asked <= len(names):
                return f"has {len(names)} sheets where `sheet` is {asked}", None
            return "", book.get_sheet_by_name(names[asked - 1])
        if asked is not None:
            if asked not in names:
                return f"has no sheet {asked!r}. It has: {listed(names)}", None
            return "", book.get_sheet_by_name(asked)
        seen = [found.name for found in book.sheets_metadata if found.visible == SheetVisibleEnum.Visible]
        filled = [name for name in names if name in seen and book.get_sheet_by_name(name).height]
        if len(filled) == 1:
            return "", book.get_sheet_by_name(filled[0])
        if not filled:
            hidden = [name for name in names if name not in seen and book.get_sheet_by_name(name).height]
            more = f" that is shown; hidden are {listed(hidden)}: say `sheet`" if hidden else ""
            return f"has no row in any sheet{more}", None
        return f"has {len(filled)} sheets with rows: say which, `sheet: {filled[0]}`. It has: {listed(filled)}", None
    except PasswordError:
        return "is protected by a password: save it without one", None
    except (CalamineError, OSError) as error:
        return f"is no workbook that can be read: {error}", None


def listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:20]))


def written(sheet: CalamineSheet, out: BinaryIO, rows: int, wrong: Faults, merged: Spans) -> None:
    """All rows of a sheet, from its first cell on, in columns of text; cells without a value as `wrong` has them.

    Cells that are merged with one above say what that says, and IS_MERGED.
    """
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(sheet.width)])
    left = sheet.start[1] if sheet.start else 0
    cells = filled_down(as_texts(sheet, left, wrong), left, [*merged, *(sheet.merged_cell_ranges or [])])
    with pa.ipc.new_stream(out, schema) as stream:
        while batch := list(islice(cells, rows)):
            stream.write_batch(
                pa.RecordBatch.from_arrays(
                    [pa.array(of, pa.string()) for of in zip(*batch, strict=True)], schema=schema
                )
            )


def as_texts(sheet: CalamineSheet, left: int, wrong: Faults) -> Iterator[list[str | None]]:
    """The cells of each row; rows from the first of the sheet on, columns from `left` on."""
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), said in wrong.items():
        by_row.setdefault(row, {})[column - left] = said
    for number, values in enumerate(sheet.iter_rows()):
        cells = [text(value) for value in values]
        for column, said in by_row.get(number, {}).items():
            if 0 <= column < len(cells) and (cells[column] is None or said != NO_VALUE):
                cells[column] = said
        yield cells


def filled_down(rows: Iterable[list[str | None]], left: int, merged: Spans) -> Iterator[list[str | None]]:
    """`rows`, in which the cells that are merged below another one say what it says; those beside it stay blank."""
    starts: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _) in merged:
        if last > first and column >= left:
            starts.setdefault(first, []).append((column - left, last))
    open_: dict[int, tuple[int, str]] = {}
    for number, cells in enumerate(rows):
        for column, (last, above) in [*open_.items()]:
            if number <= last and cells[column] is None:
                cells[column] = above
            elif number > last:
                del open_[column]
        for column, last in starts.get(number, []):
            if column < len(cells) and (said := cells[column]) is not None:
                open_[column] = (last, f"{said}{IS_MERGED}")
        yield cells


def text(value: Value) -> str | None:
    """A cell as a CSV would hold it: numbers with the 15 digits that Excel shows, times by ISO 8601."""
    if value == "" or value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, int | float):
        return number(value)
    return value


def number(value: float) -> str:
    if abs(value) >= EXACT:
        return f"{value:.16E}"  # a form that no identifier has, and every number may have
    if value == int(value):
        return str(int(value))
    shown = f"{value:.15g}"
    return (shown if "e" not in shown else f"{value:.20f}".rstrip("0")) + IS_NUMBER


if __name__ == "__main__":
    main()
