"""Rows go to a function in tables of the size that was asked for, in their order, and each once."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from vitalfew.dataframes.staging import in_turn

SIZES = [3, 0, 4, 5, 1, 1, 2]


def batches(sizes: list[int]) -> Iterator[pa.RecordBatch]:
    """Batches of so many rows each, numbered from 0 on."""
    begin = 0
    for size in sizes:
        yield pa.record_batch({"n": range(begin, begin + size)})
        begin += size


@pytest.mark.parametrize(
    ("rows", "handed_over"), [(1, [3, 4, 5, 1, 1, 2]), (5, [7, 5, 4]), (7, [7, 7, 2]), (100, [16])]
)
def test_tables_are_of_so_many_rows_at_least_and_the_last_of_what_is_left(rows: int, handed_over: list[int]) -> None:
    seen: list[int] = []

    def work(table: pa.Table) -> pa.Table:
        seen.append(table.num_rows)
        return table

    given = [row for batch in in_turn(batches(SIZES), work, rows) for row in batch["n"].to_pylist()]
    assert seen == handed_over
    assert given == list(range(16))


@pytest.mark.parametrize("sizes", [[], [0], [0, 0]])
def test_nothing_is_done_where_there_are_no_rows(sizes: list[int]) -> None:
    def work(table: pa.Table) -> pa.Table:
        raise AssertionError(table)

    assert list(in_turn(batches(sizes), work, 1)) == []
