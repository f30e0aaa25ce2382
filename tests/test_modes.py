"""The most frequent item of each group, with its ties."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from vitalfew.algorithms.modes import modes

COLUMNS = "who string, what array<string>, weight array<decimal(28,3)>"


def found(spark: SparkSession, rows: list[tuple[str, list[str], list[Decimal]]], partitions: int = 2) -> dict[str, str]:
    answer = modes(spark.createDataFrame(rows, COLUMNS), "who", "what", "weight", partitions=partitions)
    assert answer.columns == ["who", "what"]
    return {row.who: row.what for row in answer.collect()}


def weights(*numbers: int) -> list[Decimal]:
    return [Decimal(number) for number in numbers]


@pytest.mark.both_engines
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


@pytest.mark.both_engines
def test_random_baskets_give_what_counting_by_hand_gives(spark: SparkSession) -> None:
    rng = random.Random(4)
    rows = []
    for _ in range(400):
        what = rng.sample(["a", "b", "c", "ä", "Z", "z1", "z10"], rng.randrange(5))
        rows.append((f"c{rng.randrange(40)}", what, weights(*[rng.randrange(-2, 4) for _ in what])))
    orders: dict[str, Counter[str]] = {}
    weight: dict[str, Counter[str]] = {}
    for who, items, amounts in rows:
        for item, amount in zip(items, amounts, strict=True):
            orders.setdefault(who, Counter())[item] += 1
            weight.setdefault(who, Counter())[item] += int(amount)
    expected = {
        who: min(counts, key=lambda item: (-counts[item], -weight[who][item], item)) for who, counts in orders.items()
    }
    assert found(spark, rows, partitions=3) == expected
