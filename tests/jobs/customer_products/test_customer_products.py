"""What customers bought is what their orders say; an update equals a full rebuild, and touches nobody else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from lines import RETURNS, START, Facts, Line, all_applied, as_frame, edited, empty, make, random_lines, rows
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from staged import staged

from conftest import Frame
from vitalfew.dataframes.staging import SUMS, Stage
from vitalfew.job import Changed
from vitalfew.jobs.customer_products.params import CustomerProductParams
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY, CUSTOMER_ORDERS, CUSTOMER_PRODUCTS
from vitalfew.jobs.customer_products.transform import customer_orders, customer_products
from vitalfew.jobs.orders.transform import OrderParams
from vitalfew.tables import Everything, Upsert
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import ORDER_LINES

TABLES = (CUSTOMER_PRODUCTS, CUSTOMER_ORDERS, CUSTOMER_HISTORY)
ALWAYS_UPDATE = CustomerProductParams(rebuild_share=1)


def bought(
    orders: DataFrame,
    old: Facts | None = None,
    params: CustomerProductParams = ALWAYS_UPDATE,
    stage: Stage = staged,
    changed: Changed | None = None,
) -> Facts:
    """Both tables after a run over `orders`, its changes applied to `old`."""
    before = old or tuple(empty(orders.sparkSession, table) for table in TABLES)
    changes = customer_products(orders, *before, params=params, stage=stage, changed=changed)
    return all_applied(changes, TABLES, before)


def plain(orders: DataFrame) -> list[tuple[Any, ...]]:
    """CUSTOMER_PRODUCTS, read off the definition."""
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for order in orders.where("customer_id is not null").collect():
        is_sale = order["kind"] == "sale"
        for name, sold in (("product", is_sale), ("returned", False)):
            lists = [order[f"{name}_{field}"] or [] for field in ("ids", "pieces", "amounts")]
            for product, pieces, amount in zip(*lists, strict=True):
                found[order["customer_id"], product].append((order["ordered_on"] if sold else None, pieces, amount))
    expected = []
    for key, entries in found.items():
        days = [day for day, _, _ in entries if day]
        if days:
            totals = [sum(entry[i] for entry in entries) for i in (1, 2)]
            expected.append((*key, len(days), len(set(days)), min(days), max(days), *totals))
    return sorted(expected, key=str)


def test_a_return_counts_against_its_product_wherever_it_stands(frame: Frame) -> None:
    of_nobody = "o5 | ~ | tea | 2025-01-04 09:00 | 4 | 8.00"
    lines = frame(ORDER_LINES, RETURNS + of_nobody)
    products, known, _ = bought(make(lines)[0])
    assert rows(products, "product_id", "orders", "pieces", "net_amount") == [
        ("cup", 2, Decimal("3.000"), Decimal("18.00")),
        ("tea", 2, Decimal("6.000"), Decimal("12.00")),
    ], "the pot was never sold to her: its return lowers what she is worth, and no product of hers"
    assert rows(known, "customer_id", "orders", "lines") == [("ann", 4, 8)]


@pytest.mark.both_engines
def test_random_purchases_are_what_a_plain_reading_of_the_definition_gives(spark: SparkSession) -> None:
    orders = staged(make(as_frame(spark, random_lines(Random(1), 150)))[0])
    expected = plain(orders)
    assert rows(bought(orders)[0], *CUSTOMER_PRODUCTS.columns) == expected
    assert any(count > days for _, _, count, days, *_ in expected), "some bought a product twice on a day"


def test_purchases_added_up_in_parts_are_the_same(spark: SparkSession) -> None:
    orders = staged(make(as_frame(spark, random_lines(Random(3), 150)))[0])
    in_parts = replace(staged, rows_at_once=20)
    assert in_parts.parts(150, SUMS) > 1
    assert rows(bought(orders, stage=in_parts)[0], *CUSTOMER_PRODUCTS.columns) == plain(orders)


def rewritten(before: DataFrame, after: DataFrame, random: Random) -> Changed:
    """The orders that differ, and all others of some days: as if the files of these days had been written again."""
    days = [START.date() + timedelta(days=day) for day in range(-9, 15) if random.random() < 0.3]
    same = before.intersect(after).where(~F.col("ordered_on").isin(days))
    return Changed(staged(after.exceptAll(same)), staged(before.exceptAll(same)))


@pytest.mark.parametrize(("seed", "is_told"), [(3, False), (4, False), (5, False), (6, True), (7, True)])
def test_an_update_equals_a_full_rebuild(spark: SparkSession, seed: int, is_told: bool) -> None:
    random = Random(seed)
    lines = random_lines(random, 120)
    orders = staged(make(as_frame(spark, lines))[0])
    facts = bought(orders)
    for _ in range(2):
        lines, before = edited(random, lines), orders
        orders = staged(make(as_frame(spark, lines))[0])
        told = rewritten(before, orders, random) if is_told else None
        facts = tuple(staged(f) for f in bought(orders, facts, changed=told))
        for table, ours, full in zip(TABLES, facts, bought(orders), strict=True):
            assert rows(ours, *table.columns) == rows(full, *table.columns), table.name


def test_only_those_whose_orders_changed_are_computed_again(spark: SparkSession) -> None:
    lines = random_lines(Random(6), 60)
    facts = bought(make(as_frame(spark, lines))[0])
    now = [replace(x, product_id="new") if x.customer_id == "a" else x for x in lines if x.customer_id != "b"]
    changes = customer_products(make(as_frame(spark, now))[0], *facts, params=ALWAYS_UPDATE, stage=staged)
    products, known, _ = changes
    assert isinstance(products, Upsert)
    assert isinstance(known, Upsert)
    assert products.removed is not None
    assert known.removed is not None
    assert {row["customer_id"] for row in products.frame.collect()} == {"a"}
    assert {row["customer_id"] for row in products.removed.collect()} == {"a", "b"}
    assert [row["customer_id"] for row in known.frame.collect()] == ["a"]
    assert [row["customer_id"] for row in known.removed.collect()] == ["b"]


def test_what_was_bought_without_known_orders_is_replaced_whole(spark: SparkSession) -> None:
    """As a version before, or a run that was killed, may leave it."""
    lines = random_lines(Random(6), 60)
    products, known, past = bought(make(as_frame(spark, lines))[0])
    now = make(as_frame(spark, [x for x in lines if x.customer_id != "b"]))[0]
    left = bought(now, (products, known.limit(0), past.limit(0)))
    assert rows(left[0], *CUSTOMER_PRODUCTS.columns) == plain(now)


def test_nothing_is_written_where_nothing_has_changed(spark: SparkSession) -> None:
    orders = staged(make(as_frame(spark, random_lines(Random(6), 30)))[0])
    changes = customer_products(orders, *bought(orders), params=CustomerProductParams(), stage=staged)
    upserts = [change for change in changes if isinstance(change, Upsert)]
    assert [(c.frame.count(), c.removed.count() if c.removed else None) for c in upserts] == [(0, 0)] * 3


def test_much_that_changed_builds_everything_anew_and_so_does_the_first_run(spark: SparkSession) -> None:
    def kinds(orders: DataFrame, old: Facts, share: float) -> list[bool]:
        params = CustomerProductParams(rebuild_share=share)
        return [isinstance(c, Everything) for c in customer_products(orders, *old, params=params, stage=staged)]

    lines = random_lines(Random(6), 60)
    orders = staged(make(as_frame(spark, lines))[0])
    nothing = tuple(empty(spark, table) for table in TABLES)
    facts = bought(orders)
    changed = [replace(x, amount=x.amount + 1) if x.customer_id in {*"abc"} else x for x in lines]
    half = make(as_frame(spark, changed))[0]
    assert kinds(empty(spark, ORDERS), nothing, 1) == [True] * 3, "tables without rows are tables"
    assert kinds(half, facts, 0.4) == [True] * 3
    assert kinds(half, facts, 0.6) == [False] * 3


def test_what_was_bought_changes_the_fingerprint_and_nothing_else_does(spark: SparkSession) -> None:
    line = Line("o", "ann", "tea", START, 2, Decimal(4))
    cup = replace(line, product_id="cup", amount=Decimal(6))
    back = replace(line, product_id="pot", quantity=-1, amount=Decimal(-1))

    def fingerprint(*lines: Line) -> Any:
        orders = make(as_frame(spark, list(lines)))[0]
        return customer_orders(orders).collect()[0]["fingerprint"]

    same = fingerprint(line, cup, back)
    assert fingerprint(back, cup, line) == same
    others = {
        fingerprint(line, cup),
        fingerprint(line, cup, replace(back, product_id="jar")),
        fingerprint(line, cup, replace(back, quantity=-2)),
        fingerprint(line, cup, replace(back, amount=Decimal(-2))),
        fingerprint(line, cup, replace(back, quantity=1)),
        fingerprint(replace(line, amount=Decimal(6)), replace(cup, amount=Decimal(4)), back),
        fingerprint(*[replace(x, order_id="p") for x in (line, cup, back)]),
        fingerprint(*[replace(x, ordered_at=START + timedelta(days=1)) for x in (line, cup, back)]),
        fingerprint(line, cup, back, replace(line, order_id="q")),
    }
    assert len(others | {same}) == 10


def test_a_sale_that_counts_as_cancelled_is_another(spark: SparkSession) -> None:
    sale = Line("o", "ann", "tea", START, 2, Decimal(4))
    undone = replace(sale, order_id="c", quantity=-2, amount=Decimal(-4))
    lines = as_frame(spark, [sale, undone])
    never, within_an_hour = (make(lines, params=OrderParams(cancel_within_minutes=n))[0] for n in (0, 60))
    facts = bought(never)
    assert rows(facts[0], "product_id", "orders") == [("tea", 1)]
    assert rows(bought(within_an_hour, facts)[0], "product_id", "orders") == []
