"""What a run would do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vitalfew.job import Procedure, Step
from vitalfew.storage.delta import Storage
from vitalfew.suite import needs
from vitalfew.tables import Table


def plan(jobs: Sequence[Step], storage: Storage, as_of: date | None) -> str:
    """The jobs in order, with each table that would be read or written, where it is, and whether it is there."""
    names = {job.name for job in jobs}
    coming = {table.name for job in jobs for table in written(job, storage)}
    lines = [f"on {storage.engine.version}, as of {as_of or 'the day after the last order'}:"]
    for job in jobs:
        after = [name for name in needs(job) if name in names]
        lines.append(f"{job.name}" + (f" (after {', '.join(after)})" if after else ""))
        for read in job.reads.values():
            there = storage.exists(read.table) or read.table.name in coming
            state = "" if there else " (not there: read as empty)" if read.optional else " (MISSING)"
            lines.append(f"    reads  {read.table.name} at {storage.target.location(read.table.name).at}{state}")
        for source, files in storage.target.files.items() if takes_files(job) else ():
            lines.append(f"    reads  files {storage.target.resolve(files.at).at} into {source}")
        writes = written(job, storage)
        lines.extend(f"    writes {table.name} at {storage.target.location(table.name).at}" for table in writes)
        if takes_files(job) and not writes:
            lines.append("    nothing to do: the target names no files")
    return "\n".join(lines)


def written(job: Step, storage: Storage) -> list[Table]:
    """The tables that `job` writes at this place: of the sources, those for which it names files."""
    return [table for table in job.writes if not takes_files(job) or table.name in storage.target.files]


def takes_files(job: Step) -> bool:
    return isinstance(job, Procedure) and job.needs_files
