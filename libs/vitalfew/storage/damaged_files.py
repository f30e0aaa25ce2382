"""Data files of tables that are gone, cut off or overwritten: which they are, and how to have them back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from vitalfew import confidential, suite
from vitalfew.config.target import Target, on_this_machine
from vitalfew.engines.failures import is_of_the_engine, unexpected
from vitalfew.errors import TableError, VitalFewError
from vitalfew.job import Job
from vitalfew.storage import delta_log
from vitalfew.tables import Table

FILE = re.compile(
    r"Failed to fetch metadata for file (?P<sail>.+?\.parquet)"
    r"|[Rr]eading file (?P<spark>.+?\.parquet)"
    r"|(?P<reader>\S+\.parquet) is not a Parquet file"
    r"|File (?P<lost>\S+\.parquet) (?:does not exist|referenced in the transaction log cannot be found)"
)
"""How the embedded engine, Spark, its reader of Parquet and its file system name a file that they cannot read."""
DAMAGE = re.compile(
    r"Requested range was invalid|Object at location .* not found|Invalid Parquet file|Corrupt footer"
    r"|CANNOT_READ_FILE_FOOTER|FILE_NOT_EXIST|is not a Parquet file|\.parquet does not exist"
    r"|in the transaction log cannot be found"
)
"""Which of these are about the file; a server that does not answer is none."""
SCHEME = re.compile(r"^[a-z0-9]+:/*")
MAGIC = b"PAR1"
SHORTEST = 12  # bytes: MAGIC, the length of a footer, MAGIC
MOST_FILES = 5_000


@dataclass(frozen=True)
class Damaged:
    """A file of a table's newest version that is not what the log says; `size` is None where it is gone."""

    file: str
    size: int | None
    written: int

    @property
    def state(self) -> str:
        if self.size is None:
            return f"{self.file} is gone"
        return f"{self.file} has {self.size:,} of its {self.written:,} bytes"


def known(error: Exception, target: Target, target_name: str = "") -> VitalFewError:
    """As `unexpected`; where a damaged file of a table is behind `error`, a TableError that says what to do."""
    cause = error.__cause__
    of_engine = cause if isinstance(error, TableError) and isinstance(cause, Exception) else error
    text = str(of_engine)
    match = FILE.search(text) if is_of_the_engine(of_engine) else None
    file = match[match.lastgroup or 0] if match else ""
    table = table_of(target, file) if match else None
    state = state_here(table, target, file) if table else None
    if table is None or not (state or DAMAGE.search(text)):
        return unexpected(error)
    is_silent = confidential.is_silent(error) or confidential.is_silent(of_engine)
    told = TableError(
        f"{table.name} cannot be read: its file {file.rpartition('/')[2] if is_silent else file} "
        f"{state or 'is gone or damaged'}. {advice(table, target, target_name)}"
    )
    told.__cause__ = of_engine
    if is_silent:
        confidential.without_causes(told)
    return told


def table_of(target: Target, file: str) -> Table | None:
    """The table below whose folder a file lies; of tables of a catalog, the one that its folder is called after."""
    path = bare(file)
    tables = {name: target.location(name) for name in suite.TABLES}
    above = [name for name, at in tables.items() if at.is_path and path.startswith(f"{bare(at.at)}/")]
    if above:
        return suite.TABLES[max(above, key=lambda name: len(tables[name].at))]
    folder = next((part for part in reversed(path.split("/")[:-1]) if "=" not in part), "")
    return suite.TABLES[folder] if folder in tables and not tables[folder].is_path else None


def bare(at: str) -> str:
    """A path or URI without its scheme and the slashes before it: engines write them in ways of their own."""
    return unquote(SCHEME.sub("", at)).strip("/")


def state_here(table: Table, target: Target, file: str) -> str | None:
    """What is wrong with a file, where it lies on this machine and that can be seen from its length and its end."""
    at = target.location(table.name)
    if not at.is_path or on_this_machine(at.at) is None:
        return None
    path = Path("/", bare(file))
    try:
        size = path.stat().st_size
        with path.open("rb") as opened:
            opened.seek(-min(size, len(MAGIC)), 2)
            end = opened.read()
    except FileNotFoundError:
        return "is gone"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if size >= SHORTEST and end == MAGIC else f"is cut off or overwritten ({size:,} bytes)"


def advice(table: Table, target: Target, target_name: str = "") -> str:
    """How to have back a table with a damaged file.

    A run reads the tables of its own job, even with --force. So the damaged one is moved away first.
    """
    named = f" --target {shlex.quote(target_name)}" if target_name else ""
    at, writer = target.location(table.name).at, suite.owner(table)
    if table.kind == "source" and table.name in target.files:
        return f"Restore it, or move {at} away and read all files again: vitalfew run ingest{named}"
    if not isinstance(writer, Job) or table.kind not in ("fact", "result"):
        return "Restore it from a backup."
    again = f"Restore it, or move {at} away and run the job that makes it again: vitalfew run {writer.name}{named}"
    return f"{again} (with --as-of for each earlier day that you need)" if table.slice == "as_of" else again


def damaged(folder: Path) -> Iterator[Damaged]:
    """The files of the newest version of the table in `folder` that are gone or shorter than its log says.

    Only their sizes are looked at, and of no more than MOST_FILES. TableError where the log cannot be read.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        files = DeltaTable(str(folder)).get_add_actions()
    except DeltaError as error:
        raise TableError(f"The log of {folder} cannot be read: {' '.join(str(error).split())[:300]}") from error
    listed = zip(files.column("path").to_pylist(), files.column("size_bytes").to_pylist(), strict=True)
    for name, written in islice(listed, MOST_FILES):
        if "://" in name:
            continue  # of a shallow clone
        found = size_of(folder, name)
        if found is None or found < written:
            yield Damaged(name, found, written)


def size_of(folder: Path, name: str) -> int | None:
    """The bytes of a file of a table; None where it is not there. The log may write its path as in a URI."""
    for each in dict.fromkeys((name, unquote(name))):
        try:
            return (folder / each).stat().st_size
        except FileNotFoundError:
            continue
    return None


def can_be_seen(folder: Path) -> bool:
    """Whether `damaged` can look at a table: its log has a commit, and the library that reads it is there."""
    return find_spec("deltalake") is not None and delta_log.newest_commit(folder / "_delta_log") is not None
