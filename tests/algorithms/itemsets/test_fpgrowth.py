"""Frequent itemsets across the engine: the field's benchmarks, three other implementations, and the guards."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from market import Basket, as_counts, items_frame, naive_itemsets, random_baskets, t10i4d100k
from mlxtend.frequent_patterns import fpgrowth
from mlxtend.preprocessing import TransactionEncoder
from pyspark.sql import DataFrame, SparkSession
from staged import staged

from vitalfew.algorithms.itemsets import fpgrowth as distributed
from vitalfew.algorithms.itemsets import item_groups, load_balancing
from vitalfew.algorithms.itemsets.fpgrowth import Found, Limits, frequent_itemsets
from vitalfew.algorithms.itemsets.mining import Sets
from vitalfew.dataframes import from_arrow
from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.collect import collect_table
from vitalfew.engines.engine import Engine

GENEROUS = Limits(largest_basket=500, longest_set=99, most_sets=1_000_000, memory_mb=10_000)


def find(spark: SparkSession, baskets: list[Basket], least: int, limits: Limits = GENEROUS) -> Found:
    return frequent_itemsets(items_frame(spark, baskets), lambda _: least, limits, staged)


@pytest.fixture(scope="session")
def benchmark(spark: SparkSession, shared: Path) -> DataFrame:
    return items_frame(spark, t10i4d100k(shared))


@pytest.mark.parametrize(("least", "sets"), [(1000, 385), (500, 1073), (100, 27_532)])
def test_t10i4d100k_has_as_many_sets_as_the_c_implementation_finds(benchmark: DataFrame, least: int, sets: int) -> None:
    found = frequent_itemsets(benchmark, lambda _: least, GENEROUS, staged)
    assert found.itemsets.count == sets
    assert found.census.baskets == 100_000


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("least", [1, 4, 40])
def test_every_set_and_count_is_that_of_a_naive_search(spark: SparkSession, seed: int, least: int) -> None:
    baskets = random_baskets(seed)
    assert as_counts(find(spark, baskets, least).itemsets) == naive_itemsets(baskets, least)


@pytest.mark.parametrize("seed", range(3, 6))
def test_every_set_and_count_is_that_of_mlxtend(spark: SparkSession, seed: int) -> None:
    baskets = random_baskets(seed, baskets=1000, items=40)
    encoder = TransactionEncoder()
    wide = pd.DataFrame(encoder.fit(baskets).transform(baskets), columns=encoder.columns_)
    theirs = fpgrowth(wide, min_support=8 / 1000 - 1e-9, use_colnames=True)
    expected = {
        frozenset(items): round(support * 1000)
        for items, support in zip(theirs["itemsets"], theirs["support"], strict=True)
    }
    assert as_counts(find(spark, baskets, 8).itemsets) == expected


@pytest.mark.both_engines
def test_every_set_and_count_is_that_of_mllib(running: Engine) -> None:
    if running.name != "spark":
        pytest.skip("MLlib needs a classic Spark session")
    from pyspark.ml.fpm import FPGrowth

    baskets = random_baskets(7, baskets=600, items=25)
    frame = items_frame(running.spark, baskets)
    theirs = FPGrowth(itemsCol="items", minSupport=6 / 600 - 1e-9, numPartitions=2).fit(frame).freqItemsets.collect()
    assert as_counts(find(running.spark, baskets, 6).itemsets) == {
        frozenset(row["items"]): row["freq"] for row in theirs
    }


@pytest.mark.both_engines
@pytest.mark.parametrize(("per_group", "partitions"), [(1, 5), (60, 2), (10_000_000, 1)])
def test_neither_groups_nor_partitions_change_what_is_found(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, per_group: int, partitions: int
) -> None:
    monkeypatch.setattr(load_balancing, "ELEMENTS_PER_GROUP", per_group)
    monkeypatch.setattr(item_groups, "SETS_PER_ROW", 7)
    baskets = random_baskets(11)
    frame = items_frame(spark, baskets).repartition(partitions)
    found = frequent_itemsets(frame, lambda _: 3, GENEROUS, staged)
    assert as_counts(found.itemsets) == naive_itemsets(baskets, 3)


@pytest.mark.parametrize("per_group", [1, 10_000_000])
@pytest.mark.parametrize("most", [5, 14, 100])
def test_too_many_sets_raise_the_count_to_the_least_that_will_do(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, most: int, per_group: int
) -> None:
    monkeypatch.setattr(load_balancing, "ELEMENTS_PER_GROUP", per_group)
    monkeypatch.setattr(item_groups, "SETS_PER_ROW", 1)
    fetched = recorded(monkeypatch)
    baskets = random_baskets(13)
    every = naive_itemsets(baskets, 1)
    floor = min(n for n in range(1, 400) if sum(count >= n for count in every.values()) <= most)
    with caplog.at_level(logging.WARNING):
        found = find(spark, baskets, 1, Limits(500, 99, most, 10_000))
    assert (found.requested, found.floor) == (1, floor)
    assert as_counts(found.itemsets) == {items: n for items, n in every.items() if n >= floor}
    assert found.reasons == (f"more than {most} sets would have been found",)
    assert f"A set now needs {floor} baskets" in caplog.text
    assert fetched["itemsets"] <= most, "no more is fetched than may be kept"


def test_the_floor_is_known_before_the_sets_are_fetched(spark: SparkSession) -> None:
    rows = [item_groups.row_of(2, 1, Sets(np.array([[n, 0]], np.int32), np.array([n]))) for n in (5, 7, 9, 7)]
    mined = from_arrow.to_frame(spark, pa.Table.from_batches(rows), item_groups.MINED)
    sets, floor = item_groups.collect(mined, np.zeros(0, np.int64), 1, 1)
    assert floor == 8
    assert sets[2].counts.tolist() == [9]


def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many rows the driver fetches from now on, by what they are."""
    fetched: dict[str, int] = {}
    fetch = collect_table

    def table(frame: DataFrame, what: str) -> pa.Table:
        found = fetch(frame, what)
        fetched[what] = found.num_rows
        return found

    for module in (distributed, item_groups):
        monkeypatch.setattr(module, "collect_table", table)
    return fetched


