"""One run of a job at a time: whoever meets another that lives does nothing and says so."""

from __future__ import annotations

import time
from typing import Literal

from vitalfew.errors import BusyError
from vitalfew.runs import leases
from vitalfew.runs.leases import Lease
from vitalfew.runs.lock_files import Fate
from vitalfew.runs.run_log import STARTED, Event, Ledger

Wrote = Literal["nothing", "undone", "kept"]
PATIENCE = 30.0  # seconds, for a run that has met another to say that it withdraws


def lease(ledger: Ledger, run_id: str) -> Lease:
    """The lease of a run that is about to begin."""
    return Lease(ledger.leases, run_id, lambda: any(run_id in (each.process or "") for each in ledger.unended()))


def refuse_beside(ledger: Ledger, job: str, force_unlock: bool) -> None:
    """BusyError where the newest run of a job has not ended and lives.

    Of one elsewhere that is known when its lease was watched: until it changes, or has lasted. All that have no end are
    watched at once. `force_unlock`: whether it is dead on the word of the user, unless it was seen to live.
    """
    while (fate := fate_of_standing(ledger, job)) == "unknown" and not force_unlock:
        for each in ledger.unended():
            fate_of(ledger, each)
        time.sleep(ledger.leases.step)
        ledger.refresh()
    standing = ledger.standing(job)
    if fate == "alive" and standing is not None:
        raise BusyError(
            f"{standing.job} is being run already; nothing was read or written. {named(standing)}, which lives. "
            "Wait until it has ended and run again, or end that process first."
        )


def fate_of_standing(ledger: Ledger, job: str) -> Fate:
    """What became of the newest run of a job; dead where there is none, or it has ended."""
    standing = ledger.standing(job)
    return "dead" if standing is None or standing.outcome != STARTED else fate_of(ledger, standing)


def fate_of(ledger: Ledger, run: Event) -> Fate:
    """Whether a run without an end lives, as far as that is known by now."""
    return ledger.leases.fate(run.process, run.run_id, run.started_at)


def refuse_after(other: Event | None, wrote: Wrote = "nothing") -> None:
    """BusyError where another run of the job was the first to begin, or has taken over.

    `wrote`: what becomes of what this one has written.
    """
    if other is None:
        return
    if wrote != "nothing":
        rest = "the other undoes what it wrote" if wrote == "undone" else "what it had written before stays"
        raise BusyError(
            f"{other.job}: another run has taken over, as this one was taken for dead while it wrote: its lease was "
            f"not renewed in time. This one has stopped, and {rest}. {named(other)}. "
            "Wait until it has ended and run again."
        )
    raise BusyError(
        f"{other.job}: another run came first; this one has written nothing. {named(other)}. "
        "Wait until it has ended and run again."
    )


def named(run: Event) -> str:
    """A run, since when and where, in words."""
    holder = leases.parsed(run.process)
    where = f"process {holder.pid} on host {holder.host}" if holder else "a process of an earlier version"
    return f"Run {run.run_id} began on {run.started_at:%Y-%m-%d at %H:%M} UTC in {where}"
