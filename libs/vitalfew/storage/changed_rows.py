"""The rows by which two versions of a table differ, read from the files that one of them has and the other has not."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.hash_sums import hash_sum
from vitalfew.storage import delta_log, source_mapping, time_slices
from vitalfew.storage.delta import Storage, as_declared, files_at, is_local
from vitalfew.storage.literal_paths import literal_path
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import Table

MOST_CHANGED = 1.0
"""Of the bytes of a table: where files that differ have more, reading all of it costs less."""
RETYPED = frozenset({"typeWidening", "typeWidening-preview"})
"""Features of Delta with which files of one table have columns of several types."""


def between(storage: Storage, table: Table, before: Snapshot, now: Snapshot) -> tuple[DataFrame, DataFrame] | None:
    """The rows that came after `before`, and those that are gone `now`, as `Storage.read` gives them.

    None where that cannot be told from files that this process sees, or reading the table as a whole costs no more. A
    row that was written again is in both.
    """
    at = storage.target.location(table.name)
    if not is_local(at) or not before.is_same_table(now) or importlib.util.find_spec("deltalake") is None:
        return None
    if not storage.holds(table, before):
        return None
    then = delta_log.rows_until(Path(at.at) / "_delta_log", before.version)  # the same rows, in the files of today
    had, have = files(at.at, then), files(at.at, now.version)
    if had is None or have is None:
        return None
    came, gone = sorted(have - had), sorted(had - have)
    if not all(Path(file).exists() for file in (*came, *gone)) or size([*came, *gone]) > MOST_CHANGED * size(have):
        return None
    found = storage.load(at, now.version).drop(*time_slices.LENGTHS)
    source = storage.target.sources.get(table.name)

    def rows(of: Sequence[str]) -> DataFrame:
        reader = storage.spark.read.schema(found.schema)
        frame = reader.parquet(*map(literal_path, of)) if of else found.limit(0)
        if table.kind == "source":
            return source_mapping.mapped(table, frame, source, at, storage.called)
        return as_declared(table, frame, at)

    return rows(came), rows(gone)


def files(folder: str, version: int) -> set[str] | None:
    """The files that are the rows of a Delta table at a version; None where they are not, or that version is gone."""
    from deltalake.exceptions import DeltaError

    try:
        found = files_at(folder, version, RETYPED)
    except DeltaError:
        return None
    return None if found is None else {uri.removeprefix("file://") for uri in found}


def size(of: Sequence[str] | set[str]) -> int:
    """Bytes of files."""
    return sum(Path(file).stat().st_size for file in of)


def is_as_before(
    storage: Storage, table: Table, columns: Sequence[str], before: Snapshot | None, now: Snapshot | None
) -> bool:
    """Whether some columns of `table` held the same values in two of its versions, in whatever order of rows.

    False where the earlier cannot be read any more.
    """
    if before is None or now is None:
        return before is now
    if before.is_same(now):
        return True
    if not before.is_same_table(now) or not storage.holds(table, before):
        return False
    try:
        was = content(storage.read(table, before.version), columns)
    except Exception:  # its files are gone, as a VACUUM leaves it; each engine says so in its own way
        return False
    return was == content(storage.read(table, now.version), columns)


def content(frame: DataFrame, columns: Sequence[str]) -> tuple[object, ...]:
    """How many rows there are, and a number that changes when one of the `columns` does in any of them."""
    told = [F.coalesce(F.col(name).cast("string"), F.lit("\u0001")) for name in columns]
    hashed = frame.select(F.xxhash64(*told).alias("hash"))
    return tuple(collect_rows(hashed.agg(F.count(F.lit(1)), hash_sum("hash")), "what a table holds")[0])
