"""Run jobs: read, transform, check, write."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, cast
from zlib import crc32

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import __version__, config, quality, suite
from vitalfew.algorithms import driver
from vitalfew.engine import first_line
from vitalfew.errors import AnalysisError, EngineError, InternalError, QualityError, TableError, VitalFewError
from vitalfew.ingest.load import ingest
from vitalfew.ingest.settings import FileSource, IngestParams
from vitalfew.ledger import FAILED, PUBLISHED, STARTED, Ledger, Versions, as_json
from vitalfew.quality import Reconciliation
from vitalfew.storage import Storage
from vitalfew.suite import Job, Read
from vitalfew.tables import Everything, Slices, Table, Upsert
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.logs import QUARANTINE

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


@dataclass(frozen=True)
class Checked:
    """A change that kept its table's contract, ready to be written."""

    table: Table
    rows: int
    write: Callable[[], None] | None


@dataclass
class Runner:
    """Runs jobs at one place, in the order of what they need."""

    storage: Storage
    config: config.Config
    as_of: date | None = None
    force: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None)
    began: Callable[[str], None] = lambda _: None
    ended: Callable[[Outcome], None] = lambda _: None

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
            rows = run.execute()
        except Exception as error:
            known = unexpected(error)
            message = self.config.redact(str(known))
            known.args = (message,)
            message += self.config.redact(run.fail(message))
            return Outcome(job.name, "failed", time.monotonic() - clock, message, as_of=run.as_of, error=known)
        finally:
            self.storage.release()
        seconds = time.monotonic() - clock
        if rows is None:
            return Outcome(job.name, "unchanged", seconds, "nothing has changed since it was published", {}, run.as_of)
        refused = run.account.rows_quarantined if run.account else 0
        return Outcome(job.name, "published", seconds, run.note, rows, run.as_of, rows_quarantined=refused)

    def absent(self, job: Job) -> str | None:
        """Which input is not there, in words; None if all are."""
        if job.transform is None:
            return None if self.config.place.files else "the place names no files"
        needed = [read.table for read in job.reads if not read.optional]
        if job.is_dated and self.as_of is None:
            needed.append(ORDERS)  # the latest day is that of the last order
        missing = dict.fromkeys(table.name for table in needed if not self.storage.exists(table))
        return f"there is no table {', '.join(missing)}" if missing else None

    def published_version(self, table: Table) -> int | None:
        """The version of `table` that readers may see; None where there is none, or the engine cannot tell."""
        owner = suite.owner(table)
        before = self.ledger.unfinished(owner.name) if owner else None
        if before is not None and table.name in before:
            return before[table.name]
        return self.storage.version(table)

    def read(self, table: Table, originals: bool = False) -> DataFrame:
        """What is published of `table`: nothing, while its first run has begun to write and not ended."""
        owner = suite.owner(table)
        before = self.ledger.unfinished(owner.name) if owner else None
        if before is not None and before.get(table.name, 0) is None:
            return self.storage.empty(table)
        return self.storage.read(table, self.published_version(table), originals)

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


