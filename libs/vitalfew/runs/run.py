"""One run of one job: read, transform, check, write; published, or without a trace."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import __version__, suite
from vitalfew.config import loading
from vitalfew.config.loading import Config
from vitalfew.domain.free_text import without_contacts
from vitalfew.engines.engine import first_line
from vitalfew.errors import BusyError, TableError, VitalFewError
from vitalfew.job import Changed, Job, Procedure, Read, Step
from vitalfew.params import Params
from vitalfew.procedures.context import Context
from vitalfew.procedures.forget.persons import Named
from vitalfew.procedures.performers import PERFORMERS
from vitalfew.runs import locks, manifest, since, upkeep_locks
from vitalfew.runs.previous import Previous, upstream
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import FAILED, PUBLISHED, STARTED, WITHDRAWN, Event, as_json
from vitalfew.storage import contracts, suppression, unmatched
from vitalfew.storage.contracts import Reconciliation, rounding_warning
from vitalfew.storage.snapshots import Versions, as_text
from vitalfew.storage.writing import checked
from vitalfew.tables import AsFitted, Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import CUSTOMERS, ORDER_LINES, PRODUCTS


@dataclass(frozen=True)
class Asked:
    """What the user asked of a run.

    Repeat what is finished, fit models again, take runs elsewhere for dead, read sources again, forget customers.
    """

    force: bool = False
    refit: bool = False
    force_unlock: bool = False
    reread: tuple[str, ...] = ()
    erase: Named = field(default_factory=Named)


class Run:
    """One run of one job."""

    def __init__(
        self, published: Published, config: Config, asked: Asked, job: Step, started: datetime, run_id: str
    ) -> None:
        self.published, self.config, self.asked = published, config, asked
        self.job, self.started, self.run_id = job, started, run_id
        self.storage, self.ledger = published.storage, published.ledger
        self.params = config.params[job.name]
        self.as_of: date | None = None
        self.inputs: Versions = {}
        self.before: Versions = {}
        self.account: Reconciliation | None = None
        self.notes: list[str] = []
        self.report = ""
        self.noticed: dict[str, int] = {}
        self.has_claimed = False
        self.is_writing = False
        self.changed: Changed | None = None
        self.fitted_on: date | None = None
        self.clock = time.monotonic()
        self.lease = locks.lease(self.ledger, run_id)

    def execute(self) -> dict[str, int] | None:
        """Rows written by table; None where a finished run need not be repeated."""
        self.ledger.refresh()
        self.storage.ids.clear()
        self.storage.notes.clear()
        locks.refuse_beside(self.ledger, self.job.name, self.asked.force_unlock)
        self.refuse_exclusive()
        return self.perform(self.job) if isinstance(self.job, Procedure) else self.transform(cast(Job, self.job))

    def transform(self, job: Job) -> dict[str, int] | None:
        """Read, transform, check, write; None where that is done."""
        self.params = self.with_key()
        self.as_of = self.day() if self.job.is_dated else None
        self.inputs = {
            read.table.name: self.published.snapshot(read.table)
            for read in self.job.reads.values()
            if not self.is_own(read)
        }
        done = self.ledger.is_done(self.job.name, self.as_of, self.hash, self.needed_inputs())
        is_asked = self.asked.force or self.job.on_request or bool(self.asked.refit and job.fits)
        if done and self.is_whole() and not self.has_expired() and not is_asked:
            return None
        last = None if self.asked.force else since.last_run(self.published, job, self.hash)
        self.undo(left := self.claim())
        if left:
            self.before = self.there()
        frames, refused = self.read_all(job, last)
        self.look_at(frames)
        asked: dict[str, Any] = {"other_settings": self.previous.other_settings} if job.is_comparing else {}
        asked |= {"changed": self.changed} if job.follows else {}
        words = {"words": self.config.target.words} if job.has_words else {}
        changes = job.transform(
            **frames, params=self.params, as_of=self.as_of, stage=self.storage.stage, **asked, **words
        )
        changes = tuple(
            self.slice_of_fit(table) if isinstance(change, AsFitted) else change
            for change, table in zip(changes, job.writes, strict=True)
        )
        self.tell_of_fit(job, changes)
        ready = [
            checked(change, table, self.storage, self.as_of)
            for change, table in zip(changes, self.job.writes, strict=True)
        ]
        self.hold()
        self.is_writing = True
        for change in ready:
            if change.write:
                self.hold_in_doubt()
                change.write()
        self.notes += self.storage.notes
        self.quarantine(refused)
        rows = {change.table.name: change.rows for change in ready}
        self.publish(rows)
        return rows

    def with_key(self) -> Params:
        """The parameters, with the key of this place where contacts are to be hashed and no key is set."""
        is_needed = self.params.lacks_key and any(
            read.table.is_private and self.storage.exists(read.table) for read in self.job.reads.values()
        )
        return self.params.with_key(self.storage.contact_key()) if is_needed else self.params

    def perform(self, procedure: Procedure) -> dict[str, int]:
        """What is no function of tables: it is continued, and not undone, but for the tables that it replaces."""
        if absent := self.published.absent(procedure):
            raise TableError(f"{procedure.name}: {absent}: set `files` in the target's file.")
        before = self.ledger.published_inputs(procedure.name)
        guard = upkeep_locks.Locks(self.published, self.started, self.asked.force_unlock)
        context = Context(
            self.storage,
            self.params,
            self.started,
            before,
            self.asked.reread,
            self.asked.erase,
            guard,
            self.published,
            self.hold_in_doubt,
        )
        plan = PERFORMERS[procedure.name](context)
        self.inputs = plan.inputs
        self.before = {table.name: self.storage.snapshot(table) for table in plan.replaces}
        self.undo(self.claim())
        self.is_writing = bool(self.before)  # by its continuation nothing is lost, but by a half reread
        done = plan.perform()
        self.account, self.inputs = done.account, done.inputs
        self.notes += done.notes
        self.report = done.report
        self.publish(dict(done.rows))
        return dict(done.rows)

    def day(self) -> date:
        """The day of observation; the first run of those that go by it tells what is odd about it."""
        day = self.published.day()
        self.tell(self.published.note)
        self.published.note = ""
        return day

    def tell(self, sentence: str) -> None:
        """Add a sentence to what the user is told of the run."""
        if sentence and sentence not in self.notes:
            self.notes.append(sentence)

    def look_at(self, frames: dict[str, DataFrame]) -> None:
        """Count what a person should look at in the order lines, where this is the job that makes facts of them.

        It looks at those that came since the run before, where these are known: of the others that run has told.
        """
        known = {self.job.reads[name].table.name: frame for name, frame in frames.items()}
        if ORDERS not in self.job.writes or ORDER_LINES.name not in known:
            return
        lines = self.changed.came if self.changed else known[ORDER_LINES.name]
        source = self.config.target.sources.get(ORDER_LINES.name)
        if self.account:
            self.tell(rounding_warning(ORDER_LINES.name, self.account, source.rounding if source else None))
        for column, table in (("product_id", PRODUCTS), ("customer_id", CUSTOMERS)):
            found = unmatched.unmatched(lines, column, known[table.name], table.name)
            if found and found.lines:
                self.noticed[f"lines whose {column} is not in {table.name}"] = found.lines
                self.tell(found.warning)
        if self.changed:
            return  # a few lines say nothing of what all lines lack
        for sentence in (*unmatched.lacking(lines), unmatched.one_of_all(lines)):
            self.tell(sentence)

    def claim(self) -> Versions:
        """Say that we run, and what stood before; gives back what a run before us has left to be undone.

        A reader, or the next run, will need it if we are killed. What was ingested is not undone but continued, unless
        files were read again.
        """
        left = self.ledger.unfinished(self.job.name) or {}
        is_continued = isinstance(self.job, Procedure)
        if not is_continued:
            self.before = self.there()
        self.before |= {
            name: snapshot for name, snapshot in left.items() if is_continued or self.before.get(name) is not None
        }
        self.started = self.ledger.after_all(self.job.name, self.started)
        self.has_claimed = True
        locks.refuse_after(self.ledger.claim(self.row(STARTED, {}, None)))
        self.refuse_exclusive()
        return left

    def refuse_exclusive(self) -> None:
        """BusyError where another step runs, and one of the two runs beside no other."""
        for other in suite.JOBS.values():
            if other.name == self.job.name or not (is_exclusive(other) or is_exclusive(self.job)):
                continue
            locks.refuse_beside(self.ledger, other.name, self.asked.force_unlock)
            standing = self.ledger.standing(other.name)
            if is_exclusive(other) and standing is not None and standing.outcome == STARTED:
                self.tell(f"WARNING: a run of {other.name} was stopped before its end: repeat it")

    def there(self) -> Versions:
        """The tables of this job as they are, published or not."""
        return {table.name: self.storage.snapshot(table) for table in self.job.writes}

    def hold(self) -> None:
        """BusyError where we were taken for dead meanwhile, and another run has begun."""
        other = self.ledger.successor(self.job.name, self.run_id, locks.PATIENCE)
        wrote: locks.Wrote = "undone" if self.is_writing else "kept" if isinstance(self.job, Procedure) else "nothing"
        locks.refuse_after(other, wrote)

    def hold_in_doubt(self) -> None:
        """The same, where our lease was not renewed for so long that it may have been so."""
        if self.lease.is_doubtful():
            self.hold()

    def is_taken_over(self) -> bool:
        """Whether another run has taken over: then what we wrote is its own to undo, and it may have published."""
        try:
            self.hold_in_doubt()
        except BusyError:
            return True
        return False

    def undo(self, left: Versions) -> None:
        """Bring back what stood before a run of this job that was stopped while it wrote."""
        for table in self.job.tables:
            if table.name in left:
                self.hold_in_doubt()
                self.storage.restore(table, left[table.name])

    def is_whole(self) -> bool:
        """Whether all tables of this job are there: one that was taken away must be made again."""
        return all(self.storage.exists(table) for table in self.job.writes)

    def has_expired(self) -> bool:
        """Whether `expire` has removed, since this job last ran for this day, all that it wrote of it to some table."""
        retention = self.storage.target.retention
        kept_for_a_time = [table for table in self.job.writes if table.slice == "as_of" and table.name in retention]
        if not kept_for_a_time or not self.ledger.has_followed("expire", self.job.name, self.as_of):
            return False
        return any(self.storage.holds_none(table, f"as_of = DATE'{self.as_of}'") for table in kept_for_a_time)

    def is_own(self, read: Read) -> bool:
        return read.table in self.job.writes

    def needed_inputs(self) -> Versions:
        """Versions of the inputs that are there; an optional table that is absent has none and does not count."""
        if isinstance(self.job, Procedure):
            return self.inputs
        return {
            read.table.name: self.inputs[read.table.name]
            for read in self.job.reads.values()
            if read.table.name in self.inputs
            and not (read.optional and self.inputs[read.table.name] is None and not self.storage.exists(read.table))
        }

    def read_all(self, job: Job, last: Event | None) -> tuple[dict[str, DataFrame], list[DataFrame]]:
        """The inputs by their names in `reads`, and what was refused of the sources among them.

        `last`: the run on whose results this one can build.
        """
        frames, refused = {}, []
        self.changed = since.changed(self.published, job, last, self.inputs) if last else None
        for name, read in job.reads.items():
            frame = self.read_one(read)
            if read.table.kind == "source" and self.storage.exists(read.table):
                frame = self.without_forgotten(frame, read.table)
            if name == job.follows and self.changed and last and read.table.kind == "source":
                self.changed = self.checked_changes(frame, read.table, self.changed, last)
            if name == job.follows and self.changed:
                frame = contracts.without_originals(frame)
            elif read.table.kind == "source" and self.storage.exists(read.table):
                frame, bad, account = contracts.door(frame, read.table, self.job.name, self.storage.stage)
                self.account = self.account or account
                if bad is not None:
                    refused.append(bad)
            frames[name] = self.known(frame, read.table)
        return frames, refused

    def without_forgotten(self, frame: DataFrame, table: Table) -> DataFrame:
        """The rows of a table of the company, without those of forgotten customers; from ours they are gone."""
        if table.name not in self.config.target.sources:
            return frame
        kept, dropped = suppression.apart(self.storage, frame)
        if dropped is not None and (rows := dropped.count()):
            self.noticed[f"rows of forgotten customers in {table.name}"] = rows
        return kept

    def checked_changes(self, frame: DataFrame, table: Table, changed: Changed, last: Event) -> Changed | None:
        """`changed` without rows that break the contract; None where all of `table` has to be held to it."""
        before = since.account(self.published, last)
        if before is None:
            return None
        came, gone = self.without_forgotten(changed.came, table), changed.gone
        found = contracts.door_of_changes(frame, came, gone, table, self.job.name, self.storage.stage, before)
        if found is None:
            return None
        good, self.account = found
        return Changed(self.known(good, table), self.known(contracts.without_originals(gone), table))

    def known(self, frame: DataFrame, table: Table) -> DataFrame:
        """The rows that were there on the day of observation, without contacts: all that a job may know."""
        frame = without_contacts(frame, table)
        if not self.job.is_dated or table.happened is None or table.counts_early:
            return frame
        return frame.where(F.col(table.happened).cast("date") < F.lit(self.as_of))  # times do not reach all days

    def read_one(self, read: Read) -> DataFrame:
        if read.optional and not self.storage.exists(read.table):
            return self.storage.empty(read.table)
        if read.in_step and not since.is_in_step(self.published, read.table, self.inputs, self.as_of):
            return self.storage.empty(read.table)
        if self.is_own(read) and read.table.slice is None and not self.is_whole():
            return self.storage.empty(read.table)  # what is left of them is no ground to build on
        found = self.inputs.get(read.table.name)
        if self.is_own(read):  # what we have claimed is as it was published
            frame = self.storage.read(read.table, originals=True)
        elif found is not None:  # whoever writes meanwhile: what `runs` says was read
            frame = self.storage.read(read.table, found.version, originals=True)
        else:
            frame = self.published.read(read.table, originals=True)
        if read.table.slice is None:
            return frame
        if read.part == "fit":
            return self.slice_of_fit(read.table, beside=frame)
        if read.part == "same":
            return frame.where(F.col("as_of") == F.lit(self.as_of))
        return self.previous.slice(frame, read)

    def slice_of_fit(self, table: Table, beside: DataFrame | None = None) -> DataFrame:
        """The rows of `table` (as read: `beside`) of the day whose fit may be used; none where there is none."""
        frame = self.storage.read(table, originals=True) if beside is None else beside
        return frame.where(F.col("as_of") == F.lit(self.fit_day)).drop("as_of")

    @cached_property
    def fit_day(self) -> date | None:
        """The newest slice up to ours that was made with our settings and version; None where all is to be fitted."""
        if self.asked.force or self.asked.refit or not self.is_whole():
            return None
        return self.previous.fitted(self.hash)

    def tell_of_fit(self, job: Job, changes: Iterable[Any]) -> None:
        """Keep for `runs`, and tell, of which day the fit is that the results are made with."""
        for change, table in zip(changes, job.writes, strict=True):
            if table == job.fits and (row := change.select("fitted_on").limit(1).collect()):
                self.fitted_on = row[0]["fitted_on"]
        if self.fitted_on is not None and self.fitted_on != self.as_of:
            self.tell(f"made with the fit of {self.fitted_on} (to fit now: --refit)")

    @cached_property
    def previous(self) -> Previous:
        """The slices before, as far as they can be compared with that of this run."""
        return Previous(self.ledger, self.job, cast(date, self.as_of), self.settings)

    @cached_property
    def settings(self) -> str | None:
        """A digest of what decides the meaning of the results; None for a job that reads no table."""
        if isinstance(self.job, Procedure):
            return None
        above = upstream(self.ledger, self.job, self.as_of)
        return loading.settings_digest(self.job, self.params, self.config.target, above)

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
        self.hold_in_doubt()
        self.before = self.there()
        self.ledger.record(self.row(PUBLISHED, rows, None))
        self.notes += [*(self.previous.notes if self.job.is_dated else []), *manifest.renew(self.published)]

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
            if self.is_writing and not is_beside:
                is_beside = self.is_taken_over()  # as when the machine slept, and its connections are gone
                self.before = self.before if is_beside else self.rolled_back()
            self.ledger.record(self.row(WITHDRAWN if is_beside else FAILED, {}, str(error)))
        except Exception as trouble:
            return f" Nor could the table runs be written, to say so: {first_line(trouble)}"
        return ""

    def rolled_back(self) -> Versions:
        """The tables as they were before this run wrote to them; where that fails, the next run of any job does it."""
        try:
            self.undo(self.before)
            return {table.name: self.storage.snapshot(table) for table in self.job.tables if table.name in self.before}
        except Exception:
            return self.before

    @property
    def hash(self) -> str:
        return loading.fingerprint(self.job, self.params, self.config.target)

    def row(self, outcome: str, rows: dict[str, int], error: str | None) -> dict[str, Any]:
        """What `runs` keeps of the beginning or the end."""
        return {
            "run_id": self.run_id,
            "job": self.job.name,
            "as_of": self.as_of,
            "outcome": outcome,
            "started_at": self.started,
            "seconds": time.monotonic() - self.clock,
            "config_hash": self.hash,
            "config": self.config.described(self.job.name),
            "engine": self.storage.engine.version,
            "version": __version__,
            "inputs": as_text(self.needed_inputs() if self.inputs else {}),
            "outputs": as_text(self.before),
            "rows_out": as_json(rows),
            "noticed": as_json(self.noticed) if self.noticed else None,
            "error": error,
            "process": self.lease.text,
            "settings": self.settings,
            "fitted_on": self.fitted_on,
            **(asdict(self.account) if self.account else {}),
        }


def is_exclusive(step: Step) -> bool:
    return isinstance(step, Procedure) and step.is_exclusive