def test_too_little_memory_raises_the_count_before_anything_is_mined(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_balancing, "BYTES", 1500)
    baskets = random_baskets(17)
    every = naive_itemsets(baskets, 1)
    counts = sorted((n for items, n in every.items() if len(items) == 1), reverse=True)
    found = find(spark, baskets, 1, Limits(500, 99, 1_000_000, 1))
    kept = len(found.itemsets.names)
    assert 1 < kept < len(counts) - 1
    assert found.floor == counts[kept] + 1, "one more item would have been too much"
    assert as_counts(found.itemsets) == {items: n for items, n in every.items() if n >= found.floor}
    assert found.reasons == ("mining would have taken more than 1 MB",)


def test_a_large_basket_is_left_out_and_counted(spark: SparkSession) -> None:
    baskets: list[Basket] = [[f"x{number}" for number in range(10_000)], ["a", "b"], ["a", "b"], ["a"]]
    found = find(spark, baskets, 1)
    assert (found.census.baskets, found.census.oversized, found.census.items) == (3, 1, 2)
    assert as_counts(found.itemsets) == {frozenset("a"): 3, frozenset("b"): 2, frozenset("ab"): 2}


def test_repeated_and_missing_items_count_once_and_not_at_all(spark: SparkSession) -> None:
    baskets: list[list[str | None]] = [["a", "a", "b"], ["b", None, "a"], [None], []]
    frame = items_frame(spark, baskets)
    found = frequent_itemsets(frame, lambda _: 2, GENEROUS, staged)
    assert as_counts(found.itemsets) == {frozenset("a"): 2, frozenset("b"): 2, frozenset("ab"): 2}
    assert found.census.baskets == 2


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_no_set_is_longer_than_asked(spark: SparkSession, longest: int) -> None:
    baskets = random_baskets(19)
    found = find(spark, baskets, 2, Limits(500, longest, 1_000_000, 10_000))
    assert as_counts(found.itemsets) == naive_itemsets(baskets, 2, longest)


@pytest.mark.parametrize("baskets", [[], [[]], [["a"]]])
def test_nothing_to_find_is_no_error(spark: SparkSession, baskets: list[Basket]) -> None:
    found = find(spark, baskets, 2)
    assert (found.itemsets.count, found.floor, found.reasons) == (0, 2, ())


def test_the_threshold_is_asked_with_the_number_of_baskets_that_are_not_empty(spark: SparkSession) -> None:
    asked: list[int] = []

    def least(baskets: int) -> int:
        asked.append(baskets)
        return 1

    frequent_itemsets(items_frame(spark, [["a"], [], ["b", "c"]]), least, GENEROUS, staged)
    assert asked == [2]


def test_work_is_what_stands_before_an_item_in_its_baskets_and_groups_share_it() -> None:
    """Where items are independent of each other, the estimate is near the truth."""
    rng = np.random.default_rng(5)
    bought = rng.random((20_000, 30)) < np.linspace(0.5, 0.02, 30)
    counts = bought.sum(axis=0)
    order = np.argsort(-counts, kind="stable")
    bought, counts = bought[:, order], counts[order]
    before: Ints = np.cumsum(bought, axis=1) - bought
    items = load_balancing.Items(counts, (bought * bought.sum(axis=1, keepdims=True)).sum(axis=0))
    estimate = load_balancing.volumes(items, int(counts.sum()))
    truth = (before * bought).sum(axis=0)
    assert np.abs(estimate[1:] / truth[1:] - 1).max() < 0.1
    assert load_balancing.affordable_items(estimate, 10**6) == 30
    assert load_balancing.affordable_items(np.array([2**20, 2**20]), load_balancing.BYTES) == 1


def test_groups_differ_little_in_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_balancing, "ELEMENTS_PER_GROUP", 400)
    work = np.arange(1, 101)
    group_of, count = load_balancing.balance(work)
    shares = np.bincount(group_of, weights=work)
    assert (count, shares.size) == (13, 13)
    assert shares.max() < 1.2 * shares.min()
    assert load_balancing.balance(np.zeros(0, np.int64))[1] == 1
