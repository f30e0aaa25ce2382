"""The files and the log of one table: what there is of them, small files put together, old ones removed.

No row changes. Rows that are written into other files are a commit that says so (`dataChange` is false), and no job
takes it for new data (`Snapshot.rows_since`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException

from vitalfew.engines.failures import explained
from vitalfew.errors import TableError
from vitalfew.storage import delta_log, time_slices
from vitalfew.storage.delta import Storage
from vitalfew.storage.purging import VERSIONED, begin_log, few_listings, set_for_now
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import Table

MB = 2**20
SIZES = ("spark.databricks.delta.optimize.maxFileSize", "spark.databricks.delta.optimize.minFileSize")
TRIES = 3
HOUR = 3600.0


@dataclass(frozen=True)
class Rules:
    """When files are put together, and how long replaced ones stay."""

    target_bytes: int
    least_files: int
    retention_hours: int
    least_commits: int


@dataclass
class Kept:
    """What was done to a table, or would be; a number is None where the engine does not tell it before."""

    table: str
    files: int = 0
    files_after: int | None = None
    removed: int | None = None
    removed_bytes: int | None = None
    log_files: int | None = None
    log_files_after: int | None = None
    note: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether nothing was done, and there is nothing to tell."""
        same = (self.files_after in (None, self.files)) and self.log_files_after in (None, self.log_files)
        return same and not self.removed and not self.note


def keep_up(storage: Storage, table: Table, rules: Rules, needed: Collection[Snapshot], is_dry: bool) -> Kept:
    """Put small files of `table` together, remove replaced ones, write a checkpoint, and shorten the log.

    `needed`: states that stay readable however old they are. TableError where it fails; the table is whole then too.
    """
    try:
        if storage.engine.name == "sail":
            return by_library(storage, table, rules, needed, is_dry)
        return by_sql(storage, table, rules, needed, is_dry)
    except TableError:
        raise
    except Exception as error:  # each library says it in its own way
        at = storage.target.location(table.name)
        told = explained(error) if isinstance(error, PySparkException) else f"{type(error).__name__}: {error}"
        raise TableError(f"The files of {table.name} at {at.at} could not be looked after: {told}") from error


def by_library(storage: Storage, table: Table, rules: Rules, needed: Collection[Snapshot], is_dry: bool) -> Kept:
    """With the `deltalake` package, as the embedded engine has no word for it."""
    from deltalake import DeltaTable

    at = storage.target.location(table.name)
    folder = storage.local_folder(at)
    where = str(folder or storage.where(at) or at.at)
    log = folder / "_delta_log" if folder else None
    now = DeltaTable(where)
    done = Kept(table.name, files=sum(1 for _ in now.file_uris()), log_files=count(log) if log else None)
    slices = crowded(now, rules)
    done.files_after = done.files - sum(saved for _, saved in slices)
    versions = readable(where, now, needed)
    old = stale(now, rules, versions)
    done.removed, done.removed_bytes = len(old), size(folder, old) if folder else None
    if log is not None:
        done.log_files_after = count(log, beginning(log, rules, versions)) + needs_checkpoint(log, rules)
    if is_dry or done.is_idle:
        return done
    try:
        for filters, _ in slices:
            done.note = done.note or compacted(where, filters, rules)
        now = DeltaTable(where)
        done.files_after = sum(1 for _ in now.file_uris())
        if old:
            stale(now, rules, versions, is_dry=False)
        if log is None and (slices or old):
            now.create_checkpoint()
            now.cleanup_metadata()
        elif log is not None:
            if needs_checkpoint(log, rules):
                DeltaTable(where).create_checkpoint()
            begin_log(log, beginning(log, rules, versions))
            done.log_files_after = count(log)
    finally:
        storage.close_files(table)
    return done


