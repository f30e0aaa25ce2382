"""Which files are new, and whether they are what the configuration says; before a row of them is read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.engine import first_line
from vitalfew.errors import TableError
from vitalfew.ingest import reading
from vitalfew.ingest.drops import Drop
from vitalfew.ingest.parts import Layout
from vitalfew.ingest.settings import FileSource, IngestParams, repeated
from vitalfew.storage import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES

SEPARATORS = ",;\t|"
SHOWN = 5


@dataclass(frozen=True)
class NewFile:
    """A file to be taken: its content, and the names of its columns."""

    drop: Drop
    digest: str
    header: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What the ledger says of one source: contents taken, and how the files looked then."""

    digests: frozenset[str]
    looks: frozenset[tuple[str, int, int]]


def layout(source: FileSource) -> Layout:
    """What the readers need to know of `source`."""
    return Layout(
        source.format,
        source.used,
        source.names,
        source.separator,
        source.quote,
        source.multiline,
        source.encoding,
        source.hide,
    )


def known(storage: Storage, table: Table) -> Known:
    """What the ledger of files says of `table`; nothing, where the table was taken away."""
    if not storage.exists(table):
        return Known(frozenset(), frozenset())
    modified = F.expr("unix_micros(modified_at)").alias("modified")
    taken = storage.read_or_empty(FILES).where(F.col("source") == table.name)
    rows = driver.rows(taken.select("digest", "path", "bytes", modified), "the ledger of files")
    return Known(frozenset(row[0] for row in rows), frozenset((row[1], row[2], row[3]) for row in rows))


def find(spark: SparkSession, table: Table, source: FileSource) -> list[Drop]:
    """All files of `source` as they are now, by name."""
    try:
        found = reading.spread(spark, [source.at], reading.find, reading.FOUND)
        return [Drop(*row) for row in driver.rows(found, f"the files of {table.name}")]
    except PySparkException as error:
        raise TableError(f"files.{table.name}: {source.at} cannot be listed: {cause(error)}") from error


def new_files(storage: Storage, table: Table, source: FileSource, params: IngestParams) -> tuple[NewFile, ...]:
    """Files whose content was not taken before, one of each content, by name; TableError with all that is wrong."""
    before = known(storage, table)
    found = find(storage.spark, table, source)
    if not found and not before.digests:
        raise TableError(f"files.{table.name}: there is no file at {source.at}. Check `at` in the place's file.")
    looks = before.looks if params.trust_file_times else frozenset[tuple[str, int, int]]()
    fresh = [drop for drop in found if (drop.name, drop.size, drop.changed_us) not in looks]
    seen = set(before.digests)
    new: list[NewFile] = []
    for file in looked(storage.spark, table, source, fresh):
        if file.digest not in seen:
            seen.add(file.digest)
            new.append(file)
    return tuple(new)


def looked(spark: SparkSession, table: Table, source: FileSource, found: Sequence[Drop]) -> list[NewFile]:
    """`found` with digests and columns; TableError where some are not as described."""
    if not found:
        return []
    how = layout(source)
    seen = reading.spread(spark, reading.shares(found), lambda files: reading.look(files, how), reading.SEEN)
    rows = sorted(driver.rows(seen, "the digests of new files"))
    new = [NewFile(found[number], digest, tuple(json.loads(header or "[]"))) for number, digest, header, _ in rows]
    problems = [
        f"{file.drop.name} {' And '.join(why)}"
        for file, row in zip(new, rows, strict=True)
        if (why := [f"{row['trouble']}."] if row["trouble"] else complaints(file.header, source))
    ]
    if problems:
        more = f"\n  And {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
        raise TableError(
            f"files.{table.name}: {len(problems)} of {len(new)} new files at {source.at} cannot be taken; "
            "nothing was written.\n  "
            + "\n  ".join(problems[:SHOWN])
            + more
            + "\nMend these files or take them away, or say "
            f"under files.{table.name} in the place's file how they are written."
        )
    return new


def complaints(header: tuple[str, ...], source: FileSource) -> list[str]:
    """What is wrong with the columns of a file."""
    other = next((mark for mark in SEPARATORS if len(header) == 1 and mark in header[0]), None)
    if source.format == "jsonl":
        return []
    if source.format == "csv" and other:
        text = header[0][:300]
        return [f"has one column, {text!r}: `separator` is {source.separator!r}, and it looks like {other!r}."]
    if source.names:
        count = f"has {len(header)} cells in its first line where `names` has {len(source.names)}."
        return [] if len(header) == len(source.names) else [count]
    lacking = [name + near(name, header) for name in source.used if name not in header]
    twice = [name for name in repeated(header) if name in source.used]
    return [
        *([f"has no column {', '.join(lacking)}. It has: {listed(header)}"] if lacking else []),
        *[f"has the column {name} twice." for name in twice],
    ]


def near(name: str, header: Sequence[str]) -> str:
    """A column of the file that `name` may stand for, in brackets; nothing where none is like it."""
    close = difflib.get_close_matches(name, header, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def listed(header: Sequence[str]) -> str:
    text = ", ".join(header)
    return f"{text[:300]}…" if len(text) > 300 else f"{text}."


def unchanged(spark: SparkSession, table: Table, source: FileSource, files: Sequence[NewFile]) -> None:
    """TableError where one of `files` was changed since it was found."""
    now = set(find(spark, table, source))
    changed = [file.drop.name for file in files if file.drop not in now]
    if changed:
        raise TableError(
            f"files.{table.name}: {listed(changed)} Changed while being read; nothing was written. "
            "Run again when the files are complete."
        )


def cause(error: BaseException) -> str:
    """What went wrong, in one line; of a worker's trace the last, without the kind of exception."""
    text = str(error)
    if "Traceback (most recent call last)" not in text:
        return first_line(error)
    last = [line for line in text.splitlines() if line and not line[0].isspace()][-1]
    return last.partition(": ")[2].removeprefix(reading.UNREADABLE) or last
