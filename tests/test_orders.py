"""Lines become orders; an update equals a full rebuild; a plain reading of the definitions agrees."""

from __future__ import annotations

import tarfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from staged import staged

from conftest import Frame
from journey import transactions
from vitalfew.algorithms.staging import SUMS, Stage
from vitalfew.analyses.orders import OrderParams, orders
from vitalfew.errors import AnalysisError
from vitalfew.tables import Everything, Slices, Table, Upsert
from vitalfew.tables.facts import CUSTOMER_PRODUCTS, CUSTOMER_PROFILE, ORDER_DAYS, ORDERS
from vitalfew.tables.sources import CUSTOMERS, ORDER_LINES, PRODUCTS

START = datetime.fromisoformat("2025-01-01")
FACTS = (ORDERS, ORDER_DAYS, CUSTOMER_PRODUCTS, CUSTOMER_PROFILE)
Facts = tuple[DataFrame, ...]


def empty(spark: SparkSession, table: Table) -> DataFrame:
    return spark.createDataFrame([], ", ".join(f"{c.name} {c.type}" for c in table.declared))


def make(
    lines: DataFrame,
    products: DataFrame | None = None,
    customers: DataFrame | None = None,
    old: Facts | None = None,
    params: OrderParams | None = None,
    stage: Stage = staged,
) -> Facts:
    """The facts after a run over `lines`, its changes applied to `old`."""
    spark = lines.sparkSession
    before = old or tuple(empty(spark, table) for table in FACTS)
    some = (products or empty(spark, PRODUCTS), customers or empty(spark, CUSTOMERS))
    changes = orders(lines, *some, *before, params=params or OrderParams(), stage=stage)
    return tuple(applied(change, table, now) for change, table, now in zip(changes, FACTS, before, strict=True))


def applied(change: Any, table: Table, old: DataFrame) -> DataFrame:
    new: DataFrame = change.frame.select(*table.columns)
    if isinstance(change, Everything):
        return new
    if isinstance(change, Slices):
        return old.where(~F.col(change.column).isin(list(change.values))).unionByName(new)
    assert isinstance(change, Upsert)
    assert change.removed is not None
    keys = new.select(*table.key).unionByName(change.removed.select(*table.key))
    return old.join(keys, on=list(table.key), how="left_anti").select(*table.columns).unionByName(new)


def rows(frame: DataFrame, *names: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in frame.select(*names).collect()), key=str)


@pytest.fixture(scope="module")
def four_orders(frame: Frame) -> Facts:
    """The facts of four: over midnight and with a charge, a return, a charge alone, and one that two customers claim."""
    lines = frame(
        ORDER_LINES,
        """
        order_id | customer_id | product_id | ordered_at       | quantity | amount | cost | kind   | channel
        ---------+-------------+------------+------------------+----------+--------+------+--------+--------
        o1       | ann         | tea        | 2025-01-01 23:59 |        2 |   4.00 | 1.00 | ~      | web
        o1       | ann         | cup        | 2025-01-02 00:01 |        1 |   6.00 | 2.00 | ~      | web
        o1       | ann         | tea        | 2025-01-02 00:01 |        1 |   2.00 | 0.50 | ~      | web
        o1       | ann         | post       | 2025-01-02 00:01 |        1 |   3.00 | 0.00 | charge | web
        o2       | ann         | cup        | 2025-01-05 10:00 |       -1 |  -6.00 |    ~ | ~      | ~
        o3       | ~           | post       | 2025-01-06 10:00 |        1 |   3.00 |    ~ | charge | ~
        o4       | bob         | fuel       | 2025-01-06 11:00 |    40000 |  50.00 |    ~ | sale   | ~
        o4       | cat         | tea        | 2025-01-06 11:00 |        1 |   2.00 |    ~ | sale   | ~
        """,
    )
    products = frame(PRODUCTS, "product_id | unit \n fuel | millilitre \n tea | piece")
    return make(lines, products)