class Run:
    """One run of one job."""

    def __init__(self, runner: Runner, job: Job, started: datetime, run_id: str) -> None:
        self.runner, self.job, self.started, self.run_id = runner, job, started, run_id
        self.storage, self.ledger = runner.storage, runner.ledger
        self.params = runner.config.params[job.name]
        self.as_of: date | None = None
        self.inputs: Versions = {}
        self.before: Versions = {}
        self.account: Reconciliation | None = None
        self.note = ""
        self.clock = time.monotonic()

    def execute(self) -> dict[str, int] | None:
        """Rows written by table; None where a finished run need not be repeated."""
        self.undo_unfinished()
        if self.job.transform is None:
            return self.ingest()
        self.as_of = self.runner.day() if self.job.is_dated else None
        self.inputs = {
            read.table.name: self.runner.published_version(read.table)
            for read in self.job.reads
            if not self.is_own(read)
        }
        done = self.ledger.is_done(self.job.name, self.as_of, self.hash, self.needed_inputs())
        if done and self.is_whole() and not (self.runner.force or self.job.on_request):
            return None
        frames, refused = self.read_all()
        changes = self.job.transform(*frames, params=self.params, as_of=self.as_of, stage=self.storage.stage)
        checked = [self.check(change, table) for change, table in zip(changes, self.job.writes, strict=True)]
        self.begin()
        for change in checked:
            if change.write:
                change.write()
        self.quarantine(refused)
        rows = {change.table.name: change.rows for change in checked}
        self.publish(rows)
        return rows

    def ingest(self) -> dict[str, int]:
        """The job that has no tables to read: files to source tables, each file once."""
        if absent := self.runner.absent(self.job):
            raise TableError(f"ingest: {absent}: set `files` in the place's file.")
        files = self.runner.config.place.files
        self.inputs = {f"files.{name}": settings_version(source) for name, source in files.items()}
        self.note = self.remapped()
        self.account = ingest(self.storage, files, cast(IngestParams, self.params), self.started)
        rows = {"rows used": self.account.rows_used}
        if self.account.rows_duplicate:
            rows["rows duplicate"] = self.account.rows_duplicate
        self.publish(rows)
        return rows

    def remapped(self) -> str:
        """A sentence about files whose settings are no longer those by which earlier ones were taken; else nothing."""
        before = self.ledger.published_inputs(self.job.name)
        changed = [name for name, found in self.inputs.items() if before.get(name, found) != found]
        if not changed:
            return ""
        return (
            f"{', '.join(changed)} changed in the place's file: that is for new files, those taken before stay as read"
        )

    def undo_unfinished(self) -> None:
        """Bring back what stood before a run of this job that was stopped while it wrote."""
        for name, version in (self.ledger.unfinished(self.job.name) or {}).items():
            table = next((t for t in self.job.writes if t.name == name), None)
            if table is not None:
                self.storage.restore(table, version)

    def is_whole(self) -> bool:
        """Whether all tables of this job are there: one that was taken away must be made again."""
        return all(self.storage.exists(table) for table in self.job.writes)

    def is_own(self, read: Read) -> bool:
        return read.table in self.job.writes

    def needed_inputs(self) -> Versions:
        """Versions of the inputs that are there; an optional table that is absent has none and does not count."""
        if self.job.transform is None:
            return self.inputs
        return {
            read.table.name: self.inputs[read.table.name]
            for read in self.job.reads
            if read.table.name in self.inputs
            and not (read.optional and self.inputs[read.table.name] is None and not self.storage.exists(read.table))
        }

    def read_all(self) -> tuple[list[DataFrame], list[DataFrame]]:
        """The inputs in the order of `reads`, and what was refused of the sources among them."""
        frames, refused = [], []
        for read in self.job.reads:
            frame = self.read_one(read)
            if read.table.kind == "source" and self.storage.exists(read.table):
                frame, bad, account = quality.door(frame, read.table, self.job.name, self.storage.stage)
                self.account = self.account or account
                if bad is not None:
                    refused.append(bad)
            frames.append(self.known(frame, read.table))
        return frames, refused

    def known(self, frame: DataFrame, table: Table) -> DataFrame:
        """The rows that were there on the day of observation: what a dated job may know, whatever it does with it."""
        if not self.job.is_dated or table.happened is None:
            return frame
        return frame.where(F.col(table.happened).cast("date") < F.lit(self.as_of))  # times do not reach all days

    def read_one(self, read: Read) -> DataFrame:
        if read.optional and not self.storage.exists(read.table):
            return self.storage.empty(read.table)
        if self.is_own(read) and read.table.slice is None and not self.is_whole():
            return self.storage.empty(read.table)  # what is left of them is no ground to build on
        frame = self.runner.read(read.table, originals=True)
        if read.table.slice is None:
            return frame
        if read.part == "same":
            return frame.where(F.col("as_of") == F.lit(self.as_of))
        last = frame.where(F.col("as_of") < F.lit(self.as_of)).agg(F.max("as_of").alias("last")).collect()[0]["last"]
        return frame.where(F.col("as_of") == F.lit(last))

    def check(self, change: Any, table: Table) -> Checked:
        """`change` held to the contract of `table`, and how to write it."""
        frame = change.frame if isinstance(change, Everything | Slices | Upsert) else change
        typed, rows = quality.conform(frame, table, self.as_of, self.storage.stage)
        if isinstance(change, Everything):
            return Checked(table, rows, lambda: self.storage.replace(table, typed))
        if isinstance(change, Slices):
            return self.check_slices(change, typed, rows, table)
        if isinstance(change, Upsert):
            removed = None if change.removed is None else self.storage.stage(change.removed)
            if not rows and (removed is None or removed.isEmpty()):
                return Checked(table, 0, None)
            return Checked(table, rows, lambda: self.storage.merge(table, typed, removed=removed))
        where = f"as_of = DATE'{self.as_of}'"
        return Checked(table, rows, lambda: self.storage.replace(table, typed, where))

    def check_slices(self, change: Slices, typed: DataFrame, rows: int, table: Table) -> Checked:
        if not change.values:
            return Checked(table, 0, None)
        outside = typed.where(~F.col(change.column).isin(list(change.values))).limit(1)
        if driver.rows(outside, "rows outside the slices"):
            raise QualityError(f"{table.name} was not written: rows lie outside the slices of {change.column}.")
        days = ", ".join(f"DATE'{value}'" for value in change.values)
        return Checked(table, rows, lambda: self.storage.replace(table, typed, f"{change.column} IN ({days})"))

    def begin(self) -> None:
        """Say that writing begins, and what stood before: a reader, or the next run, will need it if we are killed."""
        self.before = {table.name: self.storage.version(table) for table in self.job.writes}
        self.record(STARTED, {}, None)

    def quarantine(self, refused: Iterable[DataFrame]) -> None:
        """Keep the refused rows of this job's sources, in place of those of its run before."""
        frames = list(refused)
        had = self.storage.exists(QUARANTINE)
        for frame in frames:
            had = True
            source = frame.select("source").limit(1).collect()[0]["source"]
            self.storage.replace(QUARANTINE, frame, f"source = '{source}' AND job = '{self.job.name}'")
        if not frames and had and any(read.table.kind == "source" for read in self.job.reads):
            self.storage.clear(QUARANTINE, f"job = '{self.job.name}'")

    def publish(self, rows: dict[str, int]) -> None:
        self.before = {table.name: self.storage.version(table) for table in self.job.writes}
        self.record(PUBLISHED, rows, None)

    def fail(self, message: str) -> str:
        """Say in `runs` that it failed; where even that cannot be written, the words to add to `message`."""
        try:
            if not self.before:
                self.before = self.ledger.unfinished(self.job.name) or {}
            self.record(FAILED, {}, message)
        except Exception as error:
            return f" Nor could the table runs be written, to say so: {first_line(error)}"
        return ""

    @property
    def hash(self) -> str:
        return config.fingerprint(self.job, self.params, self.runner.config.place)

    def record(self, outcome: str, rows: dict[str, int], error: str | None) -> None:
        redact = self.runner.config.redact
        self.ledger.record(
            {
                "run_id": self.run_id,
                "job": self.job.name,
                "as_of": self.as_of,
                "outcome": outcome,
                "started_at": self.started,
                "seconds": time.monotonic() - self.clock,
                "config_hash": self.hash,
                "config": redact(self.params.model_dump_json()),
                "engine": self.storage.engine.version,
                "version": __version__,
                "inputs": as_json(self.needed_inputs() if self.inputs else {}),
                "outputs": as_json(self.before),
                "rows_out": as_json(rows),
                "error": error,
                **(asdict(self.account) if self.account else {}),
            }
        )


