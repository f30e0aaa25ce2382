"""Parquet, as the text that another format would hold: one way for all formats from here on. Runs on executors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

import pyarrow as pa
from pyarrow import compute, parquet

from vitalfew.procedures.ingest.readers.parts import Part, UnreadableError, told_apart
from vitalfew.procedures.ingest.readers.typed_numbers import all_unmistakable

ROWS = 65_536


@contextmanager
def understood() -> Iterator[None]:
    """Turns what Arrow says of a broken file into words of ours."""
    try:
        yield
    except UnreadableError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError("is no Parquet that can be read: it is cut off or damaged; write it again") from error


def header(file: pa.NativeFile, used: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of the columns, told apart; UnreadableError where one of `used` is of structures."""
    schema = parquet.read_schema(file)
    names = told_apart(schema.names, used)
    nested = [name for name, kind in zip(names, schema.types, strict=True) if name in used and pa.types.is_struct(kind)]
    if nested:
        raise UnreadableError(
            f"holds structures in the column {nested[0]}, where one value is needed: write their parts as columns of "
            "their own, or the table as JSON"
        )
    return names


def parts(
    file: pa.NativeFile, used: Sequence[str] = (), decimals: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Part]:
    """The rows of a file, by the batch."""
    first = 1
    for batch in parquet.ParquetFile(file).iter_batches(batch_size=ROWS):
        names = told_apart(batch.schema.names, used)
        cells = {name: as_cells(batch.column(i), name, decimals) for i, name in enumerate(names)}
        yield Part(range(first, first + batch.num_rows), cells)
        first += batch.num_rows


def as_cells(column: pa.Array, name: str, decimals: Mapping[str, str]) -> pa.Array:
    """Values as text; numbers such that no style reads them otherwise, where `decimals` names the column."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_number = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return all_unmistakable(as_text(column), name, decimals) if is_number else as_text(column)


def as_text(column: pa.Array) -> pa.Array:
    """Values as a CSV would hold them; times to the microsecond, those with a zone in UTC with a Z."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    elif pa.types.is_floating(kind):
        return whole_without_point(column)
    elif pa.types.is_nested(kind):
        texts = [None if v is None else json.dumps(v, default=str, sort_keys=True) for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [None if v is None else v.decode(errors="backslashreplace") for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    return column.cast(pa.string())


def whole_without_point(column: pa.Array) -> pa.Array:
    """Floating numbers as text: whole ones in digits, as long as they are exact; the others as short as they can be."""
    most = 2**53 if pa.types.is_float64(column.type) else 2**24
    text = column.cast(pa.string())
    wide = column.cast(pa.float64())
    is_whole = compute.and_(compute.equal(compute.floor(wide), wide), compute.less(compute.abs(wide), float(most)))
    digits = compute.if_else(is_whole, wide, 0.0).cast(pa.int64()).cast(pa.string())
    is_large = compute.and_(compute.is_finite(wide), compute.greater_equal(compute.abs(wide), float(most)))
    if compute.any(is_large).as_py():  # in a form that no identifier has, and every number may have
        exponents = pa.array([None if value is None else f"{value:.16E}" for value in wide.to_pylist()], pa.string())
        text = compute.if_else(is_large, exponents, text)
    return compute.if_else(is_whole, digits, text)
