"""What is published at a target, for readers of any tool: per table where it is, and which version of it to read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from vitalfew import suite
from vitalfew.config.target import Location, is_path
from vitalfew.domain.retention import kept
from vitalfew.job import Job, Step
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import Ledger
from vitalfew.storage.delta import is_local, query
from vitalfew.storage.snapshots import Snapshot, parsed
from vitalfew.tables import Table
from vitalfew.tables.logs import RUNS

NAME = "current.json"


@dataclass(frozen=True)
class PublishedTable:
    """A table of which something is published: which state of it, by which run, and of which days."""

    table: Table
    job: str
    run_id: str
    at: Location
    snapshot: Snapshot
    slices: tuple[date, ...]

    @property
    def spark_sql(self) -> str:
        """A query of what is published, for Spark and Databricks."""
        return query(self.at, self.snapshot.version)

    @property
    def python(self) -> dict[str, str]:
        """The same as Python expressions by library; none for a table that only its catalog can find."""
        if not self.at.is_path:
            return {}
        where, version = repr(self.at.at), self.snapshot.version
        # a pyarrow dataset of deltalake's now and then aborts the process that used it, at its end
        table = f"deltalake.DeltaTable({where}, version={version})"
        stream = f"deltalake.QueryBuilder().register('t', {table}).execute('SELECT * FROM t')"  # noqa: S608 (printed)
        polars = f"polars.scan_delta({where}, version={version})"
        return {
            "deltalake": f"{stream}.read_all()",
            "polars": polars,
            "duckdb": f"duckdb.from_arrow({stream})",
            "pandas": f"{polars}.collect().to_pandas()",  # Arrow's texts of deltalake are of a type that pandas lacks
        }

    def as_dict(self) -> dict[str, Any]:
        """As the manifest keeps it."""
        return {
            "location": self.at.at,
            "table_id": self.snapshot.table_id,
            "version": self.snapshot.version,
            "as_of": [day.isoformat() for day in self.slices],
            "job": self.job,
            "run_id": self.run_id,
        }


def listed(published: Published) -> list[PublishedTable]:
    """Every table of which a run has been published, in the order of the jobs."""
    found = []
    for job in suite.JOBS.values():
        last = published.ledger.last_published(job.name) if isinstance(job, Job) else None
        for table in job.writes if last else ():
            snapshot = published.snapshot(table)
            if last is not None and snapshot is not None and published.storage.exists(table):
                most = published.storage.target.retention.get(table.name)
                days = tuple(kept(slices(published.ledger, job, table, snapshot), most))
                at = published.storage.target.location(table.name)
                found.append(PublishedTable(table, job.name, last.run_id, at, snapshot, days))
    return found


def slices(ledger: Ledger, job: Step, table: Table, snapshot: Snapshot) -> tuple[date, ...]:
    """The days of observation that were published into the table of this id; none for a table without slices."""
    if table.slice != "as_of":
        return ()
    written = {day: parsed(event.outputs).get(table.name) for day, event in ledger.slices(job.name).items()}
    return tuple(sorted(day for day, then in written.items() if then is not None and snapshot.is_same_table(then)))


def renew(published: Published) -> list[str]:
    """Write the manifest where it is not what is published, in one step; a sentence where that could not be done.

    Of two processes that do so at once, the one that wrote an older state sees that `runs` has gone on, and writes
    again. Where the tables are no folder that this process sees, `runs` is all there is.
    """
    path = file(published)
    if path is None:
        return []
    try:
        while True:
            published.ledger.refresh()
            seen = published.ledger.version
            if not replaced(path, text(listed(published))) or published.storage.version(RUNS) == seen:
                return []
    except OSError as error:
        return [f"{path} could not be written ({error.strerror}): it is as before, and the next run writes it"]


def file(published: Published) -> Path | None:
    """Where the manifest of the target is; None where its root is no folder that this process sees."""
    target = published.storage.target
    if not is_path(target.root):
        return None
    at = target.resolve(f"./{NAME}")
    return Path(at.at) if is_local(at) else None


def text(found: Sequence[PublishedTable]) -> str:
    return json.dumps({"tables": {one.table.name: one.as_dict() for one in found}}, indent=2) + "\n"


def replaced(path: Path, content: str) -> bool:
    """Whether the file had another content, or was missing where there is one, and was replaced as a whole."""
    had = path.read_text(encoding="utf-8") if path.exists() else text(())
    if had == content:
        return False
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with new.open("w", encoding="utf-8") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return True
