"""Look at files, and read them, wherever the engine's workers are. Runs on executors, with numpy and pyarrow alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from vitalfew.procedures.ingest import packing
from vitalfew.procedures.ingest.readers import columnar, delimited, drops, jsonlines
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.parts import REST, Layout, Part, UnreadableError

FOUND = "source int, path string, name string, size bigint, changed_us bigint, trouble string"
SEEN = "file int, digest string, header string, trouble string"
ROWS = "file int, line bigint, height int, malformed string, content string"
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


def find(source: int, at: str) -> Iterator[pa.RecordBatch]:
    """The files that `at` names, as those of the numbered source; or what kept us from listing them."""
    found: list[tuple[object, ...]] = []
    try:
        found = [(source, d.path, d.name, d.size, d.changed_us, None) for d in drops.find(at)]
    except (OSError, ValueError, NotImplementedError) as error:
        found = [(source, None, None, None, None, str(error))]
    text, number = pa.string(), pa.int64()
    yield rows(
        found,
        [
            ("source", pa.int32()),
            ("path", text),
            ("name", text),
            ("size", number),
            ("changed_us", number),
            ("trouble", text),
        ],
    )


def look(files: Sequence[tuple[int, Drop]], layout: Layout) -> Iterator[pa.RecordBatch]:
    """For each file its digest, the names of its columns as JSON, and what kept us from reading them."""
    found: list[tuple[int, str, str | None, str | None]] = []
    for number, drop in files:
        try:
            names = header(drop, layout)
            found.append((number, drops.digest(drop.path), json.dumps(names), None))
        except (OSError, ValueError) as error:
            found.append((number, "", None, trouble(error, layout)))
    yield rows(
        found, [("file", pa.int32()), ("digest", pa.string()), ("header", pa.string()), ("trouble", pa.string())]
    )


def trouble(error: Exception, layout: Layout) -> str:
    """What an error says; of a private file, where others than we say it, the kind of error alone."""
    if layout.is_private and not isinstance(error, UnreadableError):
        return f"cannot be read: {type(error).__name__}"
    return str(error)


def header(drop: Drop, layout: Layout) -> tuple[str, ...]:
    """The names of a file's columns; for a CSV without header its first cells; for JSON nothing."""
    if drop.size == 0:
        raise UnreadableError("is empty")
    if layout.format == "parquet":
        with drops.whole(drop.path) as file:
            return columnar.header(file, layout.used)
    if layout.format == "jsonl":
        return ()
    found = delimited.header(drops.blocks(drop.path), layout)
    if not found:
        raise UnreadableError("has no line")
    return found


def read(files: Sequence[tuple[int, Drop]], layout: Layout, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of files as text, in the schema ROWS and a string for each of `columns`."""
    for number, drop in files:
        try:
            for part in parts(drop, layout):
                is_packed = REST in columns and layout.format != "jsonl"
                yield (packing.packed(part, layout) if is_packed else part).batch(number, columns)
        except (OSError, ValueError) as error:
            cause = None if layout.is_private else error
            raise ValueError(f"{UNREADABLE}{drop.name} {trouble(error, layout)}") from cause


def parts(drop: Drop, layout: Layout) -> Iterator[Part]:
    if layout.format == "parquet":
        with drops.whole(drop.path) as file:
            yield from columnar.parts(file, layout.used)
    elif layout.format == "jsonl":
        yield from jsonlines.parts(drops.blocks(drop.path), layout)
    else:
        yield from delimited.parts(drops.blocks(drop.path), layout)


def rows(found: Sequence[tuple[object, ...]], schema: list[tuple[str, pa.DataType]]) -> pa.RecordBatch:
    columns = list(zip(*found, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, [name for name, _ in schema])
