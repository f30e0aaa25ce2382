"""Baskets as plain rows and as a frame of orders, and products."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

START = date(2025, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


@dataclass(frozen=True)
class Basket:
    """One sale: who (None: nobody known), how many days after START, and what."""

    customer: str | None
    day: int
    products: tuple[str, ...]


def orders(spark: SparkSession, baskets: Iterable[Basket]) -> DataFrame:
    """`baskets` as a frame of orders, numbered in their order."""
    return declared(spark, ORDERS, [order(number, basket) for number, basket in enumerate(baskets)])


def order(number: int, basket: Basket) -> dict[str, Any]:
    at = datetime.combine(day(basket.day), time(9), UTC)
    pieces = Decimal(len(basket.products))
    return {
        "order_id": f"o{number:05}",
        "customer_id": basket.customer,
        "ordered_at": at,
        "ended_at": at,
        "ordered_on": at.date(),
        "kind": "sale",
        "net_amount": pieces,
        "pieces": pieces,
        "lines": len(basket.products),
        "product_ids": sorted(basket.products),
        "product_pieces": [Decimal(1)] * len(basket.products),
        "product_amounts": [Decimal(1)] * len(basket.products),
    }


def catalogue(
    spark: SparkSession, names: Mapping[str, str | None], durable: Iterable[str] = (), gone: Iterable[str] = ()
) -> DataFrame:
    """Products by id with their names, some of them durable, some of them not available."""
    lasting, absent = {*durable}, {*gone}
    rows = [
        {"product_id": id_, "name": name, "is_durable": id_ in lasting, "is_available": id_ not in absent}
        for id_, name in names.items()
    ]
    return declared(spark, PRODUCTS, rows)


def declared(spark: SparkSession, table: Table, rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """`rows` as a frame of the declared columns; what they leave out is NULL."""
    ddl = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(column.name) for column in table.declared) for row in rows], ddl)


def random_baskets(
    seed: int, baskets: int = 250, customers: int = 12, products: int = 14, days: int = 90
) -> list[Basket]:
    """Baskets with ties, of nobody known, of heavy and of light customers, of common and of rare products."""
    rng = random.Random(seed)
    shelf = [f"p{number:02}" for number in range(products)]
    weights = [1 / (number + 1) for number in range(products)]
    found = []
    for _ in range(baskets):
        who = None if rng.random() < 0.15 else f"c{min(int(rng.expovariate(0.3)), customers - 1)}"
        items = {*rng.choices(shelf, weights, k=rng.randrange(1, 6))}
        found.append(Basket(who, rng.randrange(days), tuple(sorted(items))))
    return found
