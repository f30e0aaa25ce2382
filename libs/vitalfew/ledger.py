"""What was run before: which slices are finished, and which versions of the tables readers may see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.storage import Storage
from vitalfew.tables.logs import RUNS

Versions = dict[str, int | None]

PUBLISHED, STARTED, FAILED = "PUBLISHED", "STARTED", "FAILED"


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


class Ledger:
    """The events of all runs at a place, in the order in which they happened."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.events: list[Event] = []
        if storage.exists(RUNS):
            names = [field.name for field in fields(Event)]
            found = driver.rows(storage.read(RUNS).select(*names), "the table of runs")
            order = {STARTED: 0, FAILED: 1, PUBLISHED: 1}
            self.events = sorted(
                (event(row.asDict()) for row in found), key=lambda e: (e.started_at, e.run_id, order[e.outcome])
            )

    def last(self, job: str) -> Event | None:
        """The newest event of `job`."""
        return next((event for event in reversed(self.events) if event.job == job), None)

    def published_inputs(self, job: str) -> Versions:
        """The versions of the inputs of the last published run of `job`; none if there was no such run."""
        inputs = next((e.inputs for e in reversed(self.events) if e.job == job and e.outcome == PUBLISHED), "{}")
        found: Versions = json.loads(inputs)
        return found

    def unfinished(self, job: str) -> Versions | None:
        """The versions before a run of `job` that began to write and did not publish; None if there is none."""
        last = self.last(job)
        if last is None or last.outcome == PUBLISHED:
            return None
        before: Versions = json.loads(last.outputs)
        return before

    def is_done(self, job: str, as_of: date | None, config_hash: str, inputs: Versions) -> bool:
        """Whether a published run of `job` had the same day, configuration and input, and is still the last word."""
        if None in inputs.values():
            return False
        wanted = (as_of, config_hash, as_json(inputs))
        same_day = [e for e in self.events if e.job == job and e.as_of == as_of and e.outcome == PUBLISHED]
        last = self.last(job)
        return bool(
            same_day
            and last is not None
            and last.outcome == PUBLISHED
            and (same_day[-1].as_of, same_day[-1].config_hash, same_day[-1].inputs) == wanted
        )

    def record(self, row: Mapping[str, Any]) -> None:
        """Append one event to `runs`."""
        values = [tuple(row.get(name) for name in RUNS.columns)]
        types = ", ".join(f"{column.name} {column.type}" for column in RUNS.declared)
        self.storage.append(RUNS, self.storage.spark.createDataFrame(values, types).select(*map(F.col, RUNS.columns)))
        self.events.append(event(row))


def event(row: Mapping[str, Any]) -> Event:
    """The part of a row of `runs` that later runs need."""
    return Event(**{field.name: row[field.name] for field in fields(Event)})


def as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), sort_keys=True)
