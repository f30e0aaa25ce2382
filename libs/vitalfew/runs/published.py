"""What readers may see of a target: the published state of each table, and the day of observation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import suite
from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import AnalysisError
from vitalfew.job import Procedure, Step
from vitalfew.runs.run_log import Ledger
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot, Versions
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS


@dataclass
class Published:
    """The tables of a target as readers may see them: what unfinished runs wrote is left out.

    `files`: the source tables that are filled from files. `as_of`: the day of observation, None for the latest.
    """

    storage: Storage
    files: Collection[str] = ()
    as_of: date | None = None
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    note: str = ""
    """What the user is to be told of the day, once."""
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.storage)

    def refresh(self) -> None:
        """Learn what other runs have published since."""
        self.ledger.refresh()

    def unfinished(self, table: Table) -> Versions | None:
        """The tables before the run that writes `table` now, or was stopped; None where there is no such run."""
        owner = suite.JOBS["ingest"] if table.name in self.files else suite.owner(table)
        return self.ledger.unfinished(owner.name) if owner else None

    def snapshot(self, table: Table) -> Snapshot | None:
        """The state of `table` that readers may see; None where there is none, or the engine cannot tell."""
        before, now = self.unfinished(table), self.storage.snapshot(table)
        if before is None or table.name not in before:
            return now
        then = before[table.name]
        return now if now is not None and now.is_same(then) else then  # the newer one keeps its files longer

    def read(self, table: Table, originals: bool = False) -> DataFrame:
        """What is published of `table`: nothing, while its first run has begun to write and not ended."""
        before = self.unfinished(table)
        if before is not None and before.get(table.name, 0) is None:
            return self.storage.empty(table)
        seen = self.snapshot(table)
        return self.storage.read(table, seen.version if seen else None, originals)

    def read_or_empty(self, table: Table) -> DataFrame:
        """What is published of `table`, or a frame of its columns without rows where it is not there."""
        return self.read(table) if self.storage.exists(table) else self.storage.empty(table)

    def absent(self, job: Step) -> str | None:
        """Which input of `job` is not there, in words; None if all are."""
        if isinstance(job, Procedure):
            return "the target names no files" if job.needs_files and not self.files else None
        needed = [read.table for read in job.reads.values() if not read.optional]
        if job.is_dated and self.as_of is None:
            needed.append(ORDERS)  # the latest day is that of the last order
        missing = dict.fromkeys(table.name for table in needed if not self.storage.exists(table))
        return f"there is no table {', '.join(missing)}" if missing else None

    def day(self) -> date:
        """The day of observation, once and for all: as asked for, or the day after the last order up to today."""
        if self.as_of is None:
            last, later = self.last_order()
            if last is None:
                raise AnalysisError("There are no orders, so there is no latest day; load order_lines, or set --as-of.")
            if last == date.max:
                raise AnalysisError(
                    f"The last order is on {last}, and no day comes after it; correct it, or set --as-of."
                )
            self.as_of = last + timedelta(days=1)
            if later is not None:
                self.note = (
                    f"the last order is of {later}, which is not yet: as of {self.as_of}, the day after the last one "
                    "up to today (to choose a day: --as-of)"
                )
        return self.as_of

    def last_order(self) -> tuple[date | None, date | None]:
        """The day of the last order up to `today`, and of the last of all where that is later.

        Tomorrow is up to today: it has begun somewhere. Where all orders are later, the clock is wrong, or the data:
        the last of all it is.
        """
        known = F.when(F.col("ordered_on") <= F.lit(self.today + timedelta(days=1)), F.col("ordered_on"))
        days = self.read(ORDERS).agg(F.max(known).alias("known"), F.max("ordered_on").alias("last"))
        row = collect_rows(days, "the last order")[0]
        is_later = row["known"] is not None and row["known"] != row["last"]
        return (row["known"], row["last"]) if is_later else (row["last"], None)
