"""Which files are new, and whether they are what the configuration says; before a row of them is read.

All sources are surveyed at once: an engine that is distributed takes as long for one as for all.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from vitalfew import confidential
from vitalfew.config.files import Files, FileSource
from vitalfew.config.json_names import JSON
from vitalfew.config.sql_names import is_column
from vitalfew.dataframes.collect import collect_rows
from vitalfew.engines.engine import first_line
from vitalfew.errors import TableError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.readers import reading
from vitalfew.procedures.ingest.readers.cells import has_decimals
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.endings import Ending
from vitalfew.procedures.ingest.readers.parts import Layout
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES
from vitalfew.white_space import visible

SEPARATORS = ",;\t|"
SHOWN = 5
MOST_IN_A_TITLE = 3


@dataclass(frozen=True)
class NewFile:
    """A file to be taken: its content, the names of its columns, and how it ends where its last line has no end."""

    drop: Drop
    digest: str
    header: tuple[str, ...]
    ending: Ending | None = None


@dataclass(frozen=True)
class Known:
    """What the ledger says of one source: contents taken, and how the files looked then."""

    digests: frozenset[str]
    looks: frozenset[tuple[str, int, int]]


def layout(source: FileSource, table: Table) -> Layout:
    """What the readers need to know of `source`, the files of `table`."""
    return Layout(
        source.format,
        source.own_used,
        source.names,
        source.separator,
        source.quote,
        source.multiline,
        source.encoding,
        source.hide,
        escape=source.escape,
        max_lines_of_record=source.max_lines_of_record,
        missing=source.missing,
        is_private=table.is_private,
        members=source.members,
        sheet=source.sheet,
        header_at=source.header_at,
        records=tuple(source.records.split(".")) if source.records else (),
        explode=tuple(source.explode.split(".")) if source.explode else (),
        split=source.items.all if source.items else (),
        split_by=source.items.split if source.items else "",
        absent=source.absent,
        decimals={n: source.numbers_of(n).decimal for n in source.own_used if has_decimals(source.type_of(n, table))},
    )


def known(storage: Storage, sources: Iterable[str]) -> dict[str, Known]:
    """What the ledger of files says of each source; nothing, where its table was taken away."""
    names = list(sources)
    there = [name for name in names if storage.exists(TABLES[name])]
    found: dict[str, list[Row]] = {name: [] for name in names}
    if there and storage.exists(FILES):
        modified = F.expr("unix_micros(modified_at)").alias("modified")
        taken = storage.read(FILES).where(F.col("source").isin(there))
        for row in collect_rows(taken.select("source", "digest", "path", "bytes", modified), "the ledger of files"):
            found[row["source"]].append(row)
    return {
        name: Known(frozenset(row[1] for row in rows), frozenset((row[2], row[3], row[4]) for row in rows))
        for name, rows in found.items()
    }


def find(spark: SparkSession, sources: Files) -> tuple[dict[str, list[Drop]], dict[str, str]]:
    """All files of each source as they are now, by name; and a sentence on those that are passed over."""
    asked = [(i, source.at, source.members) for i, source in enumerate(sources.values())]
    try:
        listed = reading.spread(spark, asked, lambda task: reading.find(*task), reading.FOUND)
        rows = collect_rows(listed, "the files of all sources")
    except PySparkException as error:
        raise TableError(f"files: the folders cannot be listed: {cause(error)}") from error
    found: dict[str, list[Drop]] = {name: [] for name in sources}
    passed: dict[str, str] = {}
    for row in rows:
        name, at = list(sources)[row["source"]], asked[row["source"]][1]
        if row["trouble"] is not None:
            raise TableError(f"files.{name}: {at} cannot be listed: {row['trouble']}")
        if row["passed"] is not None:
            passed[name] = passed_over(row["passed"], row["name"])
        else:
            found[name].append(
                Drop(row["path"], row["name"], row["size"], row["changed_us"], row["member"], row["stamp"])
            )
    return {name: sorted(files, key=lambda file: file.name) for name, files in found.items()}, passed


def passed_over(count: int, names: str) -> str:
    """A sentence on files that are no drops."""
    what = "1 file that is" if count == 1 else f"{count:,} files that are"
    more = ", …" if count > reading.SHOWN else ""
    return f"{what} hidden, a lock, or not yet whole passed over: {names}{more}"


def new_files(
    storage: Storage, sources: Files, params: IngestParams, reread: Collection[str] = ()
) -> tuple[dict[str, tuple[NewFile, ...]], dict[str, str]]:
    """Files whose content was not taken before, one of each content, by name; TableError with all that is wrong.

    And a sentence on the files of a source that are passed over.

    Of the sources `reread`, all files, where none is lacking that was taken before.
    """
    before = known(storage, sources)
    found, passed = find(storage.spark, sources)
    for name in reread:
        gone = sorted({path for path, _, _ in before[name].looks} - {drop.name for drop in found[name]})
        if gone:
            raise TableError(
                f"files.{name}: of the files that were taken before, {len(gone)} cannot be found at "
                f"{sources[name].at}: {listed(gone[:SHOWN])} Their rows would be lost: put "
                "them back, or run without --reread."
            )
        before[name] = Known(frozenset(), frozenset())
    for name, source in sources.items():
        if not found[name] and not before[name].digests:
            more = f" ({passed[name]})" if name in passed else ""
            raise TableError(f"files.{name}: there is no file at {source.at}{more}. Check `at` in the target's file.")
    fresh = {
        name: [
            drop
            for drop in drops
            if not params.trust_file_times or (drop.name, drop.size, drop.changed_us) not in before[name].looks
        ]
        for name, drops in found.items()
    }
    new = looked(storage.spark, sources, fresh)
    return {name: unseen(files, before[name]) for name, files in new.items()}, passed


def every(spark: SparkSession, sources: Files) -> dict[str, list[NewFile]]:
    """All files of each source as they are now."""
    return looked(spark, sources, find(spark, sources)[0])


def unseen(files: Iterable[NewFile], before: Known) -> tuple[NewFile, ...]:
    """The first file of each content that was not taken before."""
    first: dict[str, NewFile] = {}
    for file in files:
        if file.digest not in before.digests:
            first.setdefault(file.digest, file)
    return tuple(first.values())


def looked(spark: SparkSession, sources: Files, found: Mapping[str, Sequence[Drop]]) -> dict[str, list[NewFile]]:
    """`found` with digests and columns; TableError where some are not as described."""
    numbered = list(enumerate((name, drop) for name, drops in found.items() for drop in drops))
    tasks = []
    for name, source in sources.items():
        own = [(number, drop) for number, (of, drop) in numbered if of == name]
        tasks += [
            ([own[i] for i, _ in share], layout(source, TABLES[name]))
            for share in reading.shares([drop for _, drop in own])
        ]
    if not tasks:
        return {}
    seen = reading.spread(spark, tasks, lambda task: reading.look(*task), reading.SEEN)
    new: dict[str, list[NewFile]] = {name: [] for name in sources}
    problems: dict[str, list[str]] = {name: [] for name in sources}
    for number, digest, header, trouble, ending in sorted(collect_rows(seen, "the digests of new files")):
        name, drop = numbered[number][1]
        end = Ending(**json.loads(ending)) if ending else None
        file = NewFile(drop, digest, tuple(json.loads(header or "[]")), end)
        new[name].append(file)
        if why := [f"{trouble}."] if trouble else complaints(file.header, sources[name], TABLES[name]):
            problems[name].append(f"{drop.name} {' And '.join(why)}")
    refuse(sources, new, problems)
    return new


def refuse(sources: Files, new: Mapping[str, Sequence[NewFile]], problems: Mapping[str, Sequence[str]]) -> None:
    """TableError where there are problems, of each source the first few."""
    told = []
    for name, found in problems.items():
        if found:
            more = f"\n  And {len(found) - SHOWN} more." if len(found) > SHOWN else ""
            told.append(
                f"files.{name}: {len(found)} of {len(new[name])} new files at {sources[name].at} cannot be taken; "
                "nothing was written.\n  "
                + "\n  ".join(found[:SHOWN])
                + more
                + "\nMend these files or take them away, or say "
                f"under files.{name} in the target's file how they are written."
            )
    if told:
        raise TableError("\n".join(told))


def complaints(header: tuple[str, ...], source: FileSource, table: Table) -> list[str]:
    """What is wrong with the columns of a file; of a private one, without its first line, which may be a row."""
    other = next((mark for mark in SEPARATORS if len(header) == 1 and mark in header[0]), None)
    if source.format in JSON:
        return []
    is_basket = source.items is not None and other is not None and other in source.items.split
    if source.format == "csv" and other and not is_basket:
        text = "" if table.is_private else f", {header[0][:300]!r}"
        return [f"has one column{text}: `separator` is {source.separator!r}, and it looks like {other!r}."]
    if source.names and source.format == "csv":
        count = f"has {len(header)} cells in its first line where `names` has {len(source.names)}."
        return [] if len(header) == len(source.names) else [count]
    lacking = [
        visible(name) if table.is_private else visible(name) + near(name, header)
        for name in source.own_used
        if name not in header
    ]
    twice = [name for name in source.own_used if name in header and f"{name}__2" in header]
    lower = " If the header stands lower, say `header_at`." if len(list(filter(None, header))) < MOST_IN_A_TITLE else ""
    whole = [
        f"has the column {text}, which reads as a calculation: write {ours}: "
        f"{json.dumps(f'`{text}`', ensure_ascii=False)}."
        for ours, text in source.columns.items()
        if text in header and not is_column(text)
    ]
    if whole and not table.is_private:
        return whole
    return [
        *([f"has no column {', '.join(lacking)}. It has{its_columns(header, table)}{lower}"] if lacking else []),
        *[
            f"has the column {name} more than once: write {name}__1 for the first, {name}__2 for the second."
            for name in map(visible, twice)
        ],
    ]


def near(name: str, header: Sequence[str]) -> str:
    """A column of the file that `name` may stand for, in brackets; nothing where none is like it."""
    close = difflib.get_close_matches(name, header, n=1)
    return f" (did you mean {visible(close[0])}?)" if close else ""


def its_columns(header: Sequence[str], table: Table) -> str:
    """The columns of a file; of a private one their number."""
    if not table.is_private:
        return f": {listed(header)}"
    return (
        f" {len(header)}, whose names are not shown, as this may be no header but a row with contact details. "
        "If it is a row, say `header: false` and `names`."
    )


def listed(header: Sequence[str]) -> str:
    text = ", ".join(map(visible, header))
    return f"{text[:300]}…" if len(text) > 300 else f"{text}."


def unchanged(spark: SparkSession, sources: Files, files: Mapping[str, Sequence[NewFile]]) -> None:
    """TableError where one of `files` was changed since it was found."""
    now, _ = find(spark, sources)
    for name, taken in files.items():
        still = set(now[name])
        changed = [file.drop.name for file in taken if file.drop not in still]
        if changed:
            raise TableError(
                f"files.{name}: {listed(changed)} Changed while being read; nothing was written. "
                "Run again when the files are complete."
            )


def cause(error: BaseException) -> str:
    """What went wrong, in one line; of a worker's trace the last, without the kind of exception."""
    text = str(error)
    if confidential.is_silent(error) and reading.UNREADABLE not in text:
        return first_line(error)
    if "Traceback (most recent call last)" not in text:
        return first_line(error)
    last = [line for line in text.splitlines() if line and not line[0].isspace()][-1]
    return last.partition(": ")[2].removeprefix(reading.UNREADABLE) or last
