"""Look at files, and read them, wherever the engine's workers are. Runs on executors, with numpy and pyarrow alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TypeVar

import pyarrow as pa
from pyarrow import compute
from pyspark.sql import DataFrame, SparkSession

from vitalfew.procedures.ingest import packing
from vitalfew.procedures.ingest.readers import (
    columnar,
    delimited,
    drops,
    endings,
    jsonlines,
    kinds,
    split_cells,
    workbooks,
)
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.parts import REST, Layout, Part, UnreadableError
from vitalfew.white_space import visible

JSON = ("jsonl", "json")
SHOWN = 3
FOUND = (
    "source int, path string, member string, name string, size bigint, changed_us bigint, stamp bigint, passed int, "
    "trouble string"
)
SEEN = "file int, digest string, header string, trouble string, ending string"
ROWS = "file int, line bigint, item int, items int, height int, malformed string, content string"
SHARE = 16 << 20
UNREADABLE = "cannot read "

Task = TypeVar("Task")


def spread(
    spark: SparkSession, tasks: Sequence[Task], work: Callable[[Task], Iterator[pa.RecordBatch]], schema: str
) -> DataFrame:
    """The batches that `work` gives for each of `tasks`, computed by the engine, a partition for each task."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for task in batch.column(0).to_pylist():
                yield from work(tasks[task])

    return spark.range(0, len(tasks), 1, len(tasks)).mapInArrow(run, schema)


