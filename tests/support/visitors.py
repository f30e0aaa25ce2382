"""A shop with visitors: when they come, what they do there, and a planted chance of a first order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from staged import staged

from vitalfew.dataframes.from_arrow import to_frame
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.tables import TABLES
from vitalfew.jobs.prospects.transform import prospects
from vitalfew.messages.words import Words
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import CUSTOMERS, EVENTS, PRODUCTS, REFERRALS

AS_OF = date(2026, 1, 1)
EUROS = Words("en", "EUR")
READ = {"orders": ORDERS, "events": EVENTS, "customers": CUSTOMERS, "referrals": REFERRALS, "products": PRODUCTS}
REGIONS = ("north", "south", "east", "west")
Rows = list[dict[str, Any]]


def params(**given: Any) -> ProspectsParams:
    return ProspectsParams.model_validate_json(json.dumps(given))


def local(spark: SparkSession, table: Table, rows: Sequence[dict[str, Any]]) -> DataFrame:
    """Rows of a table; columns that are not given are NULL."""
    types = {column.name: column.type for column in table.declared}
    columns = {name: [plain(row.get(name)) for row in rows] for name in table.columns}
    arrays = {name: pa.array(values, arrow_type(types[name])) for name, values in columns.items()}
    return to_frame(spark, pa.table(arrays), ", ".join(f"{name} {type_}" for name, type_ in types.items()))


def plain(value: Any) -> Any:
    """A value as Arrow takes it: maps as their pairs."""
    return [*value.items()] if isinstance(value, dict) else value


def at_noon(ago: int) -> datetime:
    return datetime.combine(day_at(ago), time(12))


def arrow_type(sql: str) -> pa.DataType:
    if sql.startswith("array<"):
        return pa.list_(arrow_type(sql[6:-1]))
    if sql.startswith("decimal("):
        digits, scale = sql[8:-1].split(",")
        return pa.decimal128(int(digits), int(scale))
    if sql == "map<string,string>":
        return pa.map_(pa.string(), pa.string())
    named = {
        "string": pa.string(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", "UTC"),
        "bigint": pa.int64(),
        "int": pa.int32(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
    }
    return named[sql]


def day_at(ago: int, as_of: date = AS_OF) -> date:
    return as_of - timedelta(days=ago)


def event(
    who: str | None, ago: int, kind: str = "view", product: str | None = None, hour: int = 9, **more: Any
) -> dict[str, Any]:
    at = datetime.combine(day_at(ago, more.pop("as_of", AS_OF)), time(hour))
    return {"customer_id": who, "happened_at": at, "kind": kind, "product_id": product, **more}


def order(
    number: int | str, who: str | None, ago: int, amount: float = 10.0, products: Sequence[str] = ("p0",), **more: Any
) -> dict[str, Any]:
    day = day_at(ago, more.pop("as_of", AS_OF))
    money = Decimal(str(round(amount, 2)))
    share = (money / max(1, len(products))).quantize(Decimal("0.01"))
    return {
        "order_id": f"o{number}",
        "customer_id": who,
        "ordered_at": datetime.combine(day, time(12)),
        "ended_at": datetime.combine(day, time(12)),
        "ordered_on": day,
        "kind": "sale",
        "net_amount": money,
        "pieces": Decimal(1),
        "lines": 1,
        "product_ids": sorted(products),
        "product_pieces": [Decimal(1) for _ in products],
        "product_amounts": [share for _ in products],
        **more,
    }


@dataclass
class Shop:
    """What the job reads, as rows, and the true chance of a first order where it was planted."""

    orders: Rows = field(default_factory=list)
    events: Rows = field(default_factory=list)
    customers: Rows = field(default_factory=list)
    referrals: Rows = field(default_factory=list)
    products: Rows = field(default_factory=list)

    def frames(self, spark: SparkSession) -> dict[str, DataFrame]:
        return {name: local(spark, table, getattr(self, name)) for name, table in READ.items()}


def made(spark: SparkSession, shop: Shop, as_of: date = AS_OF, words: Words = EUROS, **given: Any) -> dict[str, Rows]:
    """The tables of the job, as rows; each holds to its contract."""
    frames = prospects(**shop.frames(spark), params=params(**given), as_of=as_of, stage=staged, words=words)
    return {table.name: held(table, frame, as_of) for table, frame in zip(TABLES, frames, strict=True)}


def held(table: Table, frame: DataFrame, as_of: date) -> Rows:
    """The rows of `frame`, each with what its table promises."""
    assert ["as_of", *frame.columns] == list(table.columns), table.name
    dated = frame.withColumn("as_of", F.lit(as_of))
    assert {f.name: f.dataType.simpleString() for f in dated.schema.fields} == {c.name: c.type for c in table.declared}
    holds = F.expr(" and ".join(f"({rule})" for rule in table.always) or "true")
    rows = [row.asDict() for row in dated.withColumn("_holds", F.coalesce(holds, F.lit(False))).collect()]
    broken = [row for row in rows if not row.pop("_holds")]
    assert not broken, (table.name, broken[:1])
    keys = [tuple(row[name] for name in table.key) for row in rows]
    assert len({*keys}) == len(keys), table.name
    for row in rows:
        assert all(row[name] is not None for name in table.required), (table.name, row)
        assert all(row[name] in (*values, None) for name, values in table.values.items()), (table.name, row)
    return rows


def planted(
    seed: int, people: int = 1500, days: int = 480, speaks: float = 1.0, rate: float = -6.0, region: float = 0.7
) -> Shop:
    """Visitors who come for a while and go, and order by a chance a day that their last days say, as far as it `speaks`.

    Log-odds of a first order on a day: rate + speaks * (0.9 log(1 + visits in 7 days) + 1.1 log(1 + carts in 30 days) -
    0.5 log(1 + days since the last visit)), and `region` more in the north. Customers of the north spend twice as much.
    """
    rng = np.random.default_rng(seed)
    begin = rng.integers(0, days, people)
    place = rng.integers(0, len(REGIONS), people)
    stays = rng.geometric(1 / 60, people)
    visits = np.zeros((people, days + 1), dtype=int)
    carts = np.zeros((people, days + 1), dtype=int)
    first, last = np.full(people, -1), np.full(people, -1)
    lean = rng.choice([0.05, 0.15, 0.4], people)
    shop = Shop()
    for day in range(days):
        here = (begin <= day) & (day < begin + stays) & ((rng.random(people) < lean) | (begin == day)) & (first < 0)
        week = visits[:, max(0, day - 7) : day].sum(axis=1)
        month = carts[:, max(0, day - 30) : day].sum(axis=1)
        since = np.where(last >= 0, day - last, 1)
        odds = rate + speaks * (0.9 * np.log1p(week) + 1.1 * np.log1p(month) - 0.5 * np.log1p(since))
        odds = odds + region * speaks * (place == 0)
        buys = (begin < day) & (first < 0) & (rng.random(people) < 1 / (1 + np.exp(-odds)))
        first[buys] = day
        last[here] = day
        visits[:, day], carts[:, day] = here, here & (rng.random(people) < 0.15)
        for who in np.flatnonzero(here).tolist():
            item = f"p{who % 6}" if rng.random() < 0.7 else f"p{rng.integers(0, 6)}"
            shop.events.append(event(f"v{who}", days - day, "view", item, channel="web" if who % 3 else "app"))
            if carts[who, day]:
                shop.events.append(event(f"v{who}", days - day, "cart", item, hour=10))
    for who in np.flatnonzero(first >= 0).tolist():
        mean = 80 if place[who] == 0 else 40
        for later in range(0, days - first[who], 45):
            amount = max(1.0, rng.gamma(4, mean / 4))
            shop.orders.append(
                order(f"{who}-{later}", f"v{who}", days - int(first[who]) - later, amount, [f"p{who % 6}"])
            )
    shop.customers = [
        {"customer_id": f"v{who}", "region": REGIONS[place[who]], "joined_on": day_at(days - int(begin[who]))}
        for who in range(people)
    ]
    shop.products = [{"product_id": f"p{n}", "category": f"c{n % 3}", "name": f"Product {n}"} for n in range(6)]
    return shop
