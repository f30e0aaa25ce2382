"""Where runs renew their leases: in a folder that this process sees, or, where there is none, in a table.

What counts is that a lease changes. When it changed is told by clocks that may be wrong, and serves only to pass over
what is very old.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.storage.delta import Storage, is_seen_by_all
from vitalfew.tables.logs import LEASES

FOLDER = "_leases"  # names that begin with _ are hidden from those who list tables
MOST_SAID = 64  # bytes of a lease that are read
KEPT = timedelta(days=1)
"""How long the lease of a killed run stays, at least."""


@dataclass(frozen=True)
class Seen:
    """A lease as it was seen: a text that changes when it is renewed, and when that was, in seconds since 1970."""

    text: str
    renewed_at: float


class Place(Protocol):
    """Where leases are."""

    @property
    def renewals(self) -> int:
        """How often a lease is renewed before it would end."""
        ...

    def renew(self, lease: str) -> None:
        """Say that the holder of `lease` lives."""
        ...

    def seen(self, lease: str) -> Seen | None:
        """The lease as it is; None where it has not been renewed yet."""
        ...

    def release(self, lease: str) -> None:
        """Take a lease away, as its run is over."""
        ...


def of(storage: Storage) -> Place:
    """The place for the leases of a target."""
    root, scratch = storage.local_root, storage.scratch_at
    if root is None and scratch is not None and is_volume(scratch):
        root = Path(scratch)
    return InTable(storage) if root is None else InFolder(root / FOLDER)


def is_volume(at: str) -> bool:
    """Whether a folder is surely the same one for each host: elsewhere it may be a disk of this machine."""
    return "DATABRICKS_RUNTIME_VERSION" in os.environ and is_seen_by_all(at)


@dataclass(frozen=True)
class InFolder:
    """A small file for each lease, which is written over: nothing grows.

    What it holds changes too, as not every file system tells when a file was touched.
    """

    folder: Path
    renewals: int = 9

    def renew(self, lease: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / lease).write_text(repr(time.time()))

    def seen(self, lease: str) -> Seen | None:
        path = self.folder / lease
        try:
            with path.open("rb") as file:  # opened, as NFS then asks its server
                said, changed = file.read(MOST_SAID), os.fstat(file.fileno()).st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # of another user, or the server is away: it is there, as far as we know
            said, changed = b"", changed_at(path)
        return Seen(f"{changed} {said!r}", changed / 1e9 if changed else time.time())

    def release(self, lease: str) -> None:
        (self.folder / lease).unlink(missing_ok=True)
        for left in self.folder.iterdir():  # of killed runs
            with suppress(OSError):  # of another user, or gone by now
                if time.time() - left.stat().st_mtime > KEPT.total_seconds():
                    left.unlink()


def changed_at(path: Path) -> int:
    """When a file was changed that cannot be read, in nanoseconds since 1970; 0 where not even that is seen."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@dataclass(frozen=True)
class InTable:
    """A row for each renewal, through the engine: additions meet no conflict. The rows go when the run ends."""

    storage: Storage
    renewals: int = 3  # a renewal is a commit, and takes a second on Spark
    numbers: dict[str, int] = field(default_factory=dict)

    def renew(self, lease: str) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        self.numbers[lease] = number = self.numbers.get(lease, 0) + 1
        self.storage.append_rows(LEASES, [{"lease_id": lease, "renewals": number, "renewed_at": now}])

    def seen(self, lease: str) -> Seen | None:
        if not self.storage.exists(LEASES):
            return None
        mine = self.storage.read(LEASES).where(F.col("lease_id") == F.lit(lease))
        last = mine.agg(F.max("renewals").alias("text"), F.max(F.expr("unix_micros(renewed_at)")).alias("at"))
        found = collect_rows(last, "a lease")[0]
        return None if found["text"] is None else Seen(str(found["text"]), found["at"] / 1e6)

    def release(self, lease: str) -> None:
        """Its rows, and those that killed runs have left."""
        old = (datetime.now(UTC) - KEPT).replace(tzinfo=None)
        self.storage.clear(LEASES, f"lease_id = '{lease}' or renewed_at < TIMESTAMP'{old}'")
