"""Like with like: which slice before a run's day was computed with the settings that the run has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import suite
from vitalfew.domain.retention import kept
from vitalfew.job import Read, Step
from vitalfew.runs.run_log import Ledger


@dataclass
class Previous:
    """The slices before that of `job` as of `as_of`, which it computes with `settings`.

    `other_settings`, by table: the day of a slice before that is passed over, as other settings made it; with
    `notes`, one sentence for each.
    """

    ledger: Ledger
    job: Step
    as_of: date
    settings: str | None
    other_settings: dict[str, date] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def slice(self, frame: DataFrame, read: Read) -> DataFrame:
        """Of all slices of a table, the newest before today that can be compared with today's; empty if none can."""
        owner = suite.owner(read.table)
        if read.any_settings or owner is None:
            before = frame.where(F.col("as_of") < F.lit(self.as_of))
            last = before.agg(F.max("as_of").alias("last")).collect()[0]["last"]
        else:
            last = self.comparable(owner, read.table.name)
        return frame.where(F.col("as_of") == F.lit(last))

    def fitted(self, config_hash: str) -> date | None:
        """The newest day up to ours that this job published with the settings and the version of this run."""
        slices = self.ledger.slices(self.job.name)
        stored = [self.ledger.storage.target.retention.get(table.name) for table in self.job.writes]
        most = min((days for days in stored if days is not None), default=None)
        return max(
            (
                day
                for day in kept(slices, most)
                if day <= self.as_of
                and slices[day].settings == self.settings
                and slices[day].config_hash == config_hash
            ),
            default=None,
        )

    def comparable(self, owner: Step, table: str) -> date | None:
        """The newest day before ours that `owner` published with the settings of its slice of today."""
        slices = self.ledger.slices(owner.name)
        today = slices.get(self.as_of)
        wanted = self.settings if owner is self.job else today.settings if today else None
        most = self.ledger.storage.target.retention.get(table)
        before = [day for day in kept(slices, most) if day < self.as_of]
        alike = [day for day in before if wanted is not None and slices[day].settings == wanted]
        last, newest = max(alike, default=None), max(before, default=None)
        if newest is not None and newest != last and (wanted is not None or today):
            self.other_settings[table] = newest
            self.notes.append(unlike(owner.name, table, newest, last))
        return last


def unlike(owner: str, table: str, newest: date, last: date | None) -> str:
    """That a slice was made with other settings, and what is done instead."""
    instead = f"it is compared with that of {last}" if last else "nothing is compared with it"
    return (
        f"the settings of {owner}, or of what it reads, changed after its slice of {newest} in {table}: {instead} "
        f"(to compare, run {owner} --as-of {newest} again)"
    )


def upstream(ledger: Ledger, job: Step, as_of: date | None) -> dict[str, str | None]:
    """The settings with which the tables that `job` reads were made, by the job that made them.

    Facts that only save work (`in_step`) decide nothing: without them the job computes the same.
    """
    found: dict[str, str | None] = {}
    for read in job.reads.values():
        owner = suite.owner(read.table)
        if owner is None or owner is job or read.part == "previous" or read.in_step:
            continue
        last = ledger.slices(owner.name).get(as_of) if owner.is_dated and as_of else ledger.last_published(owner.name)
        found[owner.name] = last.settings if last else None
    return found