def crowded(now: Any, rules: Rules) -> list[tuple[list[tuple[str, str, str]] | None, int]]:
    """The slices with many small files, as filters (None: the table), with how many fewer files they will have, about.

    Files of a table that is partitioned otherwise are put together as the library sees fit.
    """
    import pyarrow as pa

    name = time_slices.column_of(now.metadata().partition_columns)
    small: dict[str | None, list[int]] = {}
    for file in pa.table(now.get_add_actions(flatten=True)).to_pylist():
        if file["size_bytes"] < rules.target_bytes:
            small.setdefault(file[f"partition.{name}"] if name else None, []).append(file["size_bytes"])
    found: list[tuple[list[tuple[str, str, str]] | None, int]] = []
    for value, sizes in sorted(small.items(), key=lambda one: str(one[0])):
        saved = len(sizes) - max(1, -(-sum(sizes) // rules.target_bytes))
        if len(sizes) >= rules.least_files and saved > 0 and not (name and value is None):
            found.append(([(name, "=", str(value))] if name else None, saved))
    return found


def compacted(where: str, filters: list[tuple[str, str, str]] | None, rules: Rules) -> str:
    """Put small files together; what is said where another writer came first each time, else nothing."""
    from deltalake import DeltaTable
    from deltalake.exceptions import CommitFailedError

    for left in reversed(range(TRIES)):
        try:
            DeltaTable(where).optimize.compact(partition_filters=filters, target_size=rules.target_bytes)
        except CommitFailedError as error:
            if not left:
                return f"another writer came first {TRIES} times, so small files stay until the next time ({error})"
        else:
            break
    return ""


def readable(where: str, now: Any, needed: Collection[Snapshot]) -> list[int]:
    """The versions among `needed` that the table still has."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    current, found = Snapshot(int(now.version()), str(now.metadata().id)), []
    for version in sorted({one.version for one in needed if one.is_same_table(current)}):
        if version < current.version:
            try:
                DeltaTable(where, version=version)
            except DeltaError:
                continue
            found.append(version)
    return found


def stale(now: Any, rules: Rules, versions: Sequence[int], is_dry: bool = True) -> list[str]:
    """The files that no version of the time of retention needs, nor one of `versions`; removed, unless `is_dry`.

    Files that no commit ever named, as a killed run leaves them, are among them.
    """
    return list(
        now.vacuum(
            retention_hours=rules.retention_hours,
            enforce_retention_duration=False,  # else it refuses whatever is shorter than a week
            dry_run=is_dry,
            full=True,
            keep_versions=list(versions) or None,
        )
    )


def size(folder: Path, names: Sequence[str]) -> int:
    """Bytes of files below a folder, of those that are there."""
    return sum(path.stat().st_size for name in names if (path := folder / name).is_file())


def beginning(log: Path, rules: Rules, versions: Sequence[int]) -> int:
    """The version with which a log may begin: the last with a checkpoint before all that may still be read.

    These are the commits of the time of retention, `versions`, and the last commit that changed a row: by that one,
    jobs see that what they have read is as it was.
    """
    newest = delta_log.newest_commit(log)
    if newest is None:
        return 0
    ends = time.time() - rules.retention_hours * HOUR
    older = [number for number, path in commits(log) if path.stat().st_mtime < ends]
    first = min([newest, max(older, default=0), delta_log.rows_since(log, newest), *versions])
    return max((number for number in checkpoints(log) if number <= first), default=0)


def needs_checkpoint(log: Path, rules: Rules) -> bool:
    return since_checkpoint(log) >= rules.least_commits


def commits(log: Path) -> list[tuple[int, Path]]:
    """The commits of a log by their numbers."""
    return sorted((int(path.stem), path) for path in log.glob("*.json") if VERSIONED.match(path.name))


def checkpoints(log: Path) -> list[int]:
    """The versions of which a log has checkpoints in one file."""
    return sorted(int(match[1]) for path in log.glob("*.checkpoint.parquet") if (match := VERSIONED.match(path.name)))


def since_checkpoint(log: Path) -> int:
    """How many commits a reader goes through after the last checkpoint."""
    last = max((path.name[:20] for path in log.glob("*.checkpoint*.parquet")), default="")
    return sum(1 for path in log.glob("*.json") if path.name[:20] > last)


def count(log: Path, since: int = 0) -> int:
    """How many files a log has from a version on."""
    found = (VERSIONED.match(path.name) for path in log.iterdir())
    return sum(1 for match in found if match and int(match[1]) >= since)


def by_sql(storage: Storage, table: Table, rules: Rules, needed: Collection[Snapshot], is_dry: bool) -> Kept:
    """By Spark, which keeps checkpoints and logs itself: OPTIMIZE, then VACUUM.

    A VACUUM knows of no version that is to stay: it waits where one that is needed is older than the retention.
    """
    spark, at = storage.spark, storage.target.location(table.name)
    done = Kept(table.name, files=int(spark.sql(f"DESCRIBE DETAIL {at.sql}").collect()[0]["numFiles"]))
    history = (
        spark.sql(f"DESCRIBE HISTORY {at.sql}")
        .select("version")
        .where(f"timestamp < current_timestamp() - interval {rules.retention_hours} hours")
    )
    oldest = history.agg({"version": "max"}).collect()[0][0]
    waits = oldest is not None and any(one.version < int(oldest) for one in needed)
    if waits:
        done.note = "old files stay, as a stopped run is still to be rolled back"
    if is_dry:
        return done
    sizes = {key: str(rules.target_bytes) for key in SIZES if spark.conf.isModifiable(key)}
    with set_for_now(spark, {**sizes, **few_listings(spark)}):
        if done.files >= rules.least_files:
            spark.sql(f"OPTIMIZE {at.sql}").collect()
        if not waits:
            spark.sql(f"VACUUM {at.sql} RETAIN {rules.retention_hours} HOURS").collect()
    storage.close_files(table)
    done.files_after = int(spark.sql(f"DESCRIBE DETAIL {at.sql}").collect()[0]["numFiles"])
    return done


def totals(found: Collection[Kept]) -> dict[str, int]:
    """What all tables come to."""
    sums: Counter[str] = Counter()
    for one in found:
        sums["files"] += one.files
        sums["files after"] += one.files if one.files_after is None else one.files_after
        sums["files removed"] += one.removed or 0
        sums["MB removed"] += (one.removed_bytes or 0) // MB
    return dict(sums)
