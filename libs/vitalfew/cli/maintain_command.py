"""The command `maintain`: the files and logs of the tables are looked after, and what is old is removed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from vitalfew.cli.options import located, opened

if TYPE_CHECKING:
    from vitalfew.config.loading import Config
    from vitalfew.runs.pipeline import Runner
    from vitalfew.storage.delta import Storage

COLUMNS = ("table", "files", "files_after", "removed", "MB", "log_files", "log_files_after")
MB = 2**20


@click.command()
@located
@click.option("--dry-run", is_flag=True, help="Say what would be done to each table, and stop.")
@click.option("--json", "as_json", is_flag=True, help="As JSON: tables, old_rows, and notes.")
@click.option("--force-unlock", is_flag=True, help="Treat unfinished runs on other hosts as failed.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def maintain(conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any) -> int:
    """Put small files together, remove files that no reader needs, and shorten the logs of the tables.

    Where the target says `retention`, `expire` comes first: it removes old slices. No row changes otherwise, and no job
    runs again because of it. Tables of a job that runs meanwhile are left for the next time.

    Example, once a week: vitalfew maintain --target shop
    """
    from vitalfew import suite
    from vitalfew.cli.progress import Progress
    from vitalfew.config import loading
    from vitalfew.runs.pipeline import Runner

    loaded = loading.load(conf, target, suite.chosen(["expire", "maintain"]), (), engine=engine, root=root)
    steps = suite.chosen(["expire", "maintain"] if loaded.target.retention else ["maintain"])
    if options["dry_run"]:
        with opened(loaded) as storage:
            click.echo(told(expected(storage, loaded), loaded, options["as_json"]))
        return 0
    with Progress(options["log_format"], target=target) as progress, opened(loaded) as storage:
        runner = Runner(storage, loaded, began=progress.began, ended=progress.ended)
        runner.force_unlock = options["force_unlock"]
        outcomes = runner.run(steps)
        failed = [outcome.error for outcome in outcomes if outcome.error is not None]
        if failed and debug:
            raise failed[0]
        progress.exit_code = failed[0].exit_code if failed else 0
    done: dict[str, Any] = {"tables": [], "notes": []}
    for outcome in outcomes:
        if outcome.job == "expire":
            done["old_rows"] = outcome.rows_out
        elif outcome.report:
            done |= json.loads(outcome.report)
    click.echo(told(done, loaded, options["as_json"]))
    return progress.exit_code or 0


def expected(storage: Storage, loaded: Config) -> dict[str, Any]:
    """What a run would do; nothing is written."""
    from dataclasses import asdict

    from vitalfew.procedures.context import Context
    from vitalfew.procedures.expire import perform as expire
    from vitalfew.procedures.maintain import perform
    from vitalfew.runs.published import Published
    from vitalfew.runs.upkeep_locks import Locks

    now = datetime.now(UTC).replace(tzinfo=None)
    guard = Locks(Published(storage, loaded.target.files), now)
    context = Context(storage, loaded.params["maintain"], now, guard=guard)
    found = [asdict(one) for one in perform.expected(context)]
    return {"old_rows": expire.expected(storage, now), "tables": found, "notes": []}


def told(found: dict[str, Any], loaded: Config, as_json: bool) -> str:
    """What was done, or would be: JSON, or a table of the tables to which something was."""
    from vitalfew.cli import layouts
    from vitalfew.visible_text import visible_json, visible_lines

    if as_json:
        return visible_json(loaded.redact(json.dumps(found, indent=2)))
    lines = [
        f"{name}: {rows:,} rows are older than `retention` says" for name, rows in found.get("old_rows", {}).items()
    ]
    rows = [cells(one) for one in found["tables"] if is_worth_telling(one)]
    if rows:
        lines.append(layouts.drawn(list(COLUMNS), rows, layouts.screen_width()))
    idle = len(found["tables"]) - len(rows)
    lines.append(f"{idle} tables need nothing." if rows else f"Nothing is to be done in {idle} tables.")
    return visible_lines(loaded.redact("\n".join([*lines, *found["notes"]])))


def is_worth_telling(one: dict[str, Any]) -> bool:
    """Whether there is anything to say of a table."""
    fewer = one["files_after"] not in (None, one["files"]) or one["log_files_after"] not in (None, one["log_files"])
    return bool(fewer or one["removed"] or one["note"])


def cells(one: dict[str, Any]) -> list[str]:
    """A line of the table; what is not known beforehand is a dash."""
    size = one["removed_bytes"]
    shown = {**one, "MB": None if size is None else f"{size / MB:.1f}"}
    return ["-" if shown[name] is None else str(shown[name]) for name in COLUMNS]


def due_after(loaded: Config, runner: Runner) -> str:
    """One line where maintenance is due after `run all`; empty where it is not."""
    from vitalfew.procedures.maintain import due

    found = due.tables(loaded)
    why = due.by_days(days_since(runner), loaded) if found is None else due.sentence(found) if found else ""
    return f"{why}. Run: vitalfew maintain --target {loaded.target_name}" if why else ""


def days_since(runner: Runner) -> int | None:
    """Days from the last maintenance, or else from the first run, to the last run; None where nothing was run."""
    events = runner.published.ledger.events
    last = runner.published.ledger.last_published("maintain")
    since = last or next(iter(events), None)
    return (events[-1].started_at - since.started_at).days if since else None
