"""The procedure `expire`: slices of results, and refused rows, that are older than `retention` of the target says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.retention import kept
from vitalfew.errors import ConfigError
from vitalfew.procedures.context import Context, Performed, Plan
from vitalfew.storage import purging
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, QUARANTINE


def planned(context: Context) -> Plan:
    """ConfigError where the target says nothing of it."""
    if not context.storage.target.retention:
        raise ConfigError("Nothing expires: set `retention` in the target's file, such as `retention: {rfm: 400}`.")
    return Plan(lambda: performed(context.storage, context.now))


def performed(storage: Storage, now: datetime) -> Performed:
    """Rows removed, by table; of a table from which none was, nothing is said or done."""
    rows = {}
    for table, days in kept_for(storage):
        removed = refused_rows(storage, now, days) if table == QUARANTINE else slices(storage, table, days)
        if removed:
            rows[table.name] = removed
            purging.vacuum(storage, table)
    return Performed(rows, notes=() if rows else ("nothing is older than it is kept",))


def expected(storage: Storage, now: datetime) -> dict[str, int]:
    """By table, the rows that would be removed."""
    found = {}
    for table, days in kept_for(storage):
        is_refused = table == QUARANTINE
        old = old_files(storage, now, days)[1] if is_refused else sum(old_slices(storage, table, days).values())
        if old:
            found[table.name] = old
    return found


def kept_for(storage: Storage) -> list[tuple[Table, int]]:
    """The tables that are there and named in `retention`, and for how many days each is kept."""
    named = [(TABLES[name], days) for name, days in storage.target.retention.items()]
    return [(table, days) for table, days in named if storage.exists(table)]


def slices(storage: Storage, table: Table, days: int) -> int:
    """The rows of slices more than `days` before the newest, removed."""
    old = old_slices(storage, table, days)
    if old:
        storage.clear(table, f"as_of <= DATE'{max(old)}'")
    return sum(old.values())


def old_slices(storage: Storage, table: Table, days: int) -> dict[date, int]:
    """By day, the rows of slices more than `days` before the newest."""
    counted = storage.read(table).groupBy("as_of").agg(F.count(F.lit(1)).alias("rows"))
    found = {row["as_of"]: row["rows"] for row in collect_rows(counted, "slices")}
    stay = {*kept(found, days)}
    return {day: rows for day, rows in found.items() if day not in stay}


def refused_rows(storage: Storage, now: datetime, days: int) -> int:
    """The refused rows of files that were ingested more than `days` ago, removed."""
    files, old = old_files(storage, now, days)
    if files is not None and old:
        storage.delete(QUARANTINE, files, "digest")
    return old


def old_files(storage: Storage, now: datetime, days: int) -> tuple[DataFrame | None, int]:
    """The files that were ingested more than `days` ago, by digest, and how many refused rows are of them."""
    if not storage.exists(FILES):
        return None, 0
    since = F.lit((now - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")).cast("timestamp")
    files = storage.stage(storage.read(FILES).where(F.col("ingested_at") < since).select("digest").distinct())
    return files, storage.read(QUARANTINE).join(files, on="digest", how="left_semi").count()
