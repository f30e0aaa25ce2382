"""Two copies of a table, row by row."""

from __future__ import annotations

import math
from typing import Any

from vitalfew.dataframes.collect import collect_rows
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table


def difference(table: Table, mine: Storage, theirs: Storage) -> str | None:
    """What differs first between two copies of `table`; None if nothing does."""
    ours, other = ([row.asDict() for row in ordered(storage, table)] for storage in (mine, theirs))
    if len(ours) != len(other):
        return f"{len(ours)} rows, not {len(other)}"
    pairs = ((a, b) for a, b in zip(ours, other, strict=True) if not all(same(a[c], b[c]) for c in table.columns))
    return next((f"{a} is not {b}" for a, b in pairs), None)


def ordered(storage: Storage, table: Table) -> list[Any]:
    found = collect_rows(storage.read(table), table.name)
    return sorted(found, key=lambda row: tuple(str(row[name]) for name in table.key))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)