def shares(found: Sequence[Drop]) -> list[list[tuple[int, Drop]]]:
    """Numbered files in groups of about equal size, each worth a task."""
    total = sum(drop.size for drop in found)
    count = min(len(found), max(4, total // SHARE))
    groups: list[list[tuple[int, Drop]]] = [[] for _ in range(count)]
    sizes = [0] * count
    for number, drop in sorted(enumerate(found), key=lambda pair: -pair[1].size):
        least = sizes.index(min(sizes))
        groups[least].append((number, drop))
        sizes[least] += drop.size + 4096  # an empty file is work too
    return groups


def find(source: int, at: str, members: str = "") -> Iterator[pa.RecordBatch]:
    """The files that `at` names, as those of the numbered source; or what kept us from listing them.

    In a row without a path, `passed`: how many files are passed over, with the names of the first.
    """
    found: list[tuple[object, ...]] = []
    try:
        taken, hidden = drops.looked_for(at, members)
        found = [(source, d.path, d.member, d.name, d.size, d.changed_us, d.stamp, None, None) for d in taken]
        if hidden:
            names = ", ".join(map(visible, hidden[:SHOWN]))
            found.append((source, None, None, names, None, None, None, len(hidden), None))
    except (OSError, ValueError, NotImplementedError) as error:
        found = [(source, None, None, None, None, None, None, None, str(error))]
    text, number = pa.string(), pa.int64()
    kinds = {"source": pa.int32(), "size": number, "changed_us": number, "stamp": number, "passed": pa.int32()}
    names_of = ("source", "path", "member", "name", "size", "changed_us", "stamp", "passed", "trouble")
    yield rows(found, [(name, kinds.get(name, text)) for name in names_of])


def look(files: Sequence[tuple[int, Drop]], layout: Layout) -> Iterator[pa.RecordBatch]:
    """For each file its digest, the names of its columns and its ending as JSON, and what kept us from it."""
    found: list[tuple[int, str, str | None, str | None, str | None]] = []
    for number, drop in files:
        try:
            names = header(drop, layout)
            ending = endings.of(drop, layout)
            said = json.dumps(asdict(ending)) if ending else None
            found.append((number, digest(drop, layout), json.dumps(names), None, said))
        except (OSError, ValueError) as error:
            found.append((number, "", None, trouble(error, layout), None))
    text = pa.string()
    yield rows(found, [("file", pa.int32()), ("digest", text), ("header", text), ("trouble", text), ("ending", text)])


def digest(drop: Drop, layout: Layout) -> str:
    """What tells a file from others by its content, and by the values in the names of its folders that are used."""
    found, folders = drops.digest(drop.path, drop.member), folder_columns(layout, drop)
    return sha256(json.dumps([found, folders], sort_keys=True).encode()).hexdigest() if folders else found


def trouble(error: Exception, layout: Layout) -> str:
    """What an error says; of a private file, where others than we say it, the kind of error alone."""
    if layout.is_private and not isinstance(error, UnreadableError):
        return f"cannot be read: {type(error).__name__}"
    return str(error)


def header(drop: Drop, layout: Layout) -> tuple[str, ...]:
    """The names of a file's columns, also those in the names of its folders that the settings use.

    For a CSV without header its first cells; for JSON nothing.
    """
    if drop.size == 0:
        raise UnreadableError("is empty")
    kinds.refuse_other(drops.start(drop.path, drop.member, kinds.LONGEST_SIGN), layout.format, layout.encoding)
    found = own_header(drop, with_folders(layout, drop))
    return found if layout.format in JSON else (*found, *[n for n in elsewhere(layout, drop) if n not in found])


def own_header(drop: Drop, layout: Layout) -> tuple[str, ...]:
    if layout.format == "parquet":
        with drops.whole(drop.path, drop.member) as file, columnar.understood():
            return columnar.header(file, layout.used)
    if layout.format in JSON:
        return ()
    if layout.format == "excel":
        with drops.whole(drop.path, drop.member) as file:
            return workbooks.header(file, layout)
    found = delimited.header(drops.blocks(drop.path, drop.member), layout)
    if not found:
        raise UnreadableError("has no line")
    return found


def folder_columns(layout: Layout, drop: Drop) -> dict[str, str | None]:
    """The values in the names of a file's folders, by the columns that the settings use."""
    return {name: value for name, value in drop.folders.items() if name in layout.used}


def elsewhere(layout: Layout, drop: Drop) -> dict[str, str | None]:
    """The columns that a file may do without: those in the names of its folders, and those that may be absent."""
    return {**dict.fromkeys(layout.absent), **folder_columns(layout, drop)}


def with_folders(layout: Layout, drop: Drop) -> Layout:
    """`layout`, as far as the file itself has to follow it."""
    others = elsewhere(layout, drop)
    return replace(layout, needed=tuple(name for name in layout.used if name not in others))


def read(files: Sequence[tuple[int, Drop]], layout: Layout, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of files as text, in the schema ROWS and a string for each of `columns`."""
    for number, drop in files:
        try:
            for part in parts(drop, layout):
                is_packed = REST in columns and layout.format not in JSON
                yield (packing.packed(part, layout) if is_packed else part).batch(number, columns)
        except (OSError, ValueError) as error:
            cause = None if layout.is_private else error
            raise ValueError(f"{UNREADABLE}{drop.name} {trouble(error, layout)}") from cause


def parts(drop: Drop, layout: Layout) -> Iterator[Part]:
    """The rows of a file, with the values in the names of its folders where it has no such column of its own."""
    others = elsewhere(layout, drop)
    for part in own_parts(drop, with_folders(layout, drop)):
        found = replace(part, cells={**part.cells, **filled(part, others)}) if others and part.lines else part
        yield split_cells.itemised(found, layout) if layout.split else found


def filled(part: Part, others: Mapping[str, str | None]) -> dict[str, pa.Array]:
    """The columns `others`: the cells of `part` where there are any, else the values given."""
    nothing = pa.nulls(len(part.lines), pa.string())
    return {
        name: compute.coalesce(part.cells.get(name, nothing), pa.scalar(value, pa.string()))
        for name, value in others.items()
    }


def own_parts(drop: Drop, layout: Layout) -> Iterator[Part]:
    if layout.format == "parquet":
        with drops.whole(drop.path, drop.member) as file, columnar.understood():
            yield from columnar.parts(file, layout.used, layout.decimals)
    elif layout.format == "excel":
        with drops.whole(drop.path, drop.member) as file:
            yield from workbooks.parts(file, layout)
    elif layout.format in JSON:
        yield from jsonlines.parts(drops.blocks(drop.path, drop.member), layout)
    else:
        yield from delimited.parts(drops.blocks(drop.path, drop.member), layout)


def rows(found: Sequence[tuple[object, ...]], schema: list[tuple[str, pa.DataType]]) -> pa.RecordBatch:
    columns = list(zip(*found, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, [name for name, _ in schema])