def test_an_order_is_what_its_lines_say(four_orders: Facts) -> None:
    made = four_orders[0]
    summary = ("order_id", "customer_id", "is_disputed", "kind", "net_amount", "cost", "pieces", "lines")
    assert [tuple(map(str, row)) for row in rows(made, *summary)] == [
        ("o1", "ann", "False", "sale", "15.00", "3.50", "4.000", "4"),
        ("o2", "ann", "False", "return", "-6.00", "None", "-1.000", "1"),
        ("o3", "None", "False", "charge", "3.00", "None", "0.000", "1"),
        ("o4", "bob", "True", "sale", "52.00", "None", "2.000", "2"),
    ]
    assert rows(made, "order_id", "product_ids", "product_amounts")[:2] == [
        ("o1", ["cup", "tea"], [Decimal("6.00"), Decimal("6.00")]),
        ("o2", ["cup"], [Decimal("-6.00")]),
    ]
    assert rows(made, "order_id", "product_costs") == [
        ("o1", [Decimal("2.00"), Decimal("1.50")]),
        ("o2", [None]),
        ("o3", []),
        ("o4", [None, None]),
    ]
    first = made.where("order_id = 'o1'").select("ordered_on", "ordered_at", "ended_at").collect()[0]
    assert tuple(map(str, first)) == ("2025-01-01", "2025-01-01 23:59:00", "2025-01-02 00:01:00")


def test_days_products_and_customers_add_up_lines_and_orders(four_orders: Facts) -> None:
    _, days, bought, known = four_orders
    assert rows(days, "ordered_on", "lines", "amount")[1] == (date(2025, 1, 2), 3, Decimal("11.00"))
    assert rows(bought, "customer_id", "product_id", "orders", "net_amount") == [
        ("ann", "cup", 1, Decimal("0.00")),
        ("ann", "tea", 1, Decimal("6.00")),
        ("bob", "fuel", 1, Decimal("50.00")),
        ("bob", "tea", 1, Decimal("2.00")),
    ]
    assert rows(known, "customer_id", "orders", "net_amount", "favourite_channel") == [
        ("ann", 1, Decimal("9.00"), "web"),
        ("bob", 1, Decimal("52.00"), None),
    ]


@pytest.mark.both_engines
def test_a_return_counts_against_its_product_wherever_it_stands(frame: Frame) -> None:
    lines = frame(
        ORDER_LINES,
        """
        order_id | customer_id | product_id | ordered_at       | quantity | amount
        o1       | ann         | tea        | 2025-01-01 09:00 |        5 |  10.00
        o1       | ann         | cup        | 2025-01-01 09:00 |        2 |  12.00
        o2       | ann         | tea        | 2025-01-02 09:00 |       -1 |  -2.00
        o3       | ann         | tea        | 2025-01-03 09:00 |       -1 |  -2.00
        o3       | ann         | cup        | 2025-01-03 09:00 |        1 |   6.00
        o3       | ann         | pot        | 2025-01-03 09:00 |       -1 |  -9.00
        o4       | ann         | tea        | 2025-01-04 09:00 |       -1 |  -2.00
        o4       | ann         | tea        | 2025-01-04 09:00 |        4 |   8.00
        """,
    )
    made, _, bought, known = make(lines)
    lists = ("order_id", "product_ids", "returned_ids", "returned_pieces", "returned_amounts")
    assert rows(made, *lists) == [
        ("o1", ["cup", "tea"], None, None, None),
        ("o2", ["tea"], None, None, None),
        ("o3", ["cup"], ["pot", "tea"], [Decimal("-1.000")] * 2, [Decimal("-9.00"), Decimal("-2.00")]),
        ("o4", ["tea"], None, None, None),
    ]
    assert rows(bought, "product_id", "orders", "pieces", "net_amount") == [
        ("cup", 2, Decimal("3.000"), Decimal("18.00")),
        ("tea", 2, Decimal("6.000"), Decimal("12.00")),
    ], "the pot was never sold to her: its return lowers what she is worth, and no product of hers"
    assert rows(known, "net_amount", "pieces") == [(Decimal("21.00"), Decimal("8.000"))]


