"""Order lines by the drawing or by chance, what changes between two runs, and the facts after a run over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from staged import staged

from vitalfew.dataframes.staging import Stage
from vitalfew.job import Changed
from vitalfew.jobs.orders.transform import OrderParams, orders
from vitalfew.tables import Change, Everything, Slices, Table, Upsert
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDER_DAYS, ORDERS
from vitalfew.tables.sources import CUSTOMERS, ORDER_LINES, PRODUCTS

START = datetime.fromisoformat("2025-01-01")
FACTS = (ORDERS, ORDER_DAYS, CUSTOMER_PROFILE)
Facts = tuple[DataFrame, ...]
RETURNS = """
    order_id | customer_id | product_id | ordered_at       | quantity | amount
    o1       | ann         | tea        | 2025-01-01 09:00 |        5 |  10.00
    o1       | ann         | cup        | 2025-01-01 09:00 |        2 |  12.00
    o2       | ann         | tea        | 2025-01-02 09:00 |       -1 |  -2.00
    o3       | ann         | tea        | 2025-01-03 09:00 |       -1 |  -2.00
    o3       | ann         | cup        | 2025-01-03 09:00 |        1 |   6.00
    o3       | ann         | pot        | 2025-01-03 09:00 |       -1 |  -9.00
    o4       | ann         | tea        | 2025-01-04 09:00 |       -1 |  -2.00
    o4       | ann         | tea        | 2025-01-04 09:00 |        4 |   8.00
"""
"""Of what was sold before, of what was not, beside sales, alone, and in the order that sold it."""


def empty(spark: SparkSession, table: Table) -> DataFrame:
    return spark.createDataFrame([], ", ".join(f"{c.name} {c.type}" for c in table.declared))


def make(
    lines: DataFrame,
    products: DataFrame | None = None,
    customers: DataFrame | None = None,
    old: Facts | None = None,
    params: OrderParams | None = None,
    stage: Stage = staged,
    changed: Changed | None = None,
) -> Facts:
    """The facts after a run over `lines`, its changes applied to `old`."""
    spark = lines.sparkSession
    before = old or tuple(empty(spark, table) for table in FACTS)
    some = (products or empty(spark, PRODUCTS), customers or empty(spark, CUSTOMERS))
    changes = orders(lines, *some, *before, params=params or OrderParams(), stage=stage, changed=changed)
    return all_applied(changes, FACTS, before)


def all_applied(changes: Sequence[Change], tables: Sequence[Table], old: Facts) -> Facts:
    """The tables after `changes`, one for each."""
    return tuple(applied(*each) for each in zip(changes, tables, old, strict=True))


def applied(change: Change, table: Table, old: DataFrame) -> DataFrame:
    """The rows of `table` after `change` to the `old` ones."""
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
    return filled(made, ORDER_LINES)


def filled(some: DataFrame, table: Table) -> DataFrame:
    """`some` columns as those of `table`: the others are NULL."""
    return some.select(
        *[(F.col(c.name) if c.name in some.columns else F.lit(None)).cast(c.type).alias(c.name) for c in table.declared]
    )


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
