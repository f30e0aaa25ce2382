"""Run jobs at a target, in the order of what they need."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from vitalfew import confidential, suite
from vitalfew.config import loading
from vitalfew.errors import VitalFewError
from vitalfew.job import Step
from vitalfew.procedures.forget.persons import Named
from vitalfew.runs import lock_files, manifest, rollback, upkeep_locks
from vitalfew.runs.published import Published
from vitalfew.runs.run import Asked, Run
from vitalfew.storage import damaged_files
from vitalfew.storage.delta import Storage

State = Literal["published", "unchanged", "skipped", "failed", "blocked"]


@dataclass(frozen=True)
class Outcome:
    """How one job of a run ended."""

    job: str
    state: State
    seconds: float = 0.0
    message: str = ""
    rows_out: dict[str, int] = field(default_factory=dict)
    as_of: date | None = None
    error: VitalFewError | None = None
    rows_quarantined: int = 0
    report: str = ""
    """A page for the user, such as a certificate."""
    run_id: str = ""
    """As in `runs`; empty where the job did not begin."""


class Watching:
    """Sees the runs of a pipeline; what it does with them must fail none."""

    def started(self, run: Run) -> None:
        """A run is about to begin its work."""

    def finished(self, run: Run, outcome: Outcome) -> None:
        """A run is over, or had nothing to begin with."""


@dataclass
class Runner:
    """Runs jobs at one target, in the order of what they need."""

    storage: Storage
    config: loading.Config
    as_of: date | None = None
    force: bool = False
    refit: bool = False
    """Whether jobs that fit models do it now, on whatever day they did it last."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None)
    planned: Callable[[Mapping[str, float | None]], None] = lambda _: None
    """Is told, before the first job, of each in their order how long it took the last time; None where nobody knows."""
    began: Callable[[str], None] = lambda _: None
    ended: Callable[[Outcome], None] = lambda _: None
    watching: Watching = field(default_factory=lambda: Watching())
    """Is given each run when it begins its work, and when it is over."""
    force_unlock: bool = False
    """Whether a run elsewhere that has not ended is dead, on the word of the user."""
    reread: tuple[str, ...] = ()
    """Sources of which all files are to be read again."""
    erase: Named = field(default_factory=Named)
    """Customers whom `forget` forgets."""

    def __post_init__(self) -> None:
        self.published = Published(self.storage, self.config.target.files, self.as_of)

    def run(self, jobs: Sequence[Step], lenient: bool = False) -> list[Outcome]:
        """The outcome of every job; `lenient` skips, by name, a job whose input tables are not there."""
        outcomes: dict[str, Outcome] = {}
        lock_files.remove_old()
        ordered = suite.ordered(jobs)
        self.planned({job.name: self.published.ledger.seconds(job.name) for job in ordered})
        for job in ordered:
            stopped = [
                name
                for name in suite.needs(job, strictly=True)
                if name in outcomes and outcomes[name].state in ("failed", "blocked")
            ]
            if stopped:
                outcome = Outcome(job.name, "blocked", message=f"not run: {', '.join(stopped)} did not finish")
            else:
                self.began(job.name)
                outcome = self.attempt(job, lenient)
            outcomes[job.name] = outcome
            self.ended(outcome)
        return list(outcomes.values())

    def attempt(self, job: Step, lenient: bool) -> Outcome:
        """One job; whatever goes wrong is told in the outcome and in `runs`, and nothing staged is left."""
        started, clock = self.now(), time.monotonic()
        asked = Asked(self.force, self.refit, self.force_unlock, self.reread, self.erase)
        run = Run(self.published, self.config, asked, job, started, secrets.token_hex(8))
        with run.lease:
            outcome = self.outcome_of(run, lenient, clock)
        self.watching.finished(run, outcome)
        return outcome

    def outcome_of(self, run: Run, lenient: bool, clock: float) -> Outcome:
        """How a run ends."""
        job = run.job
        try:
            if lenient and (absent := self.published.absent(job)):
                return Outcome(job.name, "skipped", message=absent)
            self.watching.started(run)
            upkeep_locks.wait(self.published, job)
            undone = rollback.others(self.published, job, self.now(), self.force_unlock)
            notes = [*self.config.overrides.get(job.name, []), *undone, *manifest.renew(self.published)]
            with confidential.about(*[read.table for read in job.reads.values()]):
                rows = run.execute()
        except Exception as error:
            known = damaged_files.known(error, self.config.target, self.config.target_name)
            known.args = (self.config.redact(str(known)),)
            message = str(known) + self.config.redact(run.fail(known))
            seconds = time.monotonic() - clock
            return Outcome(job.name, "failed", seconds, message, as_of=run.as_of, error=known, run_id=run.run_id)
        finally:
            self.storage.release()
        seconds = time.monotonic() - clock
        if rows is None:
            told = "; ".join(["nothing has changed since it was published", *notes])
            return Outcome(job.name, "unchanged", seconds, told, {}, run.as_of, run_id=run.run_id)
        refused = run.account.rows_quarantined if run.account else 0
        told = "; ".join(dict.fromkeys(notes + run.notes))
        return Outcome(job.name, "published", seconds, told, rows, run.as_of, None, refused, run.report, run.run_id)
