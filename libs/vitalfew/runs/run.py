"""One run of one job: read, transform, check, write; published, or without a trace."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import __version__
from vitalfew.config import loading
from vitalfew.config.files import FileSource
from vitalfew.engines.engine import first_line
from vitalfew.errors import BusyError, TableError, VitalFewError
from vitalfew.job import Job, Read
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.load import ingest
from vitalfew.runs import locks, processes
from vitalfew.runs.run_log import FAILED, PUBLISHED, STARTED, WITHDRAWN, Versions, as_json
from vitalfew.storage import contracts
from vitalfew.storage.contracts import Reconciliation
from vitalfew.storage.writing import checked
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE

if TYPE_CHECKING:
    from vitalfew.runs.pipeline import Runner


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
        self.has_claimed = False
        self.clock = time.monotonic()

    def execute(self) -> dict[str, int] | None:
        """Rows written by table; None where a finished run need not be repeated."""
        self.ledger.refresh()
        locks.refuse_beside(self.ledger.standing(self.job.name), self.started, self.runner.take_over)
        if self.job.transform is None:
            return self.ingest()
        self.as_of = self.runner.day() if self.job.is_dated else None
        self.inputs = {
            read.table.name: self.runner.published_version(read.table)
            for read in self.job.reads.values()
            if not self.is_own(read)
        }
        done = self.ledger.is_done(self.job.name, self.as_of, self.hash, self.needed_inputs())
        if done and self.is_whole() and not (self.runner.force or self.job.on_request):
            return None
        self.undo(self.claim())
        frames, refused = self.read_all()
        words = {"words": self.runner.config.place.words} if self.job.has_words else {}
        changes = self.job.transform(**frames, params=self.params, as_of=self.as_of, stage=self.storage.stage, **words)
        ready = [
            checked(change, table, self.storage, self.as_of)
            for change, table in zip(changes, self.job.writes, strict=True)
        ]
        self.hold()
        for change in ready:
            if change.write:
                change.write()
        self.quarantine(refused)
        rows = {change.table.name: change.rows for change in ready}
        self.publish(rows)
        return rows

    def ingest(self) -> dict[str, int]:
        """The job that has no tables to read: files to source tables, each file once."""
        if absent := self.runner.absent(self.job):
            raise TableError(f"ingest: {absent}: set `files` in the place's file.")
        files = self.runner.config.place.files
        self.inputs = {f"files.{name}": settings_version(source) for name, source in files.items()}
        self.note = self.remapped()
        self.claim()
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

    def claim(self) -> Versions:
        """Say that we run, and what stood before; gives back what a run before us has left to be undone.

        A reader, or the next run, will need it if we are killed. What was ingested is not undone but continued.
        """
        left = self.ledger.unfinished(self.job.name) or {}
        if self.job.transform is not None:
            self.before = {table.name: self.storage.version(table) for table in self.job.writes}
            self.before |= {name: version for name, version in left.items() if self.before.get(name) is not None}
        self.started = self.ledger.after_all(self.job.name, self.started)
        self.has_claimed = True
        locks.refuse_after(self.ledger.claim(self.row(STARTED, {}, None)))
        return left

    def hold(self) -> None:
        """BusyError where we were taken for dead meanwhile, and another run has begun."""
        locks.refuse_after(self.ledger.successor(self.job.name, self.run_id, locks.PATIENCE))

    def undo(self, left: Versions) -> None:
        """Bring back what stood before a run of this job that was stopped while it wrote."""
        for name, version in left.items():
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
            for read in self.job.reads.values()
            if read.table.name in self.inputs
            and not (read.optional and self.inputs[read.table.name] is None and not self.storage.exists(read.table))
        }

    def read_all(self) -> tuple[dict[str, DataFrame], list[DataFrame]]:
        """The inputs by their names in `reads`, and what was refused of the sources among them."""
        frames, refused = {}, []
        for name, read in self.job.reads.items():
            frame = self.read_one(read)
            if read.table.kind == "source" and self.storage.exists(read.table):
                frame, bad, account = contracts.door(frame, read.table, self.job.name, self.storage.stage)
                self.account = self.account or account
                if bad is not None:
                    refused.append(bad)
            frames[name] = self.known(frame, read.table)
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
        at = self.storage if self.is_own(read) else self.runner  # what we have claimed is as it was published
        frame = at.read(read.table, originals=True)
        if read.table.slice is None:
            return frame
        if read.part == "same":
            return frame.where(F.col("as_of") == F.lit(self.as_of))
        last = frame.where(F.col("as_of") < F.lit(self.as_of)).agg(F.max("as_of").alias("last")).collect()[0]["last"]
        return frame.where(F.col("as_of") == F.lit(last))

    def quarantine(self, refused: Iterable[DataFrame]) -> None:
        """Keep the refused rows of this job's sources, in place of those of its run before."""
        frames = list(refused)
        had = self.storage.exists(QUARANTINE)
        for frame in frames:
            had = True
            source = frame.select("source").limit(1).collect()[0]["source"]
            self.storage.replace(QUARANTINE, frame, f"source = '{source}' AND job = '{self.job.name}'")
        if not frames and had and any(read.table.kind == "source" for read in self.job.reads.values()):
            self.storage.clear(QUARANTINE, f"job = '{self.job.name}'")

    def publish(self, rows: dict[str, int]) -> None:
        self.before = {table.name: self.storage.version(table) for table in self.job.writes}
        self.ledger.record(self.row(PUBLISHED, rows, None))

    def fail(self, error: VitalFewError) -> str:
        """Say in `runs` that it failed; where even that cannot be written, the words to add to the message.

        A run that met another leaves no trace, unless it had claimed the job: that claim it withdraws.
        """
        is_beside = isinstance(error, BusyError)
        if is_beside and not self.has_claimed:
            return ""
        try:
            if not self.before:
                self.before = self.ledger.unfinished(self.job.name) or {}
            self.ledger.record(self.row(WITHDRAWN if is_beside else FAILED, {}, str(error)))
        except Exception as trouble:
            return f" Nor could the table runs be written, to say so: {first_line(trouble)}"
        return ""

    @property
    def hash(self) -> str:
        return loading.fingerprint(self.job, self.params, self.runner.config.place)

    def row(self, outcome: str, rows: dict[str, int], error: str | None) -> dict[str, Any]:
        """What `runs` keeps of the beginning or the end."""
        redact = self.runner.config.redact
        return {
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
            "process": processes.this().text,
            **(asdict(self.account) if self.account else {}),
        }


def settings_version(source: FileSource) -> int:
    """A number that is another when files are to be read in another way; where they are does not matter."""
    return crc32(source.model_dump_json(exclude={"at"}).encode())
