"""Tables whose rows lie in files by month or by year, so that the rows of a day are written without those of others.

The month or year is a column of its own, which only the files have: readers of ours never see it. Its name says how
wide the slices are. A slice of few rows would be a tiny file, and many tiny files are slow to read: a table with fewer
than ROWS_OF_MONTH rows in a month, in the mean, is kept by years.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.tables import Table

MONTH, YEAR = "_month", "_year"
LENGTHS = {MONTH: len("2025-01"), YEAR: len("2025")}
"""How many characters of a day, as text, name its slice."""
ROWS_OF_MONTH = 20_000
"""About 1.5 MB of orders: below that, opening a file takes longer than reading it."""
ROWS_OF_FILE = 2_000_000


def column_of(columns: Iterable[str]) -> str | None:
    """The column that names the slices of a table with these columns; None where it has no slices."""
    return next((name for name in columns if name in LENGTHS), None)


def fitting(frame: DataFrame, table: Table) -> tuple[str, int]:
    """The column by which to slice `table` with the rows of `frame`, and how many rows the mean slice has then."""
    counted = frame.agg(
        F.count(F.lit(1)).alias("rows"),
        F.count_distinct(named(MONTH, table)).alias(MONTH),
        F.count_distinct(named(YEAR, table)).alias(YEAR),
    )
    found = collect_rows(counted, "months with rows")[0]
    name = MONTH if found["rows"] >= ROWS_OF_MONTH * found[MONTH] else YEAR
    return name, found["rows"] // max(1, found[name])


def named(name: str, table: Table) -> Column:
    """The slice of each row of `table`, as text: 2025-01, or 2025."""
    return F.substring(F.col(str(table.apart_by)).cast("string"), 1, LENGTHS[name])


def names(days: Collection[date], name: str) -> list[str]:
    """The slices of `days`, each once, in order."""
    return sorted({day.isoformat()[: LENGTHS[name]] for day in days})


def sliced(frame: DataFrame, table: Table, name: str, rows: int) -> DataFrame:
    """`frame` with the slice of each row; those of one slice, of about `rows` rows, in as few files as is good."""
    files = max(1, -(-rows // ROWS_OF_FILE))
    part = F.pmod(F.xxhash64(*table.key), F.lit(files))
    return frame.withColumn(name, named(name, table)).repartition(F.col(name), part)


def ddl_with(table: Table, name: str | None) -> str:
    """The columns of `table` as Spark SQL, with that of its slices, if it has any."""
    if name is None:
        return table.ddl
    return f"{table.ddl}, {name} string comment 'By which files are kept apart; no part of the table.'"


def within(name: str, slices: Iterable[str]) -> str:
    """Whether a row is in one of `slices`, as a condition on files."""
    return f"{name} IN ({', '.join(repr(one) for one in slices)})"
