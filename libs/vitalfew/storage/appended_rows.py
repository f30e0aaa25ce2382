"""The rows that were added to a table of the company between two versions, commit by commit, by the log of Delta.

Of an update or an overwrite these are all rows of the files that it wrote, those that did not change too. A compaction
writes the same rows into other files, and adds none. What was deleted meanwhile is read as long as its files are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame

from vitalfew.errors import TableError
from vitalfew.storage import delta_log, source_mapping, time_slices
from vitalfew.storage.delta import Storage, is_local
from vitalfew.storage.literal_paths import literal_path
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import Table

MAPPED = "delta.columnMapping.mode"
VECTORS = "delta.enableDeletionVectors"
UNLIKE_FILES = frozenset({"deletionVectors", "columnMapping", "typeWidening", "typeWidening-preview"})
"""Features of Delta with which the rows of a table are not simply those of its files."""


def are_its_files(storage: Storage, table: Table, version: int) -> bool:
    """Whether this process sees the files of `table`, and reading them is reading its rows."""
    at = storage.target.location(table.name)
    if not is_local(at):
        return False
    said = delta_log.newest_actions(Path(at.at) / "_delta_log", version, ("protocol", "metaData"))
    if len(said) < 2:
        return False
    settings = dict(said["metaData"].get("configuration") or {})
    features = {*(said["protocol"].get("readerFeatures") or ())}
    is_plain = settings.get(MAPPED, "none") == "none" and settings.get(VECTORS, "false") != "true"
    sliced_by = {*(said["metaData"].get("partitionColumns") or ())} - {*time_slices.LENGTHS}
    return is_plain and not features & UNLIKE_FILES and not sliced_by


def since(storage: Storage, table: Table, before: Snapshot, now: Snapshot) -> DataFrame | None:
    """The rows that came after `before` until `now`; None where none came.

    TableError where a commit or a file in between is gone: what came with it cannot be known. `are_its_files` holds.
    """
    at = storage.target.location(table.name)
    files = [file for v in range(before.version + 1, now.version + 1) for file in added(Path(at.at), v, table)]
    if absent := [file for file in files if not Path(file).exists()]:
        raise TableError(gone(table, f"its file {absent[0]} was removed (vacuum)"))
    if not files:
        return None
    found = storage.load(at, now.version).drop(*time_slices.LENGTHS)
    rows = found.sparkSession.read.schema(found.schema).parquet(*map(literal_path, files))
    return source_mapping.mapped(table, rows, storage.target.sources.get(table.name), at, storage.called)


def added(folder: Path, version: int, table: Table) -> Iterator[str]:
    """The files with rows that a commit added."""
    commit = folder / "_delta_log" / f"{version:020}.json"
    if not commit.exists():
        raise TableError(gone(table, f"version {version} of its log was removed"))
    for _, action in delta_log.in_commit(commit, ("add",)):
        if action.get("dataChange") is not False:
            yield path_of(action, folder)


def path_of(action: dict[str, Any], folder: Path) -> str:
    """The file of an action, whose path is below the folder of the table, or whole."""
    path = re.sub("^file:/+", "/", unquote(str(action["path"])))  # Spark writes file:/, others file:///
    return path if path.startswith("/") else str(folder / path)


def gone(table: Table, why: str) -> str:
    """What to do where rows that came cannot be known any more."""
    return (
        f"{table.name}: {why} before it was read, so what came with it is not known; nothing was skipped or written. "
        "To answer all that the table has now, which makes no offer twice: vitalfew run offers --set reread=true. Let "
        "vacuum keep more days than there are between two runs."
    )
