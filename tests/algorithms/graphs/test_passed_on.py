"""Amounts that are passed on: exact, whatever the links; a naive second implementation agrees."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal

import pytest
from pyspark.sql import SparkSession
from staged import staged

from vitalfew.algorithms.graphs.passed_on import passed_on

Links = dict[str, str]
Amounts = dict[str, str]
Found = dict[str, tuple[Decimal, Decimal]]


def found(
    spark: SparkSession, links: Links, own: Amounts, share: str, on_driver: int = 1000
) -> tuple[Found, int | None]:
    heirs = spark.createDataFrame(list(links.items()), "node string, heir string")
    amounts = [(node, None if amount is None else Decimal(amount)) for node, amount in own.items()]
    made = passed_on(
        heirs, spark.createDataFrame(amounts, "node string, amount decimal(28,2)"), Decimal(share), staged, on_driver
    )
    return {row["node"]: (row["received"], row["passed"]) for row in made.amounts.collect()}, made.on_loops


def naive(links: Links, own: Amounts, share: str) -> Found:
    """Round after round over all nodes until nothing changes."""
    nodes = sorted({*links, *links.values()})
    passed = dict.fromkeys(nodes, Decimal(0))
    received = dict(passed)
    for _ in range(1000):
        has = {node: Decimal(own.get(node) or 0) + received[node] for node in nodes}
        new = {
            node: (has[node] * Decimal(share)).quantize(Decimal("0.01"), ROUND_HALF_UP) if node in links else Decimal(0)
            for node in nodes
        }
        if new == passed:
            break
        passed = new
        received = dict.fromkeys(nodes, Decimal(0))
        for node, heir in links.items():
            received[heir] += passed[node]
    return {node: (received[node], passed[node]) for node in nodes}


@pytest.mark.parametrize("on_driver", [1000, 0])
def test_a_share_of_what_was_brought_goes_up_the_chain(spark: SparkSession, on_driver: int) -> None:
    links, own = {"cat": "bob", "bob": "ann", "dan": "ann"}, {"ann": "100", "bob": "50", "cat": "30", "dan": "10.01"}
    amounts, on_loops = found(spark, links, own, "0.25", on_driver)
    cents = {node: tuple(map(str, pair)) for node, pair in amounts.items()}
    assert cents == {
        "ann": ("16.88", "0.00"),
        "bob": ("7.50", "14.38"),
        "cat": ("0.00", "7.50"),
        "dan": ("0.00", "2.50"),
    }
    assert on_loops == (0 if on_driver else None)


@pytest.mark.both_engines
@pytest.mark.parametrize("on_driver", [1000, 0])
def test_loops_come_to_an_end_and_count_nothing_twice(spark: SparkSession, on_driver: int) -> None:
    links = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "e", "f": "d"}
    own = {"a": "1000.03", "b": "-20", "c": "7.77", "d": "0.05", "f": "3"}
    amounts, on_loops = found(spark, links, own, "0.5", on_driver)
    assert amounts == naive(links, own, "0.5")
    assert sum(pair[0] for pair in amounts.values()) == sum(pair[1] for pair in amounts.values())
    assert on_loops == (4 if on_driver else None)


def test_random_links_agree_with_the_naive_way_to_the_cent(spark: SparkSession) -> None:
    dice = random.Random(8)
    for share in ("0.2", "0.3333", "0.5"):
        links = {f"n{place}": f"n{dice.randrange(300)}" for place in range(0, 300, 2)}
        own = {f"n{place}": str(Decimal(dice.randrange(-5_000, 100_000)) / 100) for place in range(0, 300, 3)}
        amounts, _ = found(spark, links, own, share)
        assert amounts == naive(links, own, share)


def test_sums_that_64_bits_do_not_hold_are_exact(spark: SparkSession) -> None:
    links, own = {"a": "b", "b": "c"}, {"a": "99999999999999999999999999.99", "b": "-0.01", "c": "1"}
    assert found(spark, links, own, "0.5")[0] == naive(links, own, "0.5")


@pytest.mark.parametrize("on_driver", [1000, 0])
def test_nothing_is_passed_without_links_or_amounts(spark: SparkSession, on_driver: int) -> None:
    assert found(spark, {}, {"a": "3"}, "0.5", on_driver)[0] == {}
    assert set(found(spark, {"a": "b"}, {}, "0.5", on_driver)[0].values()) == {(Decimal(0), Decimal(0))}
