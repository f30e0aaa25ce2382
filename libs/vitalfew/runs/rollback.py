"""What a stopped run has half written, rolled back at the start of the next run of any job, for readers of any tool."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from vitalfew import __version__, suite
from vitalfew.errors import BusyError, TableError
from vitalfew.job import Step
from vitalfew.runs import locks, upkeep_locks
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import FAILED, PUBLISHED, STARTED, WITHDRAWN, Event
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot, Versions, as_text, parsed
from vitalfew.tables import Table


def others(published: Published, job: Step, now: datetime, force_unlock: bool = False) -> list[str]:
    """Roll back all jobs but `job`, which does so by itself; one sentence about each that could not be."""
    notes = []
    published.ledger.refresh()
    upkeep_locks.release_abandoned(published)
    for other in suite.JOBS.values():
        stopped = abandoned(published, other, force_unlock) if other is not job else None
        if stopped is None:
            continue
        try:
            roll_back(published, other, stopped, now)
        except TableError as error:
            notes.append(f"what a stopped run of {other.name} wrote could not be rolled back: {error}")
    return notes


def abandoned(published: Published, job: Step, force_unlock: bool) -> Event | None:
    """The newest run of `job`, if it did not publish and is over.

    One elsewhere is watched where it has left something: else there is nothing to know it for.
    """
    last = published.ledger.standing(job.name)
    if last is None or last.outcome == PUBLISHED or locks.fate_of_standing(published.ledger, job.name) == "alive":
        return None
    if last.outcome == STARTED and not any(differing(published.storage, job, parsed(last.outputs))):
        return None
    try:
        locks.refuse_beside(published.ledger, job.name, force_unlock)
    except BusyError:
        return None
    now = published.ledger.standing(job.name)
    return last if now is not None and now.key == last.key else None


def roll_back(published: Published, job: Step, stopped: Event, now: datetime) -> None:
    """Bring the tables of `job` back to what was published, under a claim of that job; nothing where they are so."""
    before = parsed(stopped.outputs)
    changed = [table for table, _ in differing(published.storage, job, before)]
    if not changed:
        return
    published.storage.refuse_replaced(changed, before)
    run_id, clock = secrets.token_hex(8), time.monotonic()
    started = published.ledger.after_all(job.name, now)
    lease = locks.lease(published.ledger, run_id)

    def record(outcome: str, outputs: Versions, error: str | None) -> dict[str, Any]:
        seconds = time.monotonic() - clock
        found = row(published.storage, stopped, run_id, started, seconds, outcome, outputs, error)
        return {**found, "process": lease.text}

    with lease:
        if published.ledger.claim(record(STARTED, before, None)) is not None:
            published.ledger.record(record(WITHDRAWN, before, "Another run of the job came first."))
            return
        for table in changed:
            if lease.is_doubtful() and published.ledger.successor(job.name, run_id, locks.PATIENCE) is not None:
                published.ledger.record(record(WITHDRAWN, before, "Another run of the job has taken over."))
                return
            published.storage.restore(table, before[table.name])
        after = {table.name: published.storage.snapshot(table) for table in job.tables if table.name in before}
        told = f"Run {stopped.run_id} did not publish; its tables are again as they were before it."
        published.ledger.record(record(FAILED, after, told))


def differing(storage: Storage, job: Step, before: Versions) -> Iterator[tuple[Table, Snapshot]]:
    """The tables of `job` that are not as they were before its stopped run, and their state.

    What `ingest` has taken of new files is not undone but continued; before it reads files again, it names the tables.
    """
    for table in job.tables:
        found = storage.snapshot(table) if table.name in before else None
        if found is not None and not found.is_same(before[table.name]):
            yield table, found


def row(
    storage: Storage,
    stopped: Event,
    run_id: str,
    started: datetime,
    seconds: float,
    outcome: str,
    outputs: Versions,
    error: str | None,
) -> dict[str, Any]:
    """What `runs` keeps of a rollback: the job, day and configuration are those of the stopped run."""
    return {
        "run_id": run_id,
        "job": stopped.job,
        "as_of": stopped.as_of,
        "outcome": outcome,
        "started_at": started,
        "seconds": seconds,
        "config_hash": stopped.config_hash,
        "config": "{}",
        "engine": storage.engine.version,
        "version": __version__,
        "inputs": "{}",
        "outputs": as_text(outputs),
        "rows_out": "{}",
        "error": error,
        "settings": None,
    }
