"""The end of a table's history: its old files, and its log before the newest version, are removed for good."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from vitalfew.engines.failures import explained
from vitalfew.errors import TableError
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table

VERSIONED = re.compile(r"^\.?(\d{20})\.")
MARK = "vitalfew.historyEndsBefore"
"""A property whose change is a commit that tells of no row, so that the log can begin with it."""
UNCHECKED = "spark.databricks.delta.retentionDurationCheck.enabled"
LISTING = "spark.sql.sources.parallelPartitionDiscovery.parallelism"
FEW = "32"
"""Tasks that list a table's folders; a VACUUM starts 10,000 of them by default, minutes for the smallest table."""
DEFAULT_LOG = "interval 30 days"


def purge(storage: Storage, table: Table) -> str | None:
    """Remove all that `table` no longer has; None where all is gone at once, else what stays, and how long.

    TableError where the engine cannot. Nothing else may write the table meanwhile.
    """
    at = storage.target.location(table.name)
    try:
        folder = storage.local_folder(at)
        if storage.engine.name == "sail":
            return purged_by_library(str(folder or storage.where(at) or at.at))
        vacuum_by_sql(storage, at.sql)
        return checkpoint_by_sql(storage, at.sql, folder / "_delta_log") if folder else log_by_sql(storage, at.sql)
    except (PySparkException, OSError) as error:
        raise TableError(f"The history of {table.name} at {at.at} could not be removed: {explained(error)}") from error


def vacuum(storage: Storage, table: Table) -> None:
    """Remove files that no version of the last week needs: readers of what was published since are not disturbed."""
    at = storage.target.location(table.name)
    if storage.engine.name != "sail":
        try:
            with set_for_now(storage.spark, few_listings(storage.spark)):
                storage.spark.sql(f"VACUUM {at.sql}").collect()
        except PySparkException as error:
            raise TableError(
                f"Old files of {table.name} at {at.at} could not be removed: {explained(error)}"
            ) from error
        return
    from deltalake import DeltaTable

    DeltaTable(storage.where(at) or at.at).vacuum(dry_run=False)


def purged_by_library(where: str) -> str | None:
    """By the `deltalake` package, for the embedded engine, which has no word for it."""
    from deltalake import DeltaTable

    table = DeltaTable(where)
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    table = DeltaTable(where)
    table.alter.set_table_properties({MARK: str(table.version() + 1)}, raise_if_not_exists=False)
    table = DeltaTable(where)
    table.create_checkpoint()
    log = Path(where) / "_delta_log"
    if not log.is_dir():
        return "old entries of its log, until delta.logRetentionDuration is over"
    begin_log(log, table.version())
    return None


def vacuum_by_sql(storage: Storage, name: str) -> None:
    """Rewrite files with deletion vectors, and remove what no version but the newest needs."""
    spark = storage.spark
    with set_for_now(spark, {UNCHECKED: "false", **few_listings(spark)}):
        spark.sql(f"REORG TABLE {name} APPLY (PURGE)").collect()
        spark.sql(f"VACUUM {name} RETAIN 0 HOURS").collect()


def few_listings(spark: SparkSession) -> dict[str, str]:
    """Nothing on platforms that refuse the option."""
    return {LISTING: FEW} if spark.conf.isModifiable(LISTING) else {}


@contextmanager
def set_for_now(spark: SparkSession, options: Mapping[str, str]) -> Iterator[None]:
    """Options of a session until the block ends."""
    before = {key: spark.conf.get(key, None) for key in options}
    for key, value in options.items():
        spark.conf.set(key, value)
    try:
        yield
    finally:
        for key, was in before.items():
            if was is None:
                spark.conf.unset(key)
            else:
                spark.conf.set(key, was)


def checkpoint_by_sql(storage: Storage, name: str, log: Path) -> str | None:
    """A commit that tells of no row, with a checkpoint, before which the log is removed."""
    spark = storage.spark
    spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('delta.checkpointInterval' = '1')").collect()
    spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('{MARK}' = 'now')").collect()
    spark.sql(f"ALTER TABLE {name} UNSET TBLPROPERTIES ('delta.checkpointInterval')").collect()
    found = [path.name for path in log.glob("*.checkpoint*.parquet")]
    newest = max((int(match[1]) for name in found if (match := VERSIONED.match(name))), default=None)
    if newest is None:
        return "old entries of its log, as no checkpoint was written"
    begin_log(log, newest)
    return None


def log_by_sql(storage: Storage, name: str) -> str:
    """Where the log is no folder that this process sees, Delta cleans it by itself, after a while."""
    rows = storage.spark.sql(f"SHOW TBLPROPERTIES {name}").collect()
    kept = {row["key"]: row["value"] for row in rows}.get("delta.logRetentionDuration", DEFAULT_LOG)
    return f"old entries of its log, with least and greatest values, for {kept.removeprefix('interval ')}"


def begin_log(log: Path, version: int) -> None:
    """Remove from a log all that is older than its `version`, of which there is a checkpoint, the newest last."""
    old = [(int(match[1]), path) for path in log.iterdir() if (match := VERSIONED.match(path.name))]
    for number, path in sorted(old):
        if number < version:
            path.unlink()


def can_purge(storage: Storage) -> bool:
    """Whether what the engine itself cannot do can be done here."""
    return storage.engine.name != "sail" or find_spec("deltalake") is not None
