"""What a run says while it runs: a spinner and a table on a terminal, log lines or JSON lines elsewhere.

A JSON line has time, level, target, job and state. The end of a job has also its run_id (as in `runs`), seconds, rows,
message and day; the last line (job: null) the exit code, seconds, and how many jobs came to which end.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import click

from vitalfew.errors import ConfigError, VitalFewError
from vitalfew.visible_text import visible_lines

if TYPE_CHECKING:
    from vitalfew.runs.pipeline import Outcome

MARKS = {"published": "green", "unchanged": "green", "skipped": "yellow", "failed": "red", "blocked": "red"}
PRIOR = 2.0
"""Seconds that a run is taken to go as the last one did, before it shows."""
SOON, MINUTES = 8.0, 100.0
"""Seconds below which they are not counted, and from which they are minutes."""


class Ahead:
    """How long a run will still take, by how long its jobs took the last time, and by how this run goes beside that."""

    def __init__(self) -> None:
        self.took: dict[str, float | None] = {}
        self.done, self.spent = 0.0, 0.0
        """How long the jobs that ended took the last time, and take now."""
        self.clock = time.monotonic()

    def began(self) -> None:
        self.clock = time.monotonic()

    def ended(self, job: str) -> None:
        """`job` is over, or will not begin."""
        known = self.took.pop(job, None)
        if known is not None:
            self.done, self.spent = self.done + known, self.spent + time.monotonic() - self.clock
        self.clock = time.monotonic()

    def seconds(self) -> float | None:
        """None where a job is ahead of which nobody knows how long it takes."""
        known = [took for took in self.took.values() if took is not None]
        if not known or len(known) < len(self.took):
            return None
        pace = (self.spent + PRIOR) / (self.done + PRIOR)
        running = max(pace * known[0] - (time.monotonic() - self.clock), 0.0)
        return running + pace * sum(known[1:])

    def in_words(self) -> str:
        left = self.seconds()
        if left is None:
            return ""
        if left < SOON:
            return "a few seconds left"
        if left < MINUTES:
            return f"about {5 * round(left / 5)} s left"
        return f"about {round(left / 60)} min left"


class Line:
    """What stands beside the spinner: `text`, and how long it will still take, as of when it is drawn."""

    def __init__(self, text: str, ahead: Ahead) -> None:
        self.text, self.ahead = text, ahead

    def __rich__(self) -> str:
        return f"{self.text} {self.ahead.in_words()}".rstrip()


class Progress:
    """Tells of every job when it begins and how it ended, on the standard error, and as JSON lines in a `file`."""

    def __init__(self, log_format: str, jobs: int = 0, target: str = "", file: str | None = None) -> None:
        self.log_format, self.target, self.clock = log_format, target, time.monotonic()
        self.jobs, self.begun = jobs, 0
        """How many jobs there are (0: it is not known), and how many of them have begun."""
        self.exit_code: int | None = None
        """That of the run, once it is known."""
        self.states: Counter[str] = Counter()
        self.ahead = Ahead()
        self.file = opened(file)
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
        code = (self.exit_code or 0) if error is None else code_of(error)
        details: dict[str, Any] = {"message": "" if error is None else str(error)}
        details |= {"exit_code": code, "seconds": round(time.monotonic() - self.clock, 3), "jobs": dict(self.states)}
        self.write_json("error" if code else "info", None, "finished", details)
        if self.file:
            self.file.close()

    def planned(self, took: Mapping[str, float | None]) -> None:
        """How long each job that is to run took the last time, in their order; None where nobody knows."""
        self.ahead.took = dict(took)

    def began(self, job: str) -> None:
        self.begun += 1
        self.ahead.began()
        if self.status:
            many = f"{self.begun} of {self.jobs}: " if self.jobs else ""
            self.status.update(Line(f"{many}{job} …", self.ahead))
        self.log("info", job, "started", {})

    def ended(self, outcome: Outcome) -> None:
        text = told(outcome)
        self.states[outcome.state] += 1
        self.ahead.ended(outcome.job)
        if self.status:
            from rich.text import Text

            line = Text.assemble(
                (f"{outcome.state:<9}", MARKS[outcome.state]), f" {outcome.job:<16} {visible_lines(text)}"
            )
            self.console.print(line)  # at once: a live spinner writes over a line that has no end yet
        level = "error" if outcome.state in ("failed", "blocked") else "info"
        details: dict[str, Any] = {"seconds": round(outcome.seconds, 3), "rows": outcome.rows_out}
        details |= {"message": outcome.message}
        if outcome.run_id:
            details["run_id"] = outcome.run_id
        if outcome.rows_quarantined:
            details["rows_quarantined"] = outcome.rows_quarantined
        if outcome.as_of:
            details["as_of"] = str(outcome.as_of)
        self.log(level, outcome.job, outcome.state, details, text)

    def warn(self, text: str) -> None:
        """Report what a person should know of the whole run, and what fails nothing."""
        if self.status:
            self.console.print(f"WARNING   {visible_lines(text)}", markup=False)
        elif self.log_format != "json":
            click.echo(visible_lines(f"{now()} WARNING {text}"), err=True)
        self.write_json("warning", None, "warning", {"message": text})

    def log(self, level: str, job: str, state: str, details: dict[str, Any], text: str = "") -> None:
        """A line where there is no spinner, and one in the file."""
        if self.log_format != "json" and not self.status:
            click.echo(visible_lines(f"{now()} {level.upper():<5} {job}: {state} {text}".rstrip()), err=True)
        self.write_json(level, job, state, details)

    def write_json(self, level: str, job: str | None, state: str, details: dict[str, Any]) -> None:
        known = {"time": now(), "level": level, "target": self.target, "job": job, "state": state}
        line = json.dumps({**known, **details})
        if self.log_format == "json":
            click.echo(line, err=True)
        if self.file:
            self.file.write(f"{line}\n")
            self.file.flush()  # whoever follows it sees a job when it begins


def code_of(error: BaseException) -> int:
    """The exit code of a run that an error ends."""
    if isinstance(error, VitalFewError):
        return error.exit_code
    return 130 if isinstance(error, KeyboardInterrupt) else 70


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def opened(path: str | None) -> IO[str] | None:
    """The file at `path`, to be written on; ConfigError where it cannot be."""
    if path is None:
        return None
    try:
        return Path(path).open("a", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--log-file {path} cannot be written: {error.strerror or error}.") from error


def told(outcome: Outcome) -> str:
    """An outcome in words: seconds, day, rows, or what went wrong."""
    if outcome.state in ("failed", "blocked", "skipped"):
        return outcome.message
    rows = ", ".join(f"{name} {count:,}" for name, count in outcome.rows_out.items())
    day = f" as of {outcome.as_of}" if outcome.as_of else ""
    refused = f"; {outcome.rows_quarantined:,} rows in quarantine" if outcome.rows_quarantined else ""
    note = f"; {outcome.message}" if rows and outcome.message else ""
    return f"{outcome.seconds:.1f} s{day}: {rows or outcome.message}{refused}{note}"
