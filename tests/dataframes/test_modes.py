"""The most frequent item of each group, with its ties."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from decimal import Decimal
from functools import partial

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from vitalfew.dataframes.modes import mode_of_each, modes
from vitalfew.dataframes.staging import at_once

modes_of_partition = partial(at_once, work=mode_of_each)
Row = tuple[str, list[str], list[Decimal]]
COLUMNS = "who string, what array<string>, weight array<decimal(28,3)>"


def found(spark: SparkSession, rows: list[Row], partitions: int = 2) -> dict[str, str]:
    answer = modes(spark.createDataFrame(rows, COLUMNS), "who", "what", "weight", partitions=partitions)
    assert answer.columns == ["who", "what"]
    return {row.who: row.what for row in answer.collect()}


def weights(*numbers: int) -> list[Decimal]:
    return [Decimal(number) for number in numbers]


def test_the_item_in_most_rows_wins_whatever_it_weighs(spark: SparkSession) -> None:
    rows = [("ann", ["milk", "tea"], weights(9, 1)), ("ann", ["tea"], weights(1)), ("bob", ["salt"], weights(2))]
    assert found(spark, rows) == {"ann": "tea", "bob": "salt"}


def test_among_items_in_as_many_rows_the_heaviest_wins(spark: SparkSession) -> None:
    rows = [("ann", ["milk", "tea"], weights(1, 5)), ("ann", ["milk", "tea"], weights(1, -1))]
    assert found(spark, rows) == {"ann": "tea"}


def test_among_equals_the_first_by_name_wins(spark: SparkSession) -> None:
    assert found(spark, [("ann", ["tea", "milk"], weights(1, 1))]) == {"ann": "milk"}


def test_weights_may_be_negative(spark: SparkSession) -> None:
    assert found(spark, [("ann", ["milk", "tea"], weights(-3, -2))]) == {"ann": "tea"}


def test_a_group_without_items_has_no_row(spark: SparkSession) -> None:
    assert found(spark, [("ann", [], []), ("bob", [], []), ("bob", ["tea"], weights(1))]) == {"bob": "tea"}
    assert found(spark, [("ann", [], [])]) == {}
    assert found(spark, []) == {}


def random_rows(seed: int) -> list[Row]:
    rng = random.Random(seed)
    rows = []
    for _ in range(400):
        what = rng.sample(["a", "b", "c", "ä", "Z", "z1", "z10"], rng.randrange(5))
        rows.append((f"c{rng.randrange(40)}", what, weights(*[rng.randrange(-2, 4) for _ in what])))
    return rows


def naive(rows: list[Row]) -> dict[str, str]:
    times: dict[str, Counter[str]] = defaultdict(Counter)
    weight: dict[str, Counter[str]] = defaultdict(Counter)
    for who, items, amounts in rows:
        times[who].update(items)
        for item, amount in zip(items, amounts, strict=True):
            weight[who][item] += int(amount)
    return {
        who: min(counts, key=lambda item: (-counts[item], -weight[who][item], item))
        for who, counts in times.items()
        if counts
    }


@pytest.mark.both_engines
def test_random_baskets_give_what_counting_by_hand_gives(spark: SparkSession) -> None:
    rows = random_rows(4)
    assert found(spark, rows, partitions=3) == naive(rows)


@pytest.mark.parametrize("rows_in_a_batch", [1, 33, 1000])
def test_a_partition_is_counted_across_its_batches(rows_in_a_batch: int) -> None:
    """The same without an engine, whose workers neither debuggers nor coverage see."""
    rows = random_rows(5)
    types = {"who": pa.string(), "what": pa.list_(pa.string()), "weight": pa.list_(pa.decimal128(28, 3))}
    columns = {name: pa.array(column, types[name]) for name, column in zip(types, zip(*rows, strict=True), strict=True)}
    batches = pa.table(columns).to_batches(max_chunksize=rows_in_a_batch)
    answer = pa.Table.from_batches(modes_of_partition(iter(batches)))
    assert dict(zip(answer["who"].to_pylist(), answer["what"].to_pylist(), strict=True)) == naive(rows)
    nothing = pa.table(columns).slice(0, 0).to_batches()
    assert list(modes_of_partition(iter(nothing))) == []
    empty_lists = pa.table(
        {**columns, "what": pa.array([[]] * 400, types["what"]), "weight": pa.array([[]] * 400, types["weight"])}
    )
    assert sum(batch.num_rows for batch in modes_of_partition(iter(empty_lists.to_batches()))) == 0