def settings_version(source: FileSource) -> int:
    """A number that is another when files are to be read in another way; where they are does not matter."""
    return crc32(source.model_dump_json(exclude={"at"}).encode())


UNKNOWN = "If a file or a table was moved or damaged, restore it; else it is our fault, and --debug shows where."
ADVICE = {
    "(physical) to 'Timestamp": (
        "Spark wrote the times of this table as INT96, which the embedded engine cannot read where the column "
        "is NOT NULL: drop that constraint, rewrite the table with "
        "spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS, or use --engine spark."
    ),
    "Failed to allocate": (
        "The embedded engine came to the end of its part of the memory: use --engine spark, a machine with more, or, "
        "if nothing else needs the memory here, a higher limit in SAIL_RUNTIME__MEMORY_POOL__GREEDY__MAX_SIZE (bytes)."
    ),
    "Sent message larger than max": (
        "A result has more rows than fit into one message to the engine: ask for fewer, as by a higher min_support or "
        "min_confidence, or a lower max_length, or use --engine spark."
    ),
    "message larger than max": (
        "An answer of the engine did not fit into one message, as where values of a table are very long: shorten "
        "them in the place's mapping, as in left(category, 200), or leave them out; for files, see longest_value."
    ),
}


def unexpected(error: Exception) -> VitalFewError:
    """`error`, if it is one of ours; one that nobody foresaw, in one line; the trace is for --debug."""
    if isinstance(error, VitalFewError):
        return error
    wrapped: VitalFewError = InternalError(f"unexpected {type(error).__name__}: {first_line(error)}")
    if isinstance(error, PySparkException):
        why = first_line(error).rstrip(".")
        advice = next((advice for words, advice in ADVICE.items() if words in why), UNKNOWN)
        wrapped = EngineError(f"The engine could not finish: {why}. {advice}")
    wrapped.__cause__ = error
    return wrapped
