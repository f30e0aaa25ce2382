"""Parquet, as the text that another format would hold: one way for all formats from here on. Runs on executors."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
from pyarrow import parquet

from vitalfew.procedures.ingest.readers.parts import Part

ROWS = 65_536


def header(file: pa.NativeFile) -> tuple[str, ...]:
    """The names of the columns."""
    return tuple(parquet.read_schema(file).names)


def parts(file: pa.NativeFile) -> Iterator[Part]:
    """The rows of a file, by the batch."""
    first = 1
    for batch in parquet.ParquetFile(file).iter_batches(batch_size=ROWS):
        cells = {name: as_text(batch.column(i)) for i, name in enumerate(batch.schema.names)}
        yield Part(range(first, first + batch.num_rows), cells)
        first += batch.num_rows


def as_text(column: pa.Array) -> pa.Array:
    """Values as a CSV would hold them; times to the microsecond, those with a zone in UTC with a Z."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    elif pa.types.is_nested(kind):
        texts = [None if v is None else json.dumps(v, default=str, sort_keys=True) for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [None if v is None else v.decode(errors="backslashreplace") for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    return column.cast(pa.string())
