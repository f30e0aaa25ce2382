"""How an algorithm asks that a frame it will read several times be computed once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from threading import BoundedSemaphore

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

ROWS_OF_BATCH = 50_000
AT_WORK = BoundedSemaphore(os.cpu_count() or 1)
"""Where an engine calls functions on Arrow tables in threads of this process: as many at a time as there are cores."""
LISTS, TABLES, SUMS = 1, 3, 4
"""What an engine holds while it groups rows: of Arrow tables and of sums so many times as many fit as of lists."""


@dataclass(frozen=True)
class Stage:
    """Computes frames now, one after the other, and gives back their rows as one frame that is cheap to read again.

    Whoever made it also releases what it holds. `rows_at_once`: how many rows fit the memory in which the engine
    groups them; None where it needs no telling, because it moves to disk what does not fit. `rows_of_table`: how many
    rows `by_key` hands over at once; `rows_in_turn`: how many `as_they_come` does, for which few are enough, as it
    moves nothing. `keep` takes a frame for staged, as it is little more than one that is. `files` says where the rows
    of a staged frame are, in a folder of Parquet files that this process sees; None where there is none. `place` stages
    rows of this process, which have a schema; None where it cannot reach that folder. `types` says the types of columns
    by their names; where `asks_late`, that of a staged frame costs nothing, and that of another as much as to stage it.
    """

    compute: Callable[[tuple[DataFrame, ...]], DataFrame]
    rows_at_once: int | None = None
    rows_of_table: int = 250_000
    rows_in_turn: int = 250_000
    keep: Callable[[DataFrame], DataFrame] = lambda frame: frame
    files: Callable[[DataFrame], Path | None] = lambda _: None
    place: Callable[[pa.Table, StructType], DataFrame] | None = None
    types: Callable[[DataFrame], dict[str, str]] = lambda frame: types_of(frame.schema)
    asks_late: bool = False

    def __call__(self, *frames: DataFrame) -> DataFrame:
        return self.compute(frames)

    def parts(self, rows: int, held: int = LISTS) -> int:
        """In how many parts to work on so many rows."""
        return 1 if self.rows_at_once is None else max(1, -(-rows // (held * self.rows_at_once)))

    def in_parts(self, frame: DataFrame, key: str, rows: int, work: Callable[[DataFrame], DataFrame]) -> DataFrame:
        """`work`, which adds up rows of one `key`, on the about so many `rows` of `frame`; staged."""
        if self.rows_at_once is None:
            return self(work(frame.repartition(key)))  # so that what groups by more than the key moves nothing again
        return self.one_by_one(frame, key, self.parts(rows, SUMS), work)

    def by_key(
        self, frame: DataFrame, key: str, rows: int, work: Callable[[pa.Table], pa.Table], schema: str
    ) -> DataFrame:
        """`work` on the about so many `rows` of `frame`, staged: on Arrow tables with all rows of each `key` in them.

        It is sent to the executors; `schema` is the DDL of what it gives.
        """
        parts = self.parts(rows, TABLES)
        tables = max(2, -(-rows // (parts * self.rows_of_table)))
        whole = partial(at_once, work=work)
        return self.one_by_one(frame, key, parts, lambda part: part.repartition(tables, key).mapInArrow(whole, schema))

    def as_they_come(self, frame: DataFrame, work: Callable[[pa.Table], pa.Table], schema: str) -> DataFrame:
        """`work` on Arrow tables of rows of `frame` that follow each other, staged; nothing is moved for it."""
        return self(frame.mapInArrow(partial(in_turn, work=work, rows=self.rows_in_turn), schema))

    def one_by_one(self, frame: DataFrame, key: str, parts: int, work: Callable[[DataFrame], DataFrame]) -> DataFrame:
        """`work` on so many parts of `frame`, all rows of a `key` in one; staged."""
        if parts == 1:
            return self(work(frame))
        part = F.pmod(F.xxhash64(key), F.lit(parts))
        return self(*[work(frame.where(part == number)) for number in range(parts)])


UNSTAGED = Stage(lambda frames: together(frames))
"""Computes nothing ahead: a frame that is read twice is computed twice. For notebooks, where nobody releases."""


def types_of(columns: StructType) -> dict[str, str]:
    """What Spark SQL calls the types of `columns`."""
    return {field.name: field.dataType.simpleString() for field in columns}


def at_once(batches: Iterable[pa.RecordBatch], work: Callable[[pa.Table], pa.Table]) -> Iterator[pa.RecordBatch]:
    """`work` on all `batches` as one table."""
    yield from made([batch for batch in batches if batch.num_rows], work)


def in_turn(
    batches: Iterable[pa.RecordBatch], work: Callable[[pa.Table], pa.Table], rows: int
) -> Iterator[pa.RecordBatch]:
    """`work` on `batches` as tables of at least so many `rows`, the last apart."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        if batch.num_rows:
            held.append(batch)
            count += batch.num_rows
        if count >= rows:
            yield from made(held, work)
            count = 0
    yield from made(held, work)


def made(held: list[pa.RecordBatch], work: Callable[[pa.Table], pa.Table]) -> Iterator[pa.RecordBatch]:
    """`work` on the batches that are `held`, if any, and no longer than that."""
    if not held:
        return
    with AT_WORK:
        rows = pa.Table.from_batches(held)
        held.clear()
        found = work(rows)
        del rows
    yield from found.to_batches(ROWS_OF_BATCH)


def together(frames: tuple[DataFrame, ...]) -> DataFrame:
    """The rows of all frames."""
    return reduce(DataFrame.unionByName, frames)
