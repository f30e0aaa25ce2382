"""The rows of a staged frame, as its Parquet files say, without a query: where this process sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vitalfew.dataframes.schemas import arrow_schema, schema
from vitalfew.tables import Table

FEW_ROWS = 200_000
"""At most so many rows are read by this process, in place of the engine."""


def rows(folder: Path | None) -> int | None:
    """How many there are; None where it is not to be seen: files of executors that this process may not read."""
    if folder is None:
        return None
    try:
        return sum(int(pq.read_metadata(file).num_rows) for file in folder.glob("*.parquet"))
    except (OSError, pa.ArrowException):
        return None


def few(folder: Path | None, columns: Sequence[str] | None = None) -> pa.Table | None:
    """The rows, or these `columns` of them; None where they are too many, or this process cannot read them."""
    count = rows(folder)
    if folder is None or count is None or count > FEW_ROWS:
        return None
    try:
        named = None if columns is None else list(columns)
        return pq.read_table(folder, columns=named, coerce_int96_timestamp_unit="us")
    except (OSError, pa.ArrowException):
        return None


def of_rows(rows: Iterable[Mapping[str, Any]], table: Table) -> pa.Table | None:
    """`rows` in the declared columns and types; None where Arrow cannot. A NULL may be anywhere."""
    try:
        wanted = arrow_schema(schema(table.types))
        if any(pa.types.is_timestamp(type_) for type_ in wanted.types):
            return None  # of which zone they are, the engine knows
        return pa.Table.from_pylist([dict(row) for row in rows], schema=wanted)
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        return None
