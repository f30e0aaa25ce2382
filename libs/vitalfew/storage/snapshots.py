"""Which state of a Delta table is meant: the table's id beside its version, as the table of runs keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Snapshot:
    """One version of one table.

    A table that was dropped and made again counts its versions from 0 again, and has another `table_id`.
    `table_id` is None in rows of `runs` that earlier versions of the suite wrote, and for what is no table.
    A table that was brought back from a backup has its id, and may come to the same version by other rows: `commit`, a
    digest of what made the version, is another then. It is known of tables of the company in folders seen from here.
    """

    version: int
    table_id: str | None = None
    commit: str | None = None

    def is_same_table(self, other: Snapshot) -> bool:
        """Whether both may be of one table: an unknown id contradicts none."""
        return self.table_id is None or other.table_id is None or self.table_id == other.table_id

    def is_same(self, other: Snapshot | None) -> bool:
        """Whether both may be the same state of one table."""
        if other is None or self.version != other.version or not self.is_same_table(other):
            return False
        return self.commit is None or other.commit is None or self.commit == other.commit


Versions = dict[str, Snapshot | None]
"""By name of a table, its state; None where there is no table, or the engine cannot tell."""


def as_text(versions: Mapping[str, Snapshot | None]) -> str:
    """`versions` as `runs` keeps them: JSON, a number alone where there is no id."""
    return json.dumps({name: written(snapshot) for name, snapshot in versions.items()}, sort_keys=True)


def written(snapshot: Snapshot | None) -> int | dict[str, int | str] | None:
    if snapshot is None or snapshot.table_id is None:
        return snapshot.version if snapshot else None
    made_by = {"commit": snapshot.commit} if snapshot.commit else {}
    return {"id": snapshot.table_id, "version": snapshot.version, **made_by}


def parsed(text: str) -> Versions:
    """What `runs` keeps, whichever version of the suite wrote it: earlier ones kept version numbers alone."""
    return {name: read(value) for name, value in json.loads(text).items()}


def read(value: int | Mapping[str, int | str] | None) -> Snapshot | None:
    if value is None or isinstance(value, int):
        return None if value is None else Snapshot(value)
    commit = value.get("commit")
    return Snapshot(int(value["version"]), str(value["id"]), None if commit is None else str(commit))
