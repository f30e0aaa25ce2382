"""Lines become orders; an update equals a full rebuild; a plain reading of the definitions agrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from lines import FACTS, RETURNS, START, Facts, Line, as_frame, edited, empty, filled, make, random_lines, rows
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from retail import daily_files
from staged import staged

from conftest import Frame
from journey import transactions
from vitalfew.dataframes.staging import TABLES, Stage
from vitalfew.errors import AnalysisError
from vitalfew.jobs.orders import assembly
from vitalfew.jobs.orders.customer_profile import changed_attributes
from vitalfew.jobs.orders.transform import OrderParams, orders
from vitalfew.tables import Everything, Slices, Upsert
from vitalfew.tables.sources import CUSTOMERS, ORDER_LINES, PRODUCTS


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


def test_days_and_customers_add_up_lines_and_orders(four_orders: Facts) -> None:
    _, days, known = four_orders
    assert rows(days, "ordered_on", "lines", "amount")[1] == (date(2025, 1, 2), 3, Decimal("11.00"))
    assert rows(known, "customer_id", "orders", "net_amount", "favourite_channel") == [
        ("ann", 1, Decimal("9.00"), "web"),
        ("bob", 1, Decimal("52.00"), None),
    ]


@pytest.mark.both_engines
def test_a_return_counts_against_its_product_wherever_it_stands(frame: Frame) -> None:
    lines = frame(ORDER_LINES, RETURNS)
    made, _, known = make(lines)
    lists = ("order_id", "product_ids", "returned_ids", "returned_pieces", "returned_amounts")
    assert rows(made, *lists) == [
        ("o1", ["cup", "tea"], None, None, None),
        ("o2", ["tea"], None, None, None),
        ("o3", ["cup"], ["pot", "tea"], [Decimal("-1.000")] * 2, [Decimal("-9.00"), Decimal("-2.00")]),
        ("o4", ["tea"], None, None, None),
    ]
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
    with pytest.raises(AnalysisError, match=r"none \(1 lines, 4\.00\), EUR \(1 lines, 4\.00\), GBP \(1 lines, 4\.00\)"):
        make(lines)


def test_no_lines_make_no_facts(spark: SparkSession) -> None:
    assert [frame.count() for frame in make(empty(spark, ORDER_LINES))] == [0, 0, 0]


def test_those_who_never_bought_and_those_who_never_registered_are_both_known(frame: Frame) -> None:
    lines = frame(
        ORDER_LINES,
        "order_id | customer_id | product_id | ordered_at | quantity | amount\no1 | ann | tea | 2025-01-01 | 1 | 4.00",
    )
    customers = frame(CUSTOMERS, "customer_id | region | is_member \n bob | north | true")
    known = make(lines, customers=customers)[2]
    assert rows(known, "customer_id", "is_registered", "has_bought", "region", "orders") == [
        ("ann", False, True, None, 1),
        ("bob", True, False, "north", 0),
    ]


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


LISTS = ("product_ids", "product_amounts", "returned_ids", "returned_amounts")


@pytest.mark.parametrize("seed", [1, 2])
def test_random_orders_are_what_a_plain_reading_of_the_definition_gives(spark: SparkSession, seed: int) -> None:
    lines = random_lines(Random(seed), 150)
    expected = plain_orders(lines)
    assert as_plain(make(as_frame(spark, lines))[0]) == expected
    assert sum(kind == "cancelled" for _, _, kind, *_ in expected.values()) > 10


@pytest.mark.parametrize("is_shuffled", [False, True])
def test_orders_are_the_same_however_their_lines_lie(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, is_shuffled: bool
) -> None:
    """Made as they come, and again those whose lines fell into two tables; or gathered all, where that is most."""
    lines = random_lines(Random(9), 150)
    if is_shuffled:
        Random(9).shuffle(lines)
    at = next(i for i in range(100, len(lines)) if is_shuffled or lines[i - 1].order_id == lines[i].order_id)
    begin, end = (as_frame(spark, part).coalesce(1) for part in (lines[:at], lines[at:]))
    gathered: list[int] = []
    by_key = Stage.by_key

    def counted(stage: Stage, frame: DataFrame, key: str, rows: int, *others: Any) -> DataFrame:
        gathered.append(rows)
        return by_key(stage, frame, key, rows, *others)

    monkeypatch.setattr(Stage, "by_key", counted)
    monkeypatch.setattr(assembly, "LOOKED_AT", 50)
    monkeypatch.setattr(assembly, "LINES_OF_ORDER", 1.0)
    made = make(begin.unionByName(end), stage=replace(staged, rows_in_turn=10))[0]
    assert as_plain(made) == plain_orders(lines)
    torn = sum(x.order_id == lines[at].order_id for x in lines)
    assert gathered == [len(lines) if is_shuffled else torn]


def as_plain(made: DataFrame) -> dict[str, tuple[Any, ...]]:
    """`made` as `plain_orders` gives it."""
    columns = ("customer_id", "ordered_at", "kind", "net_amount", "pieces", *LISTS)
    found = made.select("order_id", *columns).collect()
    return {row["order_id"]: tuple(row)[1:] for row in found}


@pytest.mark.both_engines
def test_lines_lie_together_where_there_are_several_to_an_order_among_the_first(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "LOOKED_AT", 20)
    lines = [line for number in range(40) for line in random_lines(Random(number), 1)[:1] * 2]
    pairs = [replace(line, order_id=f"o{number // 2}") for number, line in enumerate(lines)]
    scattered = [replace(line, order_id=f"o{number % 40}") for number, line in enumerate(lines)]
    assert assembly.lie_together(as_frame(spark, pairs))
    assert not assembly.lie_together(as_frame(spark, scattered))


def test_more_money_of_a_product_in_an_order_than_a_column_holds_is_refused_in_words() -> None:
    most = Decimal("9999999999999999.99")
    rows_ = {
        "order_id": ["o"] * 2, "customer_id": ["ann"] * 2, "product_id": ["tea"] * 2, "ordered_at": [START] * 2,
        "amount": pa.array([most, most], pa.decimal128(18, 2)), "cost": pa.array([None, None], pa.decimal128(18, 2)),
        "channel": pa.array([None, None], pa.string()), "pieces": pa.array([1, 1], pa.decimal128(18, 3)),
        "kind": pa.array([assembly.SALE] * 2, pa.int32()),
    }  # fmt: skip
    with pytest.raises(AnalysisError, match="the lines of one product in one order sum to more than 18 digits"):
        assembly.orders_of(pa.table(rows_))


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
    assert stage.parts(len(lines.collect()), TABLES) > 1
    for table, ours, whole in zip(FACTS, make(lines, stage=stage), make(lines), strict=True):
        assert rows(ours, *table.columns) == rows(whole, *table.columns), table.name


def update_equals_rebuild(spark: SparkSession, before: list[Line], after: list[Line], params: OrderParams) -> None:
    facts = tuple(staged(f) for f in make(as_frame(spark, before), params=params))
    now = as_frame(spark, after)
    updated, whole = make(now, old=facts, params=params), make(now, params=params)
    for table, ours, full in zip(FACTS, updated, whole, strict=True):
        assert rows(ours, *table.columns) == rows(full, *table.columns), table.name


SEGMENT_MOVES = [
    ((8,), (2, 8)),
    ((2, 8), (8,)),
    ((2, 5, 8), (2, 8)),
    ((2, 8), (5, 8)),
    ((8,), (2,)),
    ((2, 8), ()),
    ((8,), (8,)),
]


@pytest.mark.parametrize(("days_before", "days_after"), SEGMENT_MOVES)
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
    return filled(spark.createDataFrame(people, "customer_id string, region string, is_member boolean"), CUSTOMERS)


def test_a_blank_attribute_says_nothing_and_is_no_change(spark: SparkSession) -> None:
    said = attributes(spark, [("a", " \u3000", True), ("b", "", None), ("c", " north ", None)])
    lines = as_frame(spark, random_lines(Random(6), 3))
    facts = make(lines, customers=said)
    known = {row["customer_id"]: row["region"] for row in facts[2].collect()}
    assert {name: known[name] for name in "abc"} == {"a": None, "b": None, "c": "north"}
    assert not changed_attributes(said, facts[2]).where("customer_id in ('a', 'b', 'c')").collect()


def test_nothing_is_written_where_nothing_has_changed(spark: SparkSession) -> None:
    lines, people = as_frame(spark, random_lines(Random(6), 30)), attributes(spark, [("a", "north", True)])
    facts = make(lines, customers=people)
    changes = orders(lines, empty(spark, PRODUCTS), people, *facts, params=OrderParams(), stage=staged)
    assert [list(c.values) for c in changes if isinstance(c, Slices)] == [[], []]
    upserts = [c for c in changes if isinstance(c, Upsert)]
    assert [(c.frame.count(), c.removed.count() if c.removed else 0) for c in upserts] == [(0, 0)]


def test_another_unit_or_another_rule_builds_everything_anew(spark: SparkSession, frame: Frame) -> None:
    lines = as_frame(spark, random_lines(Random(7), 30))
    facts = make(lines)
    fuel = frame(PRODUCTS, "product_id | unit \n t | litre \n u | litre \n v | litre \n w | litre \n x | litre")
    for products, params in ((fuel, OrderParams()), (empty(spark, PRODUCTS), OrderParams(cancel_within_minutes=5))):
        changes = orders(lines, products, empty(spark, CUSTOMERS), *facts, params=params, stage=staged)
        assert all(isinstance(change, Everything) for change in changes)


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

    texts = csv.ConvertOptions(column_types=dict.fromkeys(("InvoiceNo", "StockCode", "CustomerID"), pa.string()))
    files = daily_files(shared, folder)
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
