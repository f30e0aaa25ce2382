"""Which state of a Delta table is meant: the table's id beside its version, as the table of runs keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Snapshot:
    """One version of one table.

    A table that was dropped and made again counts its versions from 0 again, and has another `table_id`.
    `table_id` is None in rows of `runs` that earlier versions of the suite wrote, and for what is no table.
    A table that was brought back from a backup has its id, and may come to the same version by other rows: `commit`, a
    digest of what made the version, is another then. It is known of tables of the company in folders seen from here.
    `rows_since` is a version from which on every commit kept the rows as they are, as a compaction does; None where
    that is not known. It is seen in the log of the table, and `runs` does not keep it.
    """

    version: int
    table_id: str | None = None
    commit: str | None = None
    rows_since: int | None = field(default=None, compare=False)

    def is_same_table(self, other: Snapshot) -> bool:
        """Whether both may be of one table: an unknown id contradicts none."""
        return self.table_id is None or other.table_id is None or self.table_id == other.table_id

    def is_same(self, other: Snapshot | None) -> bool:
        """Whether both may be the same state of one table, or versions of it between which no row changed."""
        if other is None or not self.is_same_table(other):
            return False
        if self.version != other.version:
            newer, older = (self, other) if self.version > other.version else (other, self)
            return newer.rows_since is not None and newer.rows_since <= older.version
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


def have_same_rows(now: Versions, then: Versions) -> bool:
    """Whether both name the same tables in the same states, or in versions of them between which no row changed."""
    return now.keys() == then.keys() and all(is_known_same(now[name], then[name]) for name in now)


def is_known_same(now: Snapshot | None, then: Snapshot | None) -> bool:
    """As `is_same`, but never where the id of a table is not known, and the versions differ."""
    if now == then or now is None or then is None:
        return now == then
    return None not in (now.table_id, then.table_id) and now.commit == then.commit and now.is_same(then)
