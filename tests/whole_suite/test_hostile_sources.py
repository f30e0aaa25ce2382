"""What bad values in events, products, customers and contacts get, through every job: an account, and no wrong figure.

Part of one list with the other tests called hostile; what order lines may hold is in test_hostile_values.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from conserved import every_job_answers, latest
from hostile import NAMES, Hostile, lines, week
from shop import SHOP

from vitalfew.engines.engine import Engine
from vitalfew.suite import TABLES
from vitalfew.white_space import trimmed

COLUMNS = {
    "products": {
        "product_id": "id", "name": "name", "brand": "part", "department": "part", "category": "part", "unit": "part",
    },
    "customers": {
        "customer_id": "id", "gender": "name", "region": "name", "age_band": "name", "occupation": "name",
        "legal_form": "name",
    },
    "contacts": {"customer_id": "id", "kind": "kind", "value": "value"},
    "events": {
        "customer_id": "id", "kind": "kind", "product_id": "what", "happened_at": "at", "detail": "detail",
        "channel": "detail", "value": "value",
    },
}  # fmt: skip


RATINGS = ["five", "NaN", "inf", "-Infinity", "1e400", "1e308", "5"]


@pytest.fixture
def shop(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Hostile]:
    shop = Hostile(tmp_path, running, monkeypatch)
    files = {name: {"at": f"drops/{name}.csv", "columns": columns} for name, columns in COLUMNS.items()}
    sources = {"order_lines": {**SHOP, "at": "drops/a.csv"}, **files}
    names = {name: {**source, "placeholders": []} for name, source in sources.items()}  # null and NaN are names here
    shop.target(extra={"files": names})
    yield shop
    assert "Traceback" not in capfd.readouterr().err, "nor does the engine say more, past our messages"


def dropped(shop: Hostile, **files: list[str]) -> None:
    """A file of each source, with these lines."""
    for name, columns in COLUMNS.items():
        shop.drop(*files[name], name=f"{name}.csv", header=",".join(dict.fromkeys(columns.values())))


def numbers(shop: Hostile) -> list[float]:
    """Every double of every result."""
    return [
        value
        for name, table in TABLES.items()
        if table.kind == "result" and (doubles := [c.name for c in table.declared if c.type == "double"])
        for row in shop.rows(name, *doubles)
        for value in row
        if value is not None
    ]


def test_names_of_any_kind_go_through_every_job_and_text_where_numbers_belong_reaches_no_result(shop: Hostile) -> None:
    cell = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    orders = (
        (f"{who[:-1]}-{day}{who[-1]}", who, what, f"2025-01-{day + 1:02} 09:00:00", 1, f"{i + 1}.5")
        for day in range(24)
        for i, who in enumerate(cell)
        if (day + i) % 3 == 0
        for what in (cell[i // 2 * 2], cell[(i // 2 * 2 + 1) % len(cell)])
    )
    shop.drop(*lines(orders))
    dropped(
        shop,
        products=lines((name, name, name) for name in cell),
        customers=lines((name, name) for name in cell),
        contacts=lines(
            [
                *((name, kind, name) for name in cell for kind in ("email", "phone", "membership")),
                ("null", "email", ""), ("null", "", "a@b.example"), ("", "email", "a@b.example"),
            ]
        ),
        events=lines(
            [
                *(
                    (name, kind, cell[-1 - i], f"2025-01-{day:02} 12:00:00", name, "")
                    for i, name in enumerate(cell)
                    for day in (3, 9)
                    for kind in ("search", "view", "campaign", name)
                ),
                *(("null", "review", "null", "2025-01-05", "null", rating) for rating in RATINGS),
            ]
        ),
    )  # fmt: skip
    every_job_answers(shop, "--set", "ingest.max_quarantined_share=1.0")
    assert shop.rows("quarantine", "source", "reason") == [
        ("contacts", "customer_id is missing"),
        ("contacts", "kind is missing"),
        ("contacts", "value is missing"),
        *[("events", "value is NaN or infinite")] * 3,
        *[("events", "value is not a double")] * 2,
    ]
    assert all(map(math.isfinite, numbers(shop)))
    coverage = latest(shop, "customer_coverage", "events", "contacts")
    assert tuple(map(sum, zip(*coverage, strict=True))) == (8 * len(NAMES) + 2, 3 * len(NAMES))
    assert sorted(row[0] for row in shop.rows("rfm", "customer_id")) == sorted(NAMES)
    assert {name for row in shop.rows("rules", "antecedent") for name in row[0]} <= set(NAMES)
    assert sorted(shop.rows("customer360", "person_id", "region", "favourite_channel")) == sorted(
        (name, trimmed(name), None) for name in NAMES
    )
    assert {channel for (channel,) in shop.rows("touchpoints", "channel")} >= set(NAMES)
    assert sum(n for (n,) in shop.rows("customer360", "other_events")) == 2 * len(NAMES)
    for table in ("summary", "customer360", "unmet_demand", "affinity"):
        assert shop.run("show", table).code == 0


def test_in_tables_of_the_company_nan_and_nothing_reach_no_result_and_days_are_those_of_the_shop(shop: Hostile) -> None:
    queries = {
        "order_lines": """values ('o1', 'ann', 'tea', timestamp'2025-01-02 09:00:00', 1, 4.50, double('NaN')),
                                 ('o2', 'ann', 'cup', timestamp'2025-01-03 09:00:00', 1, 4.50, double('Infinity')),
                                 ('o3', 'bob', 'tea', timestamp'2025-01-31 23:30:00', 1, 4.50, 2.0D)
                          as t(order_id, customer_id, product_id, ordered_at, quantity, amount, cost)""",
        "events": """values ('ann', timestamp'2025-01-03 09:00:00', 'review', 'tea', double('NaN')),
                            ('ann', timestamp'2025-01-03 09:00:00', 'review', 'tea', double('Infinity')),
                            (null, timestamp'2025-01-03 09:00:00', 'review', null, null),
                            ('bob', timestamp'2025-01-31 23:30:00', 'view', 'cup', null),
                            ('bob', null, 'review', 'tea', 5D), ('bob', timestamp'2025-01-03 09:00:00', null, 'tea', 5D)
                     as t(customer_id, happened_at, kind, product_id, value)""",
        "products": "values ('tea', null), (null, 'Nothing') as t(product_id, name)",
        "customers": "values ('ann', null), (null, 'north') as t(customer_id, region)",
    }
    for name, query in queries.items():
        shop.running.spark.sql(f"select * from {query}").write.format("delta").save(str(shop.root / "theirs" / name))
    zones = {name: {"time_zone": "Asia/Tokyo"} for name in ("order_lines", "events")}
    sources = {name: {"at": f"theirs/{name}", **zones.get(name, {})} for name in queries}
    shop.target(extra={"files": {}, "sources": sources})
    every_job_answers(shop)
    assert all(map(math.isfinite, numbers(shop)))
    assert sorted(set(shop.rows("quarantine", "source", "reason"))) == [
        ("customers", "customer_id is missing"),
        ("events", "happened_at is missing, or is no timestamp"),
        ("events", "kind is missing"),
        ("products", "product_id is missing"),
    ]
    assert shop.rows("orders", "order_id", "cost") == [("o1", None), ("o2", None), ("o3", 2)]
    assert str(shop.rows("rfm", "as_of")[0][0]) == "2025-02-02"
    at_eight = [
        row for row in shop.rows("timing_grid", "dimension", "weekday", "hour", "orders", "events") if row[2] == 8
    ]
    assert ("all", 6, 8, 1, 1) in at_eight, "on a Saturday"
    seen = {
        who: (str(day), touch)
        for who, day, touch in shop.rows("customer360", "person_id", "first_order_on", "last_touch_kind")
    }
    assert seen["bob"] == ("2025-02-01", "view")
    assert ("first_month", "2025-02") in shop.rows("cohorts", "dimension", "cohort")


def test_a_megabyte_in_any_cell_is_set_apart_or_carried_through_every_job(shop: Hostile) -> None:
    giant = "x" * 1_000_000
    shop.drop(*week(customers=4), *lines((f"z{day}", giant, giant, f"2025-01-{day:02}", 1, 1) for day in (2, 5, 9)))
    dropped(
        shop,
        products=lines([("tea", giant, "drinks")]),
        customers=lines([("c0", giant), (giant, "north")]),
        contacts=lines([("c0", "email", giant)]),
        events=lines([("c0", "search", "tea", "2025-01-05", giant, "")]),
    )
    every_job_answers(shop, "--set", "ingest.longest_value=2000000")
    assert shop.rows("quarantine") == []
    assert max(len(who) for (who,) in shop.rows("next_purchase", "customer_id")) == len(giant)
    shown = shop.run("show", "summary")
    assert all(len(line) < 10_000 for line in shown.text.splitlines()), "what is shown is cut"


def test_a_category_of_a_megabyte_is_no_stack_trace(shop: Hostile) -> None:
    shop.drop(*week(customers=4))
    nothing: dict[str, list[str]] = {name: [] for name in COLUMNS}
    dropped(shop, **nothing | {"products": lines([("tea", "Tea", "x" * 1_000_000)])})
    shop.answers("--set", "ingest.longest_value=2000000", jobs=["ingest", "orders"])
    told = shop.refused(5, "run", "timing")
    assert "did not fit into one message, as where values of a table are very long: shorten them in" in told
    assert "timing_grid" not in shop.tables()


def test_what_could_not_be_read_is_kept_as_it_came_but_of_contacts_nothing_is(shop: Hostile) -> None:
    shop.running.spark.sql("select 'tea' what, 'o1' id, 'soon' at, 'two' n, '5' price").write.format("delta").save(
        str(shop.root / "theirs" / "order_lines")
    )
    columns = {
        "order_id": "id",
        "product_id": "what",
        "ordered_at": "try_cast(at as timestamp)",
        "quantity": "try_cast(n as decimal(18,3))",
        "amount": "try_cast(price as decimal(18,2))",
    }
    shop.target(extra={"files": {}, "sources": {"order_lines": {"at": "theirs/order_lines", "columns": columns}}})
    shop.answers(jobs=["orders"])
    ((reason, content),) = shop.rows("quarantine", "reason", "content")
    assert reason == "ordered_at is missing, or is no timestamp; quantity is missing, or is no decimal(18,3)"
    assert json.loads(content) == {
        "order_id": "o1", "product_id": "tea", "ordered_at": "soon", "quantity": "two", "amount": "5.00",
    }  # fmt: skip
