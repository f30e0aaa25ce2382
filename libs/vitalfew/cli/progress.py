"""What a run says while it runs: a spinner and a table on a terminal, log lines or JSON lines elsewhere."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from vitalfew.visible_text import visible_lines

if TYPE_CHECKING:
    from vitalfew.runs.pipeline import Outcome

MARKS = {"published": "green", "unchanged": "green", "skipped": "yellow", "failed": "red", "blocked": "red"}


class Progress:
    """Tells of every job when it begins and how it ended, on the standard error."""

    def __init__(self, log_format: str, jobs: int = 0) -> None:
        self.log_format = log_format
        self.jobs, self.begun = jobs, 0
        """How many jobs there are (0: it is not known), and how many of them have begun."""
        self.status: Any = None
        if log_format == "text" and sys.stderr.isatty():
            from rich.console import Console

            self.console = Console(stderr=True)
            self.status = self.console.status("starting the engine")

    def __enter__(self) -> Progress:
        if self.status:
            self.status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.status:
            self.status.stop()

    def began(self, job: str) -> None:
        self.begun += 1
        if self.status:
            many = f"{self.begun} of {self.jobs}: " if self.jobs else ""
            self.status.update(f"{many}{job} …")
        else:
            self.log("info", job, "started", {})

    def ended(self, outcome: Outcome) -> None:
        text = told(outcome)
        if self.status:
            from rich.text import Text

            line = Text.assemble(
                (f"{outcome.state:<9}", MARKS[outcome.state]), f" {outcome.job:<16} {visible_lines(text)}"
            )
            self.console.print(line)  # at once: a live spinner writes over a line that has no end yet
        else:
            level = "error" if outcome.state in ("failed", "blocked") else "info"
            details = {"seconds": round(outcome.seconds, 3), "rows": outcome.rows_out, "message": outcome.message}
            if outcome.rows_quarantined:
                details["rows_quarantined"] = outcome.rows_quarantined
            if outcome.as_of:
                details["as_of"] = str(outcome.as_of)
            self.log(level, outcome.job, outcome.state, details, text)

    def log(self, level: str, job: str, state: str, details: dict[str, Any], text: str = "") -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if self.log_format == "json":
            line = json.dumps({"time": now, "level": level, "job": job, "state": state, **details})
        else:
            line = visible_lines(f"{now} {level.upper():<5} {job}: {state} {text}".rstrip())
        click.echo(line, err=True)


def told(outcome: Outcome) -> str:
    """An outcome in words: seconds, day, rows, or what went wrong."""
    if outcome.state in ("failed", "blocked", "skipped"):
        return outcome.message
    rows = ", ".join(f"{name} {count:,}" for name, count in outcome.rows_out.items())
    day = f" as of {outcome.as_of}" if outcome.as_of else ""
    refused = f"; {outcome.rows_quarantined:,} rows in quarantine" if outcome.rows_quarantined else ""
    note = f"; {outcome.message}" if rows and outcome.message else ""
    return f"{outcome.seconds:.1f} s{day}: {rows or outcome.message}{refused}{note}"
