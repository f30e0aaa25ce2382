"""The command `runs`: what was run, how it ended, and why."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from vitalfew.cli.options import located, opened

if TYPE_CHECKING:
    from vitalfew.runs.leases import Leases

COLUMNS = ("started_at", "job", "as_of", "outcome", "seconds", "rows_out", "reason", "run_id")
SHORT = ("started_at", "job", "as_of", "outcome", "seconds", "reason")


@click.command()
@located
@click.option("--job", metavar="JOB", help="Only runs of this job.")
@click.option("--failed", is_flag=True, help="Only runs that were not published.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="The newest this many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with run ids and the rows of each table.")
def runs(conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any) -> None:
    """List runs, the newest first: when, which job, of which day, its outcome, and the reason where it failed.

    RUNNING is a run without an end that lives; one that does not has STOPPED; of one on another host it is UNKNOWN.

    Example: vitalfew runs --failed --limit 5
    """
    del debug
    from vitalfew.cli import layouts
    from vitalfew.config import loading
    from vitalfew.errors import ConfigError, hint
    from vitalfew.suite import JOBS
    from vitalfew.visible_text import visible, visible_json

    job = options["job"]
    if job is not None and job not in JOBS:
        raise ConfigError(f"There is no job {job!r}; {hint(job, JOBS)}")
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    with opened(loaded) as storage:
        found = listed(storage, job, options["failed"], options["limit"])
    if options["as_json"]:
        click.echo(visible_json(loaded.redact(json.dumps(found, indent=2, ensure_ascii=False))))
        return
    if not found:
        click.echo("No run is like that." if job or options["failed"] else "Nothing has been run here yet.")
        return
    rows = [[visible(str(row[name])) if row[name] is not None else "-" for name in SHORT] for row in found]
    click.echo(loaded.redact(layouts.drawn(list(SHORT), rows, layouts.screen_width())))


def listed(storage: Any, job: str | None, is_failed: bool, limit: int) -> list[dict[str, Any]]:
    """One entry for each run, by `COLUMNS`; TableError where there is no table of runs."""
    from pyspark.sql import functions as F

    from vitalfew.dataframes.collect import collect_rows
    from vitalfew.errors import TableError
    from vitalfew.runs.leases import Leases
    from vitalfew.runs.run_log import MAINTENANCE
    from vitalfew.tables.logs import RUNS

    if not storage.exists(RUNS):
        raise TableError(f"Nothing has been run at {storage.target.root}: vitalfew run all.")
    said = F.struct(F.col("outcome") != "STARTED", "outcome", "as_of", "seconds", "rows_out", "error", "process")
    known = storage.read(RUNS).where(F.col("config_hash") != MAINTENANCE)  # its locks are no runs
    asked = known.where(F.col("job") == job) if job else known
    ended = asked.groupBy("run_id", "job").agg(F.min("started_at").alias("started_at"), F.max(said).alias("end"))
    if is_failed:
        ended = ended.where("end.outcome <> 'PUBLISHED'")
    newest = ended.orderBy(F.desc("started_at"), "run_id").limit(limit)
    leases = Leases.of(storage)
    return [entry(row.asDict(recursive=True), leases) for row in collect_rows(newest, "runs")]


def entry(row: dict[str, Any], leases: Leases) -> dict[str, Any]:
    end: dict[str, Any] = row["end"]
    outcome, reason = end["outcome"], end["error"]
    if outcome == "STARTED":
        outcome, reason = without_end(leases.fate(end["process"], row["run_id"], row["started_at"]))
    found = {
        "started_at": text(row["started_at"]),
        "job": row["job"],
        "as_of": text(end["as_of"]),
        "outcome": outcome,
        "seconds": None if outcome in ("RUNNING", "STOPPED", "UNKNOWN") else round(end["seconds"], 1),
        "rows_out": json.loads(end["rows_out"] or "{}"),
        "reason": " ".join(reason.split()) if reason else None,
        "run_id": row["run_id"],
    }
    return {name: found[name] for name in COLUMNS}


def without_end(fate: str) -> tuple[str, str]:
    """What became of a run that has written no end, and a sentence on it."""
    return {
        "alive": ("RUNNING", "it lives"),
        "dead": ("STOPPED", "it was stopped; the next run replaces what it left"),
    }.get(fate, ("UNKNOWN", "it has no end; if it is on another host, its lease would have to be watched"))


def text(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="seconds")
    return None if value is None else value.isoformat()
