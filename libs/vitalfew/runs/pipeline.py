"""Run jobs at a place, in the order of what they need; what of their tables readers may see."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import confidential, suite
from vitalfew.config import loading
from vitalfew.engines.failures import unexpected
from vitalfew.errors import AnalysisError, VitalFewError
from vitalfew.job import Job
from vitalfew.runs import locks, manifest, rollback
from vitalfew.runs.run import Run
from vitalfew.runs.run_log import Ledger
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot, Versions
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS

State = Literal["published", "unchanged", "skipped", "failed", "blocked"]


@dataclass(frozen=True)
class Outcome:
    """How one job of a run ended."""

    job: str
    state: State
    seconds: float = 0.0
    message: str = ""
    rows_out: dict[str, int] = field(default_factory=dict)
    as_of: date | None = None
    error: VitalFewError | None = None
    rows_quarantined: int = 0


@dataclass
class Runner:
    """Runs jobs at one place, in the order of what they need."""

    storage: Storage
    config: loading.Config
    as_of: date | None = None
    force: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None)
    began: Callable[[str], None] = lambda _: None
    ended: Callable[[Outcome], None] = lambda _: None
    take_over: bool = False
    """Whether a run elsewhere that has not ended is dead, on the word of the user."""
    reread: tuple[str, ...] = ()
    """Sources of which all files are to be read again."""

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.storage)

    def run(self, jobs: Sequence[Job], lenient: bool = False) -> list[Outcome]:
        """The outcome of every job; `lenient` skips, by name, a job whose input tables are not there."""
        outcomes: dict[str, Outcome] = {}
        for job in suite.ordered(jobs):
            stopped = [
                name for name in suite.needs(job) if name in outcomes and outcomes[name].state in ("failed", "blocked")
            ]
            if stopped:
                outcome = Outcome(job.name, "blocked", message=f"not run: {', '.join(stopped)} did not finish")
            else:
                self.began(job.name)
                outcome = self.attempt(job, lenient)
            outcomes[job.name] = outcome
            self.ended(outcome)
        return list(outcomes.values())

    def attempt(self, job: Job, lenient: bool) -> Outcome:
        """One job; whatever goes wrong is told in the outcome and in `runs`, and nothing staged is left."""
        started, clock = self.now(), time.monotonic()
        run = Run(self, job, started, secrets.token_hex(8))
        try:
            if lenient and (absent := self.absent(job)):
                return Outcome(job.name, "skipped", message=absent)
            notes = [*self.config.overrides.get(job.name, []), *rollback.others(self, job), *manifest.renew(self)]
            with locks.under_way(run.run_id), confidential.about(*[read.table for read in job.reads.values()]):
                rows = run.execute()
        except Exception as error:
            known = unexpected(error)
            known.args = (self.config.redact(str(known)),)
            message = str(known) + self.config.redact(run.fail(known))
            return Outcome(job.name, "failed", time.monotonic() - clock, message, as_of=run.as_of, error=known)
        finally:
            self.storage.release()
        seconds = time.monotonic() - clock
        if rows is None:
            told = "; ".join(["nothing has changed since it was published", *notes])
            return Outcome(job.name, "unchanged", seconds, told, {}, run.as_of)
        refused = run.account.rows_quarantined if run.account else 0
        told = "; ".join(dict.fromkeys(notes + run.notes))
        return Outcome(job.name, "published", seconds, told, rows, run.as_of, rows_quarantined=refused)

    def absent(self, job: Job) -> str | None:
        """Which input is not there, in words; None if all are."""
        if job.transform is None:
            return None if self.config.place.files else "the place names no files"
        needed = [read.table for read in job.reads.values() if not read.optional]
        if job.is_dated and self.as_of is None:
            needed.append(ORDERS)  # the latest day is that of the last order
        missing = dict.fromkeys(table.name for table in needed if not self.storage.exists(table))
        return f"there is no table {', '.join(missing)}" if missing else None

    def unfinished(self, table: Table) -> Versions | None:
        """The tables before the run that writes `table` now, or was stopped; None where there is no such run."""
        owner = suite.JOBS["ingest"] if table.name in self.config.place.files else suite.owner(table)
        return self.ledger.unfinished(owner.name) if owner else None

    def published(self, table: Table) -> Snapshot | None:
        """The state of `table` that readers may see; None where there is none, or the engine cannot tell."""
        before = self.unfinished(table)
        if before is not None and table.name in before:
            return before[table.name]
        return self.storage.snapshot(table)

    def read(self, table: Table, originals: bool = False) -> DataFrame:
        """What is published of `table`: nothing, while its first run has begun to write and not ended."""
        before = self.unfinished(table)
        if before is not None and before.get(table.name, 0) is None:
            return self.storage.empty(table)
        published = self.published(table)
        return self.storage.read(table, published.version if published else None, originals)

    def day(self) -> date:
        """The day of observation: as asked for, or the day after the last order."""
        if self.as_of is None:
            last = self.read(ORDERS).agg(F.max("ordered_on").alias("last")).collect()[0]["last"]
            if last is None:
                raise AnalysisError("There are no orders, so there is no latest day; load order_lines, or set --as-of.")
            if last == date.max:
                raise AnalysisError(
                    f"The last order is on {last}, and no day comes after it; correct it, or set --as-of."
                )
            self.as_of = last + timedelta(days=1)
        return self.as_of