CANCELLED = """
    order_id | customer_id | product_id | ordered_at       | quantity | amount
    ---------+-------------+------------+------------------+----------+----------
    o1       | ann         | paper      | 2011-01-18 10:01 |    74215 |  77183.60
    c1       | ann         | paper      | 2011-01-18 10:17 |   -74215 | -77183.60
    o2       | bob         | tea        | 2011-01-18 10:00 |        1 |      4.00
    o3       | bob         | tea        | 2011-01-18 10:10 |        1 |      4.00
    c2       | bob         | tea        | 2011-01-18 10:20 |       -1 |     -4.00
    c3       | bob         | tea        | 2011-01-18 10:30 |       -1 |     -4.00
    o4       | cat         | tea        | 2011-01-18 10:00 |        1 |      4.00
    c4       | cat         | tea        | 2011-01-18 11:01 |       -1 |     -4.00
    o5       | dan         | tea        | 2011-01-18 23:50 |        1 |      4.00
    c5       | dan         | tea        | 2011-01-19 00:10 |       -1 |     -4.00
    o6       | ~           | tea        | 2011-01-18 10:00 |        1 |      4.00
    c6       | ~           | tea        | 2011-01-18 10:05 |       -1 |     -4.00
    o7       | eve         | tea        | 2011-01-18 10:00 |        1 |      4.00
    c7       | eve         | cup        | 2011-01-18 10:05 |       -1 |     -4.00
"""


@pytest.mark.both_engines
def test_an_order_undone_within_the_hour_is_cancelled_with_what_undid_it(frame: Frame) -> None:
    made = make(frame(ORDER_LINES, CANCELLED))[0]
    cancelled = {row.order_id for row in made.where("kind = 'cancelled'").collect()}
    undone = {"o1", "c1", "o2", "c3", "o3", "c2", "o5", "c5"}
    assert cancelled == undone, "bob's double order is undone twice; later, nobody's, and of another product are not"
    assert {
        r.order_id
        for r in make(frame(ORDER_LINES, CANCELLED), params=OrderParams(cancel_within_minutes=0))[0]
        .where("kind = 'cancelled'")
        .collect()
    } == set()


def test_two_currencies_are_refused_with_their_counts(frame: Frame) -> None:
    lines = frame(
        ORDER_LINES,
        """
        order_id | product_id | ordered_at       | quantity | amount | currency
        o1       | tea        | 2025-01-01 09:00 |        1 |   4.00 | EUR
        o2       | tea        | 2025-01-02 09:00 |        1 |   4.00 | GBP
        o3       | tea        | 2025-01-02 09:00 |        1 |   4.00 | ~
        """,
    )
    with pytest.raises(AnalysisError, match=r"none \(1 lines\), EUR \(1 lines\), GBP \(1 lines\)"):
        make(lines)


def test_no_lines_make_no_facts(spark: SparkSession) -> None:
    assert [frame.count() for frame in make(empty(spark, ORDER_LINES))] == [0, 0, 0, 0]


def test_those_who_never_bought_and_those_who_never_registered_are_both_known(frame: Frame) -> None:
    lines = frame(
        ORDER_LINES,
        "order_id | customer_id | product_id | ordered_at | quantity | amount\no1 | ann | tea | 2025-01-01 | 1 | 4.00",
    )
    customers = frame(CUSTOMERS, "customer_id | region | is_member \n bob | north | true")
    known = make(lines, customers=customers)[3]
    assert rows(known, "customer_id", "is_registered", "has_bought", "region", "orders") == [
        ("ann", False, True, None, 1),
        ("bob", True, False, "north", 0),
    ]


