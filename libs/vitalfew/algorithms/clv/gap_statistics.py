"""What the gaps between the days of a list tell: counted and summed in Arrow batches with numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

FIRST = 3
"""Of so many gaps, and of the last one, the logarithm is kept."""
DIGITS = 9
LOGS = ("log_sum", "log_square", *[f"log_{number + 1}" for number in range(FIRST)], "log_last")
MEASURED = "gaps int, first_day int, last_day int, " + ", ".join(f"{name} double" for name in LOGS)


def with_gap_statistics(frame: DataFrame, days: str) -> DataFrame:
    """`frame` with, instead of the list `days` (rising day numbers, never empty), what its gaps tell.

    gaps: how many; first_day, last_day; log_sum and log_square: sums of the logarithms of the gaps, of their squares;
    log_1 to log_3 and log_last: those of the first three and of the last, NULL where there are fewer.
    """
    position = frame.columns.index(days)
    kept = [field for field in frame.schema.fields if field.name != days]

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield measured(batch, position)

    ddl = ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in kept)
    return frame.mapInArrow(measure, f"{ddl}, {MEASURED}")


def measured(batch: pa.RecordBatch, position: int) -> pa.RecordBatch:
    """`batch` with, instead of the column of lists at `position`, their statistics."""
    names = [name for name in batch.schema.names if name != batch.schema.names[position]]
    others = [batch.column(name) for name in names]
    told = [part.split()[0] for part in MEASURED.split(", ")]
    return pa.RecordBatch.from_arrays([*others, *statistics(batch.column(position))], names=[*names, *told])


def statistics(lists: pa.ListArray) -> list[pa.Array]:
    """The columns of MEASURED for each of `lists`."""
    lengths = lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    days = lists.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum(lengths)
    starts, gaps = ends - lengths, lengths - 1
    rows = np.repeat(np.arange(len(lengths)), lengths)
    between = np.diff(days, prepend=0).astype(float)
    between[starts] = 1.0  # the first day ends no gap; its logarithm is 0
    logs = np.round(np.log(between), DIGITS)
    sums = [np.round(np.bincount(rows, weights=each, minlength=len(lengths)), DIGITS) for each in (logs, logs * logs)]
    last = max(len(logs) - 1, 0)
    firsts = [masked(logs[np.minimum(starts + number, last)], gaps < number) for number in range(1, FIRST + 1)]
    whole = [pa.array(each.astype(np.int32)) for each in (gaps, days[starts], days[ends - 1])]
    return [*whole, *[pa.array(each) for each in sums], *firsts, masked(logs[ends - 1], gaps < 1)]


def masked(values: np.ndarray, is_absent: np.ndarray) -> pa.Array:
    return pa.array(values, mask=is_absent)
