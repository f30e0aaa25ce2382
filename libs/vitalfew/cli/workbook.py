"""Rows as a workbook (.xlsx): numbers, days and times as such, text as text, so that nothing is a formula."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from vitalfew.errors import ConfigError

MOST_ROWS = 1_048_575
"""Rows of a sheet, below its header."""
MOST_CHARACTERS = 32_767
DIGITS = 15
"""A spreadsheet keeps the first 15 digits of a number; one of more is text."""
FIRST_DAY = date(1900, 3, 1)
"""Earlier days are text: spreadsheets count a 29 February 1900 that there was not."""
DAY, TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
DECIMALS = ["#,##0", *(f"#,##0.{'0' * places}" for places in range(1, 9))]
"""By decimal places, how a decimal is shown."""
LEAST_WIDTH, MOST_WIDTH = 8, 60


def written(columns: Sequence[str], batches: Iterable[Sequence[Sequence[Any]]], file: Path) -> int:
    """How many rows are in the one sheet of the workbook; ConfigError for what no sheet can hold."""
    book = xlsxwriter.Workbook(
        str(file), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        sheet = book.add_worksheet("rows")
        formats = {kind: book.add_format({"num_format": kind}) for kind in (*DECIMALS, DAY, TIME)}
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            sheet.set_column(place, place, min(max(len(name) + 2, LEAST_WIDTH), MOST_WIDTH))
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        rows = 0
        for batch in batches:
            for values in batch:
                rows += 1
                if rows > MOST_ROWS:
                    raise ConfigError(
                        f"A sheet of a workbook holds {MOST_ROWS:,} rows, and there are more: choose some by --where "
                        "or --limit, or write a file that ends in .csv."
                    )
                for place, value in enumerate(values):
                    write(sheet, rows, place, value, formats)
        sheet.autofilter(0, 0, rows, max(len(columns) - 1, 0))
    finally:
        book.close()
    return rows


def write(sheet: Any, row: int, place: int, value: Any, formats: Mapping[str, Any]) -> None:
    """One value in its cell; nothing of NULL."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, datetime) and value.date() >= FIRST_DAY:
        sheet.write_datetime(row, place, value.replace(tzinfo=None), formats[TIME])
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_DAY:
        sheet.write_datetime(row, place, value, formats[DAY])
    elif isinstance(value, Decimal) and is_kept(value):
        places = max(0, -int(value.as_tuple().exponent))
        sheet.write_number(row, place, value, formats[DECIMALS[min(places, len(DECIMALS) - 1)]])
    elif isinstance(value, int | float) and is_kept(value):
        sheet.write_number(row, place, value)
    else:
        text = as_text(value)
        if len(text) > MOST_CHARACTERS:
            raise ConfigError(
                f"A cell of a workbook holds {MOST_CHARACTERS:,} characters, and one has {len(text):,}: leave its "
                "column out by --columns, or write a file that ends in .csv."
            )
        sheet.write_string(row, place, text)


def is_kept(value: float | Decimal) -> bool:
    """Whether a spreadsheet shows the number as it is."""
    if isinstance(value, float):
        return math.isfinite(value)
    number = Decimal(value)
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= DIGITS


def as_text(value: Any) -> str:
    """A value that is no number: lists and maps as JSON, days and times as ISO."""
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