@dataclass(frozen=True)
class Line:
    """One order line, in plain Python."""

    order_id: str
    customer_id: str | None
    product_id: str
    ordered_at: datetime
    quantity: int
    amount: Decimal


def random_lines(random: Random, orders_: int) -> list[Line]:
    """Orders of up to three lines over twelve days: past midnight, with returns in them, undone soon, anonymous."""
    found: list[Line] = []
    for number in range(orders_):
        at = START + timedelta(minutes=random.randrange(12 * 24 * 60))
        who = random.choice([None, *"abcdef"])
        mine = [
            Line(
                f"o{number}",
                who,
                random.choice("tuvwx"),
                at + timedelta(minutes=random.choice([0, 0, 0, 700])),
                random.randrange(1, 4),
                Decimal(random.randrange(1, 5)),
            )
            for _ in range(random.randrange(1, 4))
        ]
        mine = [replace(x, quantity=-x.quantity, amount=-x.amount) if random.random() < 0.1 else x for x in mine]
        found += mine
        if random.random() < 0.4:
            later = timedelta(minutes=random.randrange(1, 90))
            found += [
                replace(
                    x, order_id=f"c{number}", ordered_at=x.ordered_at + later, quantity=-x.quantity, amount=-x.amount
                )
                for x in mine
            ]
    return found


def as_frame(spark: SparkSession, lines: list[Line]) -> DataFrame:
    columns = "order_id string, customer_id string, product_id string, ordered_at timestamp, quantity int"
    made = spark.createDataFrame([tuple(vars(x).values()) for x in lines], columns + ", amount decimal(18,2)")
    return made.select(
        *[
            (F.col(c.name) if c.name in made.columns else F.lit(None)).cast(c.type).alias(c.name)
            for c in ORDER_LINES.declared
        ]
    )


