"""Stages of life: drawn customers, naive second implementations, published figures, and planted truth."""

from __future__ import annotations

import csv
import io
import json
import lzma
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from staged import staged

from conftest import Frame
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.tables import TABLES
from vitalfew.jobs.lifecycle.transform import lifecycle
from vitalfew.messages.words import Words
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import MILESTONES, PRODUCTS

AS_OF = date(2025, 7, 1)
EUROS = Words("en", "EUR")
DAYS_PER_MONTH = 30.4375
Row = dict[str, Any]
SIX = {
    "pregnancy": (-9, 0),
    "half": (0, 6),
    "year": (6, 12),
    "two": (12, 24),
    "three": (24, 36),
    "more": (36, 144),
}


def params(**given: Any) -> LifecycleParams:
    return LifecycleParams.model_validate_json(json.dumps(given))


def ladder(stages: dict[str, tuple[int, int]], needs: dict[str, list[str]], **given: Any) -> Row:
    """A ladder in which each stage needs everything, unless said otherwise."""
    wanted = given.pop("wanted", {})
    its = {
        name: {"from_month": first, "to_month": last, "needs": wanted.get(name, [*needs])}
        for name, (first, last) in stages.items()
    }
    return {"milestone": "birth", "needs": needs, "stages": its, **given}


def local(spark: SparkSession, table: Table, rows: list[Row]) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def sale(customer: str | None, day: date, *products: str, kind: str = "sale") -> Row:
    return {
        "order_id": f"{customer}-{day}-{products}",
        "customer_id": customer,
        "ordered_at": datetime.fromisoformat(f"{day} 09:00"),
        "ordered_on": day,
        "kind": kind,
        "net_amount": Decimal(10),
        "product_pieces": [Decimal(-1 if kind == "return" else 1)] * len(products),
        "product_ids": list(products),
    }


def found(
    spark: SparkSession, orders: DataFrame, milestones: DataFrame, products: DataFrame, as_of: date = AS_OF, **given: Any
) -> dict[str, list[Row]]:
    """All rows of all tables, each held to its contract."""
    made = lifecycle(orders, milestones, products, params=params(**given), as_of=as_of, stage=staged, words=EUROS)
    told = {}
    for table, frame in zip(TABLES, made, strict=True):
        assert ["as_of", *frame.columns] == list(table.columns)
        broken = " or ".join(f"not coalesce(({rule}), false)" for rule in table.always)
        assert frame.where(broken).collect() == []
        rows = [row.asDict() for row in frame.collect()]
        keys = [tuple(row[name] for name in table.key if name != "as_of") for row in rows]
        assert len({*keys}) == len(keys)
        for row in rows:
            assert all(row[name] is not None for name in table.required if name != "as_of"), row
            assert all(row[name] in values for name, values in table.values.items() if row[name] is not None)
        told[table.name] = [row for _, row in sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0])]
    return told


def lines_of(path: Path) -> list[Row]:
    with lzma.open(path) as file:
        return [*csv.DictReader(io.TextIOWrapper(file, encoding="utf-8"))]


def test_tianchi_mother_and_baby_gives_the_published_figures(spark: SparkSession, shared: Path) -> None:
    folder = shared / "decisions"
    trades = lines_of(folder / "tianchi_mum_baby_trade_history.csv.xz")
    births = {row["user_id"]: date.fromisoformat(row["birthday"]) for row in lines_of(folder / "tianchi_mum_baby.csv.xz")}
    products = {row["auction_id"]: (row["category_1"], row["category_2"]) for row in trades}
    orders = [sale(row["user_id"], date.fromisoformat(row["day"]), row["auction_id"]) for row in trades]
    given = ladder(SIX, {"any": ["28", "38", "50008168", "50014815", "50022520", "122650008"]}, exists_for="buyers")
    told = found(
        spark,
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, [{"customer_id": who, "kind": "birth", "day": day} for who, day in births.items()]),
        local(
            spark,
            PRODUCTS,
            [{"product_id": name, "category": root, "subcategory": leaf} for name, (root, leaf) in products.items()],
        ),
        as_of=date(2015, 2, 6),
        ladders={"baby": given},
    )
    import pprint
    pprint.pprint(told["lifecycle_ladders"]); pprint.pprint(told["lifecycle_evaluation"]); pprint.pprint(told["lifecycle_reliability"]); pprint.pprint(told["lifecycle_existence"]); pprint.pprint(told["lifecycle_stages"])
    pprint.pprint(told["customer_stages"][:5])
    pprint.pprint([r for r in told["customer_stages"] if r["source"]=="inferred"][:3])
