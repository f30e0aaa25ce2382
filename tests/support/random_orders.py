"""Random orders with everything that is awkward in them, as plain rows and as a frame."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from pyspark.sql import DataFrame, SparkSession

from vitalfew.tables.facts import ORDERS

START = date(2025, 1, 1)
PRODUCTS = [f"p{number}" for number in range(8)]


@dataclass(frozen=True)
class Order:
    """A row of `orders`, as far as the analyses read it."""

    order_id: str
    customer_id: str | None
    ordered_at: datetime
    ended_at: datetime
    ordered_on: date
    kind: str
    net_amount: Decimal
    cost: Decimal | None
    pieces: Decimal
    lines: int
    channel: str | None
    product_ids: list[str]
    product_pieces: list[Decimal]
    product_amounts: list[Decimal]
    product_costs: list[Decimal | None] | None = None


def random_orders(seed: int, orders: int = 300, customers: int = 40, days: int = 60) -> list[Order]:
    """Orders with ties, returns, customers who only return, negative customers, and orders of nobody known."""
    rng = random.Random(seed)
    return [random_order(rng, number, customers, days) for number in range(orders)]


def random_order(rng: random.Random, number: int, customers: int, days: int) -> Order:
    who = None if rng.random() < 0.1 else f"c{min(int(rng.expovariate(0.12)), customers)}"
    day = START + timedelta(days=rng.randrange(days))
    kind = rng.choices(["sale", "return", "cancelled", "charge"], [80, 12, 4, 4])[0]
    sign = -1 if kind == "return" else rng.choice([1, -1]) if kind == "cancelled" else 1
    items = sorted(rng.sample(PRODUCTS, rng.randrange(1, 4))) if kind != "charge" else []
    amounts = [Decimal(sign * rng.choice([100, 250, 250, 999, 12345])) / 100 for _ in items]
    pieces = [Decimal(sign * rng.randrange(1, 4)) for _ in items]
    rest = Decimal(rng.choice([0, -100, -5000])) / 100
    return Order(
        order_id=f"o{number}",
        customer_id=who,
        ordered_at=datetime.combine(day, time(9), UTC),
        ended_at=datetime.combine(day, time(10), UTC),
        ordered_on=day,
        kind=kind,
        net_amount=sum(amounts, Decimal(0)) + (rest if kind != "charge" else Decimal("4.95")),
        cost=Decimal(rng.randrange(0, 900)) / 100,
        pieces=sum(pieces, Decimal(0)) - (2 if rest else 0),
        lines=len(items) + 1,
        channel=rng.choice(["store", "web", None]),
        product_ids=items,
        product_pieces=pieces,
        product_amounts=amounts,
    )


def as_frame(orders: list[Order], spark: SparkSession) -> DataFrame:
    """`orders` as a frame of the declared columns."""
    types = ", ".join(f"{column.name} {column.type}" for column in ORDERS.declared)
    rows = [tuple(getattr(order, column.name, None) for column in ORDERS.declared) for order in orders]
    return spark.createDataFrame(rows, types)
