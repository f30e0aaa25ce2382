"""Every table the suite reads or writes: THE place where columns are declared."""

from __future__ import annotations

from vitalfew.tables import facts, logs, results, sources
from vitalfew.tables.changes import Change, Everything, Slices, Upsert
from vitalfew.tables.table import Column, Table

ALL: dict[str, Table] = {
    table.name: table
    for module in (sources, facts, results, logs)
    for table in vars(module).values()
    if isinstance(table, Table)
}

__all__ = ["ALL", "Change", "Column", "Everything", "Slices", "Table", "Upsert"]
