"""What changed in the table that a job follows, since the run whose results are there."""

from __future__ import annotations

from datetime import date

from pyspark.sql import functions as F

from vitalfew import suite
from vitalfew.dataframes.collect import collect_rows
from vitalfew.job import Changed, Job
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import PUBLISHED, Event
from vitalfew.storage import changed_rows
from vitalfew.storage.contracts import Reconciliation
from vitalfew.storage.snapshots import Versions, parsed
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.logs import RUNS


def last_run(published: Published, job: Job, config_hash: str) -> Event | None:
    """The run on whose results `job` can build: published with these settings, and its tables are as it left them."""
    last = published.ledger.last_published(job.name)
    if not job.follows or last is None or last.config_hash != config_hash:
        return None
    left = parsed(last.outputs)
    for table in job.writes:
        then, now = left.get(table.name), published.storage.snapshot(table)
        if then is None or now is None or not now.is_same(then):
            return None
    return last


def changed(published: Published, job: Job, last: Event, inputs: Versions) -> Changed | None:
    """The rows that `job` has to look at, since its run `last`; None where it has to look at all."""
    before, storage = parsed(last.inputs), published.storage
    for name, columns in job.as_before.items():
        table = job.reads[name].table
        if not changed_rows.is_as_before(storage, table, columns, before.get(table.name), inputs.get(table.name)):
            return None
    followed = job.reads[job.follows].table
    then, now = before.get(followed.name), inputs.get(followed.name)
    found = None if then is None or now is None else changed_rows.between(storage, followed, then, now)
    return None if found is None else Changed(*found)


def account(published: Published, last: Event) -> Reconciliation | None:
    """Where the input of a run went, as `runs` has it; None where not all of it was used, or nothing was written."""
    names = [name for name in Reconciliation.__dataclass_fields__ if name in RUNS.columns]
    of_it = published.storage.read(RUNS).where(f"run_id = '{last.run_id}' and outcome = '{PUBLISHED}'")
    found = collect_rows(of_it.select(*names), "the account of a run")
    if len(found) != 1 or found[0]["rows_in"] is None or found[0]["rows_in"] != found[0]["rows_used"]:
        return None
    return Reconciliation(**{name: found[0][name] for name in names})


def is_in_step(published: Published, table: Table, inputs: Versions, as_of: date | None) -> bool:
    """Whether a fact was made of the very orders that a run reads, and all of these are of days before `as_of`."""
    owner, orders, found = suite.owner(table), inputs.get(ORDERS.name), inputs.get(table.name)
    last = published.ledger.last_published(owner.name) if owner else None
    if last is None or orders is None or found is None or as_of is None:
        return False
    made_of, made = parsed(last.inputs).get(ORDERS.name), parsed(last.outputs).get(table.name)
    if made_of is None or made is None or not orders.is_same(made_of) or not found.is_same(made):
        return False
    days = published.storage.read(ORDERS, orders.version).agg(F.max("ordered_on").alias("last"))
    newest = collect_rows(days, "the last order")[0]["last"]
    return newest is not None and newest < as_of
