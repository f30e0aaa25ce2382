"""What was run before: which slices are finished, and which versions of the tables readers may see."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.runs.leases import Leases
from vitalfew.storage import snapshots
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Versions
from vitalfew.tables.logs import RUNS

PUBLISHED, STARTED, FAILED, WITHDRAWN = "PUBLISHED", "STARTED", "FAILED", "WITHDRAWN"
MAINTENANCE = "maintenance"
"""In place of the digest of a configuration: no run of the job, but a lock under which its tables are looked after."""
CLOCK = "started_at"
EPOCH = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Event:
    """One row of `runs`, as far as later runs need it."""

    run_id: str
    job: str
    as_of: date | None
    outcome: str
    started_at: datetime
    config_hash: str
    inputs: str
    outputs: str
    process: str | None
    settings: str | None
    seconds: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        return self.run_id, self.outcome


class Ledger:
    """The events of all runs at a target, in the order in which they happened."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.events: list[Event] = []
        self.version: int | None = None
        self.refresh()

    @cached_property
    def leases(self) -> Leases:
        """What tells whether a run without an end lives."""
        return Leases.of(self.storage)

    def unended(self) -> list[Event]:
        """The beginnings of runs that have no end, of each job the newest."""
        ended = {e.run_id for e in self.events if e.outcome != STARTED}
        newest = {e.job: e for e in self.events if e.outcome == STARTED}
        return [e for e in newest.values() if e.run_id not in ended]

    def refresh(self) -> None:
        """Learn what other processes have written since."""
        newest = self.storage.version(RUNS)
        if newest is None or newest != self.version:  # every row is read: this grows with the number of runs
            self.version, self.events = newest, self.at(newest) if self.storage.exists(RUNS) else []

    def at(self, version: int | None) -> list[Event]:
        """The events that a version of `runs` holds; of the newest where None."""
        micros = {"started_at": F.expr("unix_micros(started_at) as started_at")}  # else in the zone of this machine
        kept = self.storage.read(RUNS, version).select(*[micros.get(f.name, F.col(f.name)) for f in fields(Event)])
        found = [row.asDict() for row in collect_rows(kept, "the table of runs")]
        events = [event({**row, "started_at": EPOCH + timedelta(microseconds=row["started_at"])}) for row in found]
        return sorted(events, key=lambda e: (e.started_at, e.run_id, e.outcome != STARTED))

    def standing(self, job: str) -> Event | None:
        """The newest event of `job` by a run that had the right to write, and so may have written."""
        claimed = {e.run_id for e in self.events if e.outcome in (STARTED, PUBLISHED)}
        claimed -= {e.run_id for e in self.events if e.outcome == WITHDRAWN}
        return next((e for e in reversed(self.events) if e.job == job and e.run_id in claimed), None)

    def successor(self, job: str, run_id: str, seconds: float) -> Event | None:
        """The newest event of `job` that counts, if it is not of the run `run_id`; that run has claimed the job.

        A run that claimed it at the same time, and is about to withdraw, has so many `seconds` for that.
        """
        until = time.monotonic() + seconds
        while True:
            self.refresh()
            standing = self.standing(job)
            if standing is None or standing.run_id == run_id:
                return None
            if standing.outcome != STARTED or time.monotonic() > until:
                return standing
            time.sleep(0.1)

    def published_inputs(self, job: str) -> Versions:
        """The versions of the inputs of the last published run of `job`; none if there was no such run."""
        last = self.last_published(job)
        return snapshots.parsed(last.inputs) if last else {}

    def last_published(self, job: str) -> Event | None:
        """The newest published run of `job`."""
        return next((e for e in reversed(self.events) if e.job == job and e.outcome == PUBLISHED), None)

    def last_times(self) -> dict[str, float]:
        """By job, when its newest published run was over, as seconds since 1970."""
        ends = {e.job: e.started_at + timedelta(seconds=e.seconds) for e in self.events if e.outcome == PUBLISHED}
        return {job: at.replace(tzinfo=UTC).timestamp() for job, at in ends.items()}

    def seconds(self, job: str) -> float | None:
        """How long the last published run of `job` took; None where there was none."""
        last = self.last_published(job)
        return last.seconds if last else None

    def slices(self, job: str) -> dict[date, Event]:
        """By day of observation, the newest run of `job` that published it."""
        return {e.as_of: e for e in self.events if e.job == job and e.outcome == PUBLISHED and e.as_of is not None}

    def unfinished(self, job: str) -> Versions | None:
        """The versions before a run of `job` that began to write and did not publish; None if there is none."""
        last = self.standing(job)
        if last is None or last.outcome == PUBLISHED:
            return None
        return snapshots.parsed(last.outputs)

    def is_done(self, job: str, as_of: date | None, config_hash: str, inputs: Versions) -> bool:
        """Whether a published run of `job` had the same day, configuration and input, and is still the last word."""
        if None in inputs.values():
            return False
        same_day = [e for e in self.events if e.job == job and e.as_of == as_of and e.outcome == PUBLISHED]
        last = self.standing(job)
        return bool(
            same_day
            and last is not None
            and last.outcome == PUBLISHED
            and same_day[-1].config_hash == config_hash
            and snapshots.have_same_rows(inputs, snapshots.parsed(same_day[-1].inputs))
        )

    def has_followed(self, other: str, job: str, as_of: date | None) -> bool:
        """Whether a run of `other` was published after the last one of `job` for this day."""
        found = [
            e.job
            for e in self.events
            if e.outcome == PUBLISHED and (e.job == other or (e.job, e.as_of) == (job, as_of))
        ]
        return bool(found) and found[-1] == other

    def after_all(self, job: str, now: datetime) -> datetime:
        """`now`, or a moment after the newest run of `job` began, by a clock that is ahead of ours."""
        return max([now, *[e.started_at + timedelta(microseconds=1) for e in self.events if e.job == job]])

    def claim(self, *rows: Mapping[str, Any]) -> Event | None:
        """Append the beginning of a run, or of runs of several jobs; what another run of one of these jobs wrote
        before, and after we last looked.

        Of two runs that begin at once, each sees who was first: Delta puts their commits in an order.
        """
        known, since = {e.key for e in self.events}, self.version
        self.record(*rows)
        self.refresh()
        jobs = {row["job"] for row in rows}
        withdrawn = {e.run_id for e in self.events if e.outcome == WITHDRAWN} | {row["run_id"] for row in rows}
        others = [e for e in self.events if e.job in jobs and e.key not in known and e.run_id not in withdrawn]
        if not others:
            return None
        earlier = {e.key for e in self.until(rows[0]["run_id"], since)}
        return next((e for e in others if e.key in earlier), None)

    def until(self, run_id: str, since: int | None) -> list[Event]:
        """The events up to the first of a run, which came after version `since`; all where the engine cannot tell."""
        if self.version is not None:
            for version in range(0 if since is None else since + 1, self.version + 1):
                events = self.at(version)
                if any(e.run_id == run_id for e in events):
                    return events
        return self.events

    def record(self, *rows: Mapping[str, Any]) -> None:
        """Append events to `runs`, in one commit."""
        self.storage.append_rows(RUNS, rows)
        self.events += map(event, rows)
        self.version = None if self.version is None else self.version + 1


def event(row: Mapping[str, Any]) -> Event:
    """The part of a row of `runs` that later runs need."""
    return Event(**{field.name: row[field.name] for field in fields(Event)})


def as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), sort_keys=True)
