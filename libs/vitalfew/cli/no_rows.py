"""Why a condition finds no row: which values the columns that it asks of do hold."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.config.expressions import columns_of
from vitalfew.dataframes.collect import collect_rows
from vitalfew.tables import Table
from vitalfew.visible_text import visible

MOST_VALUES = 12


def no_row(frame: DataFrame, table: Table, where: str | None) -> str:
    """A sentence for whoever gets no row of `frame`, which are those of `table` before `where` was asked of them.

    It names the values of the columns of text, where these are few or declared, and never contact details.
    """
    if where is None:
        return f"{table.name} holds no row."
    found = [f"No row of {table.name} meets --where", *values(frame, table, columns_of(where))]
    return visible("; ".join(found) + ".")


def values(frame: DataFrame, table: Table, names: set[str]) -> Iterator[str]:
    """Of each column of text, its values: those that are declared, or else those that there are, if these are few."""
    for name in (each for each in table.columns if each in names):
        if name in table.contact_details or name in table.free_text or table.type_of(name) != "string":
            continue
        known = list(table.values.get(name, ())) or distinct(frame, name)
        if 0 < len(known) <= MOST_VALUES or name in table.values:
            yield f"{name} is one of: {', '.join(known)}"


def distinct(frame: DataFrame, name: str) -> list[str]:
    """The values of a column in order, no more than one above MOST_VALUES."""
    some = frame.select(name).where(F.col(name).isNotNull()).distinct().limit(MOST_VALUES + 1)
    return sorted(row[name] for row in collect_rows(some, "values"))
