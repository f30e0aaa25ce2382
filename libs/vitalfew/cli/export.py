"""Published rows of a table as a file, however many: CSV or a workbook for spreadsheets, or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, Row

from vitalfew.cli import workbook
from vitalfew.cli.layouts import cell
from vitalfew.cli.no_rows import no_row
from vitalfew.cli.show import View, asking, on_standard_error, viewed
from vitalfew.cli.whole_file import whole_file
from vitalfew.config.loading import Config
from vitalfew.errors import ConfigError
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.visible_text import visible

ROWS_AT_ONCE = 20_000


def export(storage: Storage, config: Config, table: Table, view: View, to: str) -> None:
    """Write the rows that `view` asks for, in the order of the key, to a file that its owner alone can read.

    The file is there as a whole or not at all; one that was there is replaced. ConfigError where it cannot be written.
    """
    path = Path(to)
    write = writer(path)
    published = viewed(storage, config, table, view)
    frame = view.chosen(published, table).select(*view.told(table))
    try:
        with asking(table, view), whole_file(path) as file:
            rows = write(frame, file)
    except OSError as error:
        raise ConfigError(f"--to is {str(path)!r}, which cannot be written: {error.strerror}.") from None
    click.echo(
        f"{rows:,} {'row' if rows == 1 else 'rows'} of {table.name} {'is' if rows == 1 else 'are'} in {visible(to)}."
    )
    if not rows:
        on_standard_error(no_row(published, table, view.where))


def refuse_details(table: Table, view: View) -> None:
    """ConfigError where contact details would be written, and nobody asked for them: a masked file is of no use."""
    if masked := view.masked(table):
        rest = ",".join(name for name in view.told(table) if name not in masked)
        raise ConfigError(
            f"{', '.join(masked)} of {table.name} holds contact details: to write them to a file, add --contacts; "
            f"to leave them out, --columns {rest or next(iter(table.columns))}."
        )


def writer(path: Path) -> Callable[[DataFrame, Path], int]:
    """How a file of this name is written; ConfigError where its ending says no form that there is."""
    if path.suffix.lower() not in FORMS:
        raise ConfigError(f"--to is {str(path)!r}; its ending says the form, which is one of {', '.join(FORMS)}.")
    return FORMS[path.suffix.lower()]


def as_csv(frame: DataFrame, file: Path) -> int:
    """With a byte order mark, by which spreadsheets know that it is UTF-8; NULL is an empty cell."""
    rows = 0
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        lines = csv.writer(opened)
        lines.writerow(frame.columns)
        for some in batches(frame):
            lines.writerows([[cell(value) for value in row] for row in some])
            rows += len(some)
    return rows


def as_parquet(frame: DataFrame, file: Path) -> int:
    """In the types of the table."""
    from pyspark.sql.pandas.types import to_arrow_schema

    rows, schema = 0, to_arrow_schema(frame.schema)
    with pq.ParquetWriter(file, schema) as opened:
        for some in batches(frame):
            columns = [list(column) for column in zip(*some, strict=True)]
            opened.write_table(pa.table([pa.array(*each) for each in zip(columns, schema.types, strict=True)], schema))
            rows += len(some)
    return rows


def batches(frame: DataFrame) -> Iterator[Sequence[Row]]:
    """The rows, in lists that memory holds with ease."""
    coming = frame.toLocalIterator()
    while some := list(islice(coming, ROWS_AT_ONCE)):
        yield some


FORMS: Mapping[str, Callable[[DataFrame, Path], int]] = {
    ".csv": as_csv,
    ".parquet": as_parquet,
    ".xlsx": lambda frame, file: workbook.written(frame.columns, batches(frame), file),
}