def plain_orders(lines: list[Line], minutes: int = 60) -> dict[str, tuple[Any, ...]]:
    """customer, first time, kind, money, pieces and contents of every order, read off the definition."""
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[line.order_id].append(line)
    found: dict[str, list[Any]] = {}
    for order_id, mine in grouped.items():
        sold = {x.product_id for x in mine if x.quantity > 0}
        money = {
            p: sum((x.amount for x in mine if x.product_id == p), Decimal(0)) for p in {x.product_id for x in mine}
        }
        products, back = sorted(sold or money), sorted(money.keys() - sold) if sold else []
        found[order_id] = [
            mine[0].customer_id,
            min(x.ordered_at for x in mine),
            "sale" if sold else "return",
            sum(x.amount for x in mine),
            sum(x.quantity for x in mine),
            products,
            [money[p] for p in products],
            back or None,
            [money[p] for p in back] or None,
        ]
    open_sales: dict[Any, list[str]] = defaultdict(list)
    in_time = sorted(found, key=lambda name: (found[name][1], found[name][2] == "return", name))
    for name in in_time:
        who, at, kind, money, _, products, *_ = found[name]
        waiting = open_sales[who, tuple(products), abs(money)]
        if who and kind == "sale" and money > 0:
            waiting.append(name)
        elif who and kind == "return" and money < 0 and waiting:
            sale = waiting.pop()
            if at - found[sale][1] <= timedelta(minutes=minutes):
                found[sale][2] = found[name][2] = "cancelled"
    return {order_id: tuple(values) for order_id, values in found.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_random_orders_are_what_a_plain_reading_of_the_definition_gives(spark: SparkSession, seed: int) -> None:
    lines = random_lines(Random(seed), 150)
    made = make(as_frame(spark, lines))[0]
    lists = ("product_ids", "product_amounts", "returned_ids", "returned_amounts")
    columns = ("customer_id", "ordered_at", "kind", "net_amount", "pieces", *lists)
    found = {row["order_id"]: tuple(row[c] for c in columns) for row in made.collect()}
    expected = plain_orders(lines)
    assert found == expected
    assert sum(kind == "cancelled" for _, _, kind, *_ in expected.values()) > 10


def test_a_product_has_a_cost_in_an_order_where_all_its_lines_have_one(spark: SparkSession) -> None:
    lines = random_lines(Random(4), 150)
    cost = {1: Decimal("0.25"), 2: Decimal("0.10"), -1: Decimal("-0.25")}  # of lines of other quantities nobody knows
    known = {x.order_id: [y for y in lines if y.order_id == x.order_id] for x in lines}
    frame = as_frame(spark, lines)
    by_quantity = [F.when(F.col("quantity") == number, F.lit(value)) for number, value in cost.items()]
    made = make(frame.withColumn("cost", F.coalesce(*by_quantity).cast("decimal(18,2)")))[0]
    told = 0
    for row in made.collect():
        expected = []
        for product in row["product_ids"]:
            costs = [cost.get(x.quantity) for x in known[row["order_id"]] if x.product_id == product]
            expected.append(None if None in costs else sum(c for c in costs if c is not None))
        assert row["product_costs"] == expected
        told += sum(value is not None for value in expected)
    assert told > 50


@pytest.mark.parametrize("at_once", [20, 60])
def test_orders_gathered_in_parts_are_the_same_orders(spark: SparkSession, at_once: int) -> None:
    lines = as_frame(spark, random_lines(Random(3), 150))
    stage = replace(staged, rows_at_once=at_once)
    assert stage.parts(len(lines.collect()), SUMS) > 1
    for table, ours, whole in zip(FACTS, make(lines, stage=stage), make(lines), strict=True):
        assert rows(ours, *table.columns) == rows(whole, *table.columns), table.name


def edited(random: Random, lines: list[Line]) -> list[Line]:
    """The lines after a late order, a lost line, a corrected amount, a customer renamed, and orders that moved.

    An order gains a line days before its first; another that spans days loses its first line.
    """
    after = list(lines)
    after += [replace(x, order_id="late") for x in random_lines(random, 1)]
    after.pop(random.randrange(len(after)))
    which = random.randrange(len(after))
    after[which] = replace(after[which], amount=after[which].amount + 1)
    early = random.choice(after)
    after.append(replace(early, ordered_at=early.ordered_at - timedelta(days=random.randrange(2, 9))))
    spanning = [x for x in after if any(x.order_id == y.order_id and x.ordered_at < y.ordered_at for y in after)]
    after.remove(min(spanning, key=lambda x: (x.order_id != early.order_id and random.random(), x.ordered_at)))
    renamed = random.choice(after).order_id
    return [replace(x, customer_id="new") if x.order_id == renamed else x for x in after]


def update_equals_rebuild(spark: SparkSession, before: list[Line], after: list[Line], params: OrderParams) -> None:
    facts = tuple(staged(f) for f in make(as_frame(spark, before), params=params))
    now = as_frame(spark, after)
    updated, whole = make(now, old=facts, params=params), make(now, params=params)
    for table, ours, full in zip(FACTS, updated, whole, strict=True):
        assert rows(ours, *table.columns) == rows(full, *table.columns), table.name


MOVES = [
    ((8,), (2, 8)),
    ((2, 8), (8,)),
    ((2, 5, 8), (2, 8)),
    ((2, 8), (5, 8)),
    ((8,), (2,)),
    ((2, 8), ()),
    ((8,), (8,)),
]


@pytest.mark.parametrize(("days_before", "days_after"), MOVES)
def test_an_order_is_found_again_wherever_its_lines_went(
    spark: SparkSession, days_before: tuple[int, ...], days_after: tuple[int, ...]
) -> None:
    def ours(days: tuple[int, ...]) -> list[Line]:
        others = [
            Line(f"x{d}", "bob", "tea", START + timedelta(days=d, hours=9), 1, Decimal(3)) for d in range(0, 10, 3)
        ]
        mine = [Line("o", "ann", "tea", START + timedelta(days=d, hours=9), 1, Decimal(4)) for d in days]
        return others + mine

    params = OrderParams(cancel_within_minutes=0, rebuild_share=1)
    update_equals_rebuild(spark, ours(days_before), ours(days_after), params)


@pytest.mark.parametrize("lost", ["sale", "return"])
def test_what_midnight_parts_from_its_cancellation_is_marked_and_unmarked(spark: SparkSession, lost: str) -> None:
    sale = Line("o", "ann", "tea", datetime.fromisoformat("2025-01-04 23:50"), 1, Decimal(4))
    undo = replace(
        sale, order_id="c", ordered_at=sale.ordered_at + timedelta(minutes=20), quantity=-1, amount=-Decimal(4)
    )
    other = [replace(sale, order_id=f"x{d}", customer_id="bob", ordered_at=START + timedelta(days=d)) for d in range(9)]
    both, one = [*other, sale, undo], [*other, undo if lost == "sale" else sale]
    params = OrderParams(rebuild_share=1)
    update_equals_rebuild(spark, one, both, params)
    update_equals_rebuild(spark, both, one, params)


def test_a_value_that_moves_to_another_column_or_line_changes_the_fingerprint(frame: Frame) -> None:
    def fingerprint(cells: str) -> int:
        head = "order_id | customer_id | product_id | ordered_at | quantity | amount | channel\n"
        days = make(frame(ORDER_LINES, head + cells))[1]
        return int(days.collect()[0]["fingerprint"])

    told = {
        fingerprint(cells)
        for cells in (
            "o1 | a | p | 2025-01-01 | 1 | 1.00 | ~ \n o2 | b | q | 2025-01-01 | 1 | 2.00 | ~",
            "o1 | a | p | 2025-01-01 | 1 | 2.00 | ~ \n o2 | b | q | 2025-01-01 | 1 | 1.00 | ~",
            "o1 | a | p | 2025-01-01 | 1 | 1.00 | b \n o2 | ~ | q | 2025-01-01 | 1 | 2.00 | ~",
            "o1 | ~ | p | 2025-01-01 | 1 | 1.00 | a \n o2 | b | q | 2025-01-01 | 1 | 2.00 | ~",
        )
    }
    assert len(told) == 4


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_an_update_equals_a_full_rebuild(spark: SparkSession, seed: int) -> None:
    random = Random(seed)
    lines = random_lines(random, 120)
    people: list[tuple[str, str, bool | None]] = [("a", "north", True), ("z", "south", False)]
    facts = make(as_frame(spark, lines), customers=attributes(spark, people))
    for step in range(2):
        lines = edited(random, lines)
        people = [("a", f"moved {step}", True), ("b", "east", None)]
        now, registered = as_frame(spark, lines), attributes(spark, people)
        keep = OrderParams(rebuild_share=1)
        facts = tuple(staged(f) for f in make(now, customers=registered, old=facts, params=keep))
        whole = make(now, customers=registered)
        for table, ours, full in zip(FACTS, facts, whole, strict=True):
            assert rows(ours, *table.columns) == rows(full, *table.columns), table.name


def attributes(spark: SparkSession, people: Sequence[tuple[str, str, bool | None]]) -> DataFrame:
    made = spark.createDataFrame(people, "customer_id string, region string, is_member boolean")
    return made.select(
        *[
            (F.col(c.name) if c.name in made.columns else F.lit(None)).cast(c.type).alias(c.name)
            for c in CUSTOMERS.declared
        ]
    )


def test_nothing_is_written_where_nothing_has_changed(spark: SparkSession) -> None:
    lines, people = as_frame(spark, random_lines(Random(6), 30)), attributes(spark, [("a", "north", True)])
    facts = make(lines, customers=people)
    changes = orders(lines, empty(spark, PRODUCTS), people, *facts, params=OrderParams(), stage=staged)
    assert [list(c.values) for c in changes if isinstance(c, Slices)] == [[], []]
    upserts = [c for c in changes if isinstance(c, Upsert)]
    assert [(c.frame.count(), c.removed.count() if c.removed else 0) for c in upserts] == [(0, 0), (0, 0)]


def test_another_unit_or_another_rule_builds_everything_anew(spark: SparkSession, frame: Frame) -> None:
    lines = as_frame(spark, random_lines(Random(7), 30))
    facts = make(lines)
    fuel = frame(PRODUCTS, "product_id | unit \n t | litre \n u | litre \n v | litre \n w | litre \n x | litre")
    for products, params in ((fuel, OrderParams()), (empty(spark, PRODUCTS), OrderParams(cancel_within_minutes=5))):
        changes = orders(lines, products, empty(spark, CUSTOMERS), *facts, params=params, stage=staged)
        assert all(isinstance(change, Everything) for change in changes)


@pytest.mark.both_engines
def test_complete_journey_keeps_every_basket_and_every_cent(spark: SparkSession, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = transactions()
    pq.write_table(table, tmp_path / "t.parquet", coerce_timestamps="us")
    read = spark.read.parquet(str(tmp_path / "t.parquet"))
    named = {
        "order_id": "basket_id",
        "customer_id": "household_id",
        "product_id": "product_id",
        "ordered_at": "transaction_timestamp",
        "quantity": "quantity",
        "amount": "sales_value",
    }
    lines = read.select(
        *[
            (F.col(named[c.name]) if c.name in named else F.lit(None)).cast(c.type).alias(c.name)
            for c in ORDER_LINES.declared
        ]
    )
    made = make(lines)[0]
    total = made.agg(F.count("*").alias("n"), F.sum("net_amount").alias("money"), F.sum("lines").alias("lines"))
    assert tuple(map(str, total.collect()[0])) == ("155848", "4596039.58", "1469307")


@pytest.mark.both_engines
def test_online_retail_keeps_every_invoice_and_nets_its_cancelled_giant(
    spark: SparkSession, shared: Path, tmp_path: Path
) -> None:
    lines = online_retail(spark, shared, tmp_path)
    made = staged(make(lines)[0])
    total = made.agg(F.count("*"), F.sum("lines"), F.sum("net_amount"), F.count_distinct("customer_id")).collect()[0]
    assert tuple(map(str, total)) == ("16459", "320705", "5761931.38", "3360")
    giant = made.where(F.col("order_id").isin("541431", "C541433"))
    assert rows(giant, "order_id", "kind", "pieces", "net_amount") == [
        ("541431", "cancelled", Decimal("74215.000"), Decimal("77183.60")),
        ("C541433", "cancelled", Decimal("-74215.000"), Decimal("-77183.60")),
    ]


def online_retail(spark: SparkSession, shared: Path, folder: Path) -> DataFrame:
    """Every line of the daily files as ORDER_LINES, nothing cleaned."""
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    with tarfile.open(shared / "online_retail_2010-12_2011-08.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    texts = csv.ConvertOptions(column_types=dict.fromkeys(("InvoiceNo", "StockCode", "CustomerID"), pa.string()))
    files = sorted(folder.rglob("*.csv"))
    pq.write_table(pa.concat_tables([csv.read_csv(f, convert_options=texts) for f in files]), folder / "all.parquet")
    amount = "cast(round(Quantity * cast(UnitPrice as decimal(18,3)), 2) as decimal(18,2))"
    named = {
        "order_id": "InvoiceNo",
        "customer_id": "nullif(CustomerID, '')",
        "product_id": "StockCode",
        "ordered_at": "InvoiceDate",
        "quantity": "Quantity",
        "amount": amount,
    }
    read = spark.read.parquet(str(folder / "all.parquet"))
    return read.selectExpr(*[f"cast({named.get(c.name, 'null')} as {c.type}) {c.name}" for c in ORDER_LINES.declared])
