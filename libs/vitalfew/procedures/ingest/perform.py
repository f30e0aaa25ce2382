"""The procedure `ingest`: files to source tables, each file once."""

from __future__ import annotations

from typing import cast
from zlib import crc32

from vitalfew.config.files import FileSource
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.context import Context, Performed, Plan
from vitalfew.procedures.ingest.accounts import Ingested
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage.contracts import rounding_warning
from vitalfew.storage.snapshots import Snapshot, Versions
from vitalfew.suite import JOBS, TABLES

MIXED = Snapshot(0)
"""In place of a version of settings: files of the source were read by several."""


def planned(context: Context) -> Plan:
    """Take what is new; where sources are read again, their tables and the logs of files are undone if that stops."""
    files = context.storage.target.files
    inputs: Versions = {f"files.{name}": settings_version(source) for name, source in files.items()}
    again = tuple(TABLES[name] for name in context.reread)
    return Plan(lambda: performed(context, inputs), inputs, (*again, *JOBS["ingest"].logs) if again else ())


def performed(context: Context, inputs: Versions) -> Performed:
    """All new files, taken."""
    files = context.storage.target.files
    new_sources = frozenset(name for name in files if not context.storage.exists(TABLES[name]))
    params = cast(IngestParams, context.params)
    taken = ingest(context.storage, files, params, context.now, context.reread, context.hold)
    read_by, remapped = settings_of(taken, inputs, context, new_sources)
    rounded = [rounding_warning(name, account, files[name].rounding) for name, account in taken.sources.items()]
    rows = {"rows used": taken.rows_used}
    if taken.rows_duplicate:
        rows["rows duplicate"] = taken.rows_duplicate
    if replaced := sum(found[0] for found in taken.replaced.values()):
        rows["rows replaced"] = replaced
    return Performed(rows, read_by, taken, (*taken.unused, *taken.told, *remapped, *filter(None, rounded)))


def settings_of(
    account: Ingested, now: Versions, context: Context, new_sources: frozenset[str]
) -> tuple[Versions, list[str]]:
    """The settings by which the files of each source were read, and a warning where they are not those of today.

    Of a source whose files were read by several settings, MIXED: until they are read again.
    """
    found = dict(now)
    changed = []
    for where, version in now.items():
        name = where.removeprefix("files.")
        if name in context.reread or context.before.get(where, version) == version or name in new_sources:
            continue
        found[where] = MIXED if name in account.sources else context.before[where]
        changed.append(name)
    if not changed:
        return found, []
    return found, [
        f"WARNING: {', '.join(f'files.{name}' for name in changed)} changed in the target's file, and files taken "
        f"before stay as they were read; to read them again: vitalfew run ingest --reread {changed[0]}"
    ]


def settings_version(source: FileSource) -> Snapshot:
    """A number that is another when files are to be read in another way; where they are does not matter."""
    return Snapshot(crc32(source.model_dump_json(exclude={"at"}).encode()))
