"""What a run would do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vitalfew.storage import Storage
from vitalfew.suite import Job, needs


def plan(jobs: Sequence[Job], storage: Storage, as_of: date | None) -> str:
    """The jobs in order, with each table that would be read or written, where it is, and whether it is there."""
    names = {job.name for job in jobs}
    coming = {table.name for job in jobs for table in job.writes}
    lines = [f"on {storage.engine.version}, as of {as_of or 'the day after the last order'}:"]
    for job in jobs:
        after = [name for name in needs(job) if name in names]
        lines.append(f"{job.name}" + (f" (after {', '.join(after)})" if after else ""))
        for read in job.reads:
            there = storage.exists(read.table) or read.table.name in coming
            state = "" if there else " (not there: read as empty)" if read.optional else " (MISSING)"
            lines.append(f"    reads  {read.table.name} at {storage.place.location(read.table.name).at}{state}")
        for source, files in storage.place.files.items() if job.transform is None else ():
            lines.append(f"    reads  files {storage.place.resolve(files.at).at} into {source}")
        lines.extend(f"    writes {table.name} at {storage.place.location(table.name).at}" for table in job.writes)
    return "\n".join(lines)
