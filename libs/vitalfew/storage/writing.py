"""A change to a table, held to its contract, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import QualityError
from vitalfew.storage import contracts
from vitalfew.storage.delta import Storage
from vitalfew.tables import Everything, Slices, Table, Upsert


@dataclass(frozen=True)
class Checked:
    """A change that kept its table's contract, ready to be written."""

    table: Table
    rows: int
    write: Callable[[], None] | None


def checked(
    change: DataFrame | Everything | Slices | Upsert, table: Table, storage: Storage, as_of: date | None
) -> Checked:
    """`change` held to the contract of `table`, and how to write it; a mere frame is the slice of `as_of`."""
    frame = change.frame if isinstance(change, Everything | Slices | Upsert) else change
    typed, rows = contracts.conform(frame, table, as_of, storage.stage)
    if isinstance(change, Everything):
        return Checked(table, rows, lambda: storage.replace(table, typed, is_proven=True))
    if isinstance(change, Slices):
        return slices(change, typed, rows, table, storage)
    if isinstance(change, Upsert):
        removed = None if change.removed is None else storage.stage(change.removed)
        if not rows and (removed is None or removed.isEmpty()):
            return Checked(table, 0, None)
        return Checked(table, rows, lambda: storage.merge(table, typed, removed=removed))
    return Checked(table, rows, lambda: storage.replace(table, typed, f"as_of = DATE'{as_of}'", is_proven=True))


def slices(change: Slices, typed: DataFrame, rows: int, table: Table, storage: Storage) -> Checked:
    """Some slices of `table`, outside of which there must be no row."""
    if not change.values:
        return Checked(table, 0, None)
    outside = typed.where(~F.col(change.column).isin(list(change.values))).limit(1)
    if collect_rows(outside, "rows outside the slices"):
        raise QualityError(f"{table.name} was not written: rows lie outside the slices of {change.column}.")
    return Checked(table, rows, lambda: storage.replace_days(table, typed, change.column, change.values))
