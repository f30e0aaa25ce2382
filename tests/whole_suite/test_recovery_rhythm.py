"""Rhythms come out as they were planted: of customers, and of what each buys again and again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from generated import Planted, planted_shop
from generator import recovery
from generator.world import World
from pyspark.sql import SparkSession

from vitalfew.engines.engine import Engine


@pytest.fixture(scope="module")
def rhythms(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """A generated shop on which `next_purchase` has run, product by product."""
    root = tmp_path_factory.mktemp("generated")
    jobs, settings = ("orders", "next_purchase"), ["next_purchase.repeat_level=product"]
    with planted_shop(running, root, World(100_000, seed=3, dirty=0), jobs, settings) as made:
        yield made


def test_the_gap_between_orders_is_the_planted_one(rhythms: Planted) -> None:
    compared, median, within_a_fifth = recovery.rhythm(rhythms.result, rhythms.truth)
    assert compared > 300
    assert median == pytest.approx(1, abs=0.02)
    assert within_a_fifth > 0.95


def test_the_cycle_of_what_is_bought_again_and_again_is_the_planted_one(rhythms: Planted) -> None:
    compared, median, within_a_fifth = recovery.repeats(rhythms.result, rhythms.truth, rhythms.result("products"))
    assert compared > 100
    assert median == pytest.approx(1, abs=0.03)
    assert within_a_fifth > 0.9


def test_precision_and_recall_are_of_those_of_whom_the_truth_is_known(spark: SparkSession) -> None:
    planted = spark.createDataFrame([("a", 1), ("b", 2), ("c", 3), ("d", None)], "customer_id string, n int")
    found = spark.createDataFrame([("a",), ("a",), ("b",), ("d",), ("stranger",)], "customer_id string")
    rates = recovery.rates(found, planted, right="n < 3", sought="n <> 2")
    assert (rates.found, rates.right, rates.sought, rates.caught) == (3, 2, 2, 1)
    assert (rates.precision, rates.recall) == (2 / 3, 1 / 2)
    assert str(rates) == "3 found, 66.7% right; 2 sought, 50.0% found"
    assert str(recovery.Rates(0, 0, 0, 0)) == "0 found, - right; 0 sought, - found"
