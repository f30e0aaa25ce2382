"""One run of a job at a time: whoever meets another that lives, or may live, does nothing and says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from vitalfew.errors import BusyError
from vitalfew.runs import processes
from vitalfew.runs.run_log import STARTED, Event

DEAD_AFTER = timedelta(hours=12)  # of a run elsewhere that has not ended: longer than any takes, less than a day
PATIENCE = 30.0  # seconds, for a run that has met another to say that it withdraws
UNDER_WAY: set[str] = set()
"""Runs of this process that have not ended, in whichever of its threads."""


@contextmanager
def under_way(run_id: str) -> Iterator[None]:
    """While it lasts, the run lives as long as this process does."""
    UNDER_WAY.add(run_id)
    try:
        yield
    finally:
        UNDER_WAY.discard(run_id)


def refuse_beside(standing: Event | None, now: datetime, force_unlock: bool) -> None:
    """BusyError where the newest run of a job has not ended, and is not known to be dead.

    Of one elsewhere nobody can know: it is dead after a while, or where somebody says so by `force_unlock`.
    """
    if standing is None or standing.outcome != STARTED:
        return
    fate = fate_of(standing)
    if fate == "dead" or (fate == "unknown" and (force_unlock or now - standing.started_at > DEAD_AFTER)):
        return
    if fate == "alive":
        advice = "which lives. Wait until it has ended and run again, or end that process first."
    else:
        advice = (
            "which cannot be looked at from here. Wait until it has ended and run again. It is taken for dead "
            f"{DEAD_AFTER.total_seconds() / 3600:.0f} hours after it began; if it surely is, add --force-unlock."
        )
    raise BusyError(f"{standing.job} is being run already; nothing was read or written. {named(standing)}, {advice}")


def fate_of(run: Event) -> processes.Fate:
    """Whether the process of a run lives and is still at it."""
    process = processes.parsed(run.process)
    if process is None:
        return "unknown"
    if process == processes.this():
        return "alive" if run.run_id in UNDER_WAY else "dead"
    return processes.fate(process)


def refuse_after(other: Event | None) -> None:
    """BusyError where another run of the job was the first to begin, or has taken over."""
    if other is not None:
        raise BusyError(
            f"{other.job}: another run came first; this one has written nothing. {named(other)}. "
            "Wait until it has ended and run again."
        )


def named(run: Event) -> str:
    """A run, since when and where, in words."""
    process = processes.parsed(run.process)
    where = f"process {process.pid} on host {process.host}" if process else "a process of an earlier version"
    return f"Run {run.run_id} began on {run.started_at:%Y-%m-%d at %H:%M} UTC in {where}"
