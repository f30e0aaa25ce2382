"""Maintenance beside running jobs: a table is looked after while no job that writes it runs, and no longer.

The lock is a claim of the job in `runs`, as a run of it writes one, and is withdrawn at its end. It names no versions:
no row changes under it, so readers go on with the newest. A job that begins meanwhile waits for its own tables alone.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitalfew import __version__, suite
from vitalfew.errors import BusyError
from vitalfew.job import Job, Procedure, Step
from vitalfew.runs import locks
from vitalfew.runs.leases import Lease
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import MAINTENANCE, PUBLISHED, STARTED, WITHDRAWN, Event
from vitalfew.storage.snapshots import Snapshot, parsed
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE, RUNS

PATIENCE = 600.0  # seconds that a job waits for the maintenance of its tables
STEP = 0.5


@dataclass
class Locks:
    """The locks of one run of maintenance."""

    published: Published
    now: datetime
    force_unlock: bool = False

    def groups(self) -> list[tuple[Table, ...]]:
        """The tables of ours that are there; those that the same jobs write together, and the log of runs last."""
        found: dict[tuple[str, ...], list[Table]] = {}
        for table in suite.TABLES.values():
            is_theirs = table.kind == "source" and table.name not in self.published.files
            if not is_theirs and self.published.storage.exists(table):
                found.setdefault(self.writers(table), []).append(table)
        return [tuple(tables) for _, tables in sorted(found.items(), key=lambda group: group[0] == ())]

    def writers(self, table: Table) -> tuple[str, ...]:
        """The jobs that may write `table`; none of the log of runs, to which rows are only added.

        Exclusive procedures begin beside no run of maintenance.
        """
        if table == RUNS:
            return ()
        return tuple(name for name, job in suite.JOBS.items() if not is_exclusive(job) and self.may_write(job, table))

    def may_write(self, job: Step, table: Table) -> bool:
        reads_sources = isinstance(job, Job) and any(read.table.kind == "source" for read in job.reads.values())
        is_door = reads_sources or (isinstance(job, Procedure) and job.needs_files)
        return table in job.tables or (table == QUARANTINE and is_door)

    @contextmanager
    def held(self, tables: tuple[Table, ...]) -> Iterator[str]:
        """While it lasts, no job that writes these tables begins; gives the reason where one is running already."""
        names = self.writers(tables[0])
        self.published.ledger.refresh()
        if not names or (reason := next(filter(None, map(self.why_not, names)), "")):
            yield reason if names else ""
            return
        ledger = self.published.ledger
        with locks.lease(ledger, secrets.token_hex(8)) as lease:
            rows = [self.row(name, ledger.after_all(name, self.now), lease) for name in names]
            try:
                other = ledger.claim(*rows)
                yield f"{other.job} is running" if other else ""
            finally:
                ledger.record(*[{**row, "outcome": WITHDRAWN} for row in rows])

    def why_not(self, name: str) -> str:
        """Why a job cannot be claimed; empty where it can."""
        try:
            locks.refuse_beside(self.published.ledger, name, self.force_unlock)
        except BusyError:
            return f"{name} is running"
        return f"what a stopped run of {name} wrote is still to be rolled back" if self.is_half_written(name) else ""

    def is_half_written(self, name: str) -> bool:
        """Whether a table of a job is not as it was before a run that did not publish."""
        return any(self.needed(table) for table in suite.JOBS[name].tables)

    def needed(self, table: Table) -> list[Snapshot]:
        """The states of a table to which a stopped run may still be rolled back, if it is in another now."""
        found, now = [], self.published.storage.snapshot(table)
        for job in suite.JOBS.values():
            last = self.published.ledger.standing(job.name)
            if last is not None and last.outcome != PUBLISHED and last.config_hash != MAINTENANCE:
                before = parsed(last.outputs).get(table.name)
                found += [before] if before is not None and now is not None and not now.is_same(before) else []
        return found

    def row(self, name: str, started: datetime, lease: Lease | None = None) -> dict[str, Any]:
        return {
            "run_id": secrets.token_hex(8),
            "job": name,
            "as_of": None,
            "outcome": STARTED,
            "started_at": started,
            "seconds": 0.0,
            "config_hash": MAINTENANCE,
            "config": "{}",
            "engine": self.published.storage.engine.version,
            "version": __version__,
            "inputs": "{}",
            "outputs": "{}",
            "rows_out": "{}",
            "error": "No run: maintain looks after its tables.",
            "process": lease.text if lease else None,
            "settings": None,
        }


def is_exclusive(job: Step) -> bool:
    return isinstance(job, Procedure) and job.is_exclusive


def lock_of(published: Published, job: str) -> Event | None:
    """The lock under which the tables of a job are looked after, if there is one."""
    standing = published.ledger.standing(job)
    is_lock = standing is not None and standing.config_hash == MAINTENANCE and standing.outcome == STARTED
    return standing if is_lock else None


def wait(published: Published, job: Step, patience: float = PATIENCE) -> None:
    """Wait until the tables of `job` are not being looked after; no longer than `patience`, in seconds."""
    until = time.monotonic() + patience
    published.ledger.refresh()
    ledger = published.ledger
    while (lock := lock_of(published, job.name)) and locks.fate_of(ledger, lock) != "dead" and time.monotonic() < until:
        time.sleep(STEP)
        published.ledger.refresh()


def release_abandoned(published: Published) -> None:
    """Withdraw the locks of a run of maintenance that was killed: the tables are whole, whatever it had done."""
    for name in suite.JOBS:
        lock = lock_of(published, name)
        if lock is not None and locks.fate_of(published.ledger, lock) == "dead":
            row = Locks(published, lock.started_at).row(name, lock.started_at)
            published.ledger.record({**row, "run_id": lock.run_id, "outcome": WITHDRAWN})
