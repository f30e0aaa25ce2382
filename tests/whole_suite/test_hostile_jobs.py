"""What data of an awkward shape gets from the jobs that know the customer: an answer, a skip by name, or a message.

Part of one list with test_hostile_files.py, test_hostile_shapes.py and test_hostile_values.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conserved import JOBS, every_job_answers, latest
from hostile import Hostile, lines, week
from shop import SHOP

from vitalfew.engines.engine import Engine

EVENTS = "kind,who,what,at"


@pytest.fixture
def shop(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Hostile]:
    yield Hostile(tmp_path, running, monkeypatch)
    assert "Traceback" not in capfd.readouterr().err, "nor does the engine say more, past our messages"


def knowing(shop: Hostile, **sources: tuple[str, dict[str, str]]) -> None:
    """A target with files besides the order lines: of each source its file and its columns."""
    lines_at = {**SHOP, "at": "drops/a.csv"}
    others = {name: {"at": at, "columns": columns} for name, (at, columns) in sources.items()}
    shop.target(extra={"files": {"order_lines": lines_at, **others}})


def happened(shop: Hostile, *rows: str) -> None:
    """A target with events, these."""
    columns = {"kind": "kind", "customer_id": "who", "product_id": "what", "happened_at": "at"}
    knowing(shop, events=("drops/e.csv", columns))
    shop.drop(*rows, name="e.csv", header=EVENTS)


def counted(shop: Hostile, table: str, column: str) -> dict[Any, int]:
    found = [row[0] for row in shop.rows(table, column)]
    return {value: found.count(value) for value in set(found)}


def test_one_customer_with_very_many_orders_and_a_basket_of_10_000_items(shop: Hostile) -> None:
    many = (
        (
            f"m{n}",
            "c0",
            ("tea", "cup")[n % 2],
            f"20{15 + n // 2200}-0{1 + n % 9}-{1 + n % 28:02} {n % 24:02}:00:00",
            1,
            2,
        )
        for n in range(20_000)
    )
    shop.drop(*week(customers=5), *lines(many), *[f"big,c0,i{i},2025-01-19 12:00:00,1,1" for i in range(10_000)])
    every_job_answers(shop)
    assert shop.accounted() == (30_091, 30_091)
    assert dict(shop.rows("customer360", "person_id", "orders"))["c0"] > 20_000
    assert dict(shop.rows("customer_timing", "customer_id", "orders"))["c0"] > 20_000
    repeats = dict(shop.rows("next_purchase", "customer_id", "repeats"))
    assert (
        repeats["c0"] == len({day for who, day in shop.rows("orders", "customer_id", "ordered_on") if who == "c0"}) - 1
    )
    assert ("product", "Left out: baskets of more than 500 items (1).") in shop.rows("basket_limits", "level", "note")
    assert not any(item.startswith("i") for row in shop.rows("itemsets", "items") for item in row[0])
    assert ("big", Decimal("10000.00"), 10_000) in shop.rows("orders", "order_id", "net_amount", "lines")


def test_one_order_of_one_item_for_each_customer(shop: Hostile) -> None:
    shop.drop(*lines((f"o{c}", f"c{c}", f"p{c}", f"2025-01-{1 + c % 28:02} 10:00:00", 1, 5) for c in range(60)))
    every_job_answers(shop)
    assert counted(shop, "next_purchase", "status") == {"unknown": 60}, "nobody ever came back"
    assert shop.rows("repeat_purchases") == shop.rows("affinity") == shop.rows("bundles") == []
    assert {row[0] for row in shop.rows("cohort_profiles", "returned_customers")} == {0}
    assert {row[0] for row in shop.rows("alerts", "kind")} <= {"inactive", "churned"}


def test_events_without_orders(shop: Hostile) -> None:
    happened(shop, *(f"search,c{c},tea,2025-01-0{1 + day} 10:00:00" for c in range(5) for day in range(3)))
    shop.drop(header="id,who,what,at,n,price")
    every_job_answers(shop, "--as-of", "2025-02-01")
    assert counted(shop, "customer360", "orders") == {0: 5}
    assert shop.rows("unmet_demand", "person_id", "searches") == [(f"c{c}", 3) for c in range(5)]
    assert shop.rows("next_purchase") == shop.rows("customer_timing") == shop.rows("alerts") == []
    assert shop.rows("rfm") == shop.rows("contribution") == [], "a file with a header and no line is no mistake"


def test_customers_and_products_that_stand_twice_are_unknown_or_cannot_be_born_then(shop: Hostile) -> None:
    knowing(
        shop,
        products=("drops/p.csv", {"product_id": "what", "name": "name", "department": "part"}),
        customers=("drops/c.csv", {"customer_id": "who", "is_member": "member", "birth_date": "born"}),
        events=("drops/e.csv", {"kind": "kind", "customer_id": "who", "product_id": "what", "happened_at": "at"}),
    )
    shop.drop(*week(customers=4))
    known = ("tea,Tea,drinks", "tea,Green tea,drinks", "unsold,,", "pot,Pot,UNKNOWN", "cup,Cup,未知")
    shop.drop(*known, name="p.csv", header="what,name,part")
    born = ("c0,,2190-05-01", "c1,,1066-10-14", "c2,,1990-02-29", "c3,,1990-03-01")
    shop.drop("c0,yes,", "c0,no,", "known,maybe,", "known,,", *born, name="c.csv", header="who,member,born")
    happened = ("view,stranger,tea,2025-01-05 10:00:00", "view,,tea,2025-01-05 10:00:00", "support,,ghost,2025-01-06")
    shop.drop(*happened, name="e.csv", header=EVENTS)
    every_job_answers(shop, "--set", "ingest.max_quarantined_share=0.5")
    assert shop.rows("products", "product_id", "name", "department") == [
        ("cup", "Cup", None), ("pot", "Pot", None), ("tea", "Green tea", "drinks"), ("unsold", None, None),
    ], "the last stands, and a group that nobody knows is none"  # fmt: skip
    reasons = [("birth_date is in the future",), ("born is not a date",), ("member is not a boolean",)]
    assert shop.rows("quarantine", "reason") == reasons
    assert [row[0] for row in shop.rows("customer_profile", "customer_id")] == ["c0", "c1", "c2", "c3", "known"]
    orders = shop.rows("orders", "lines")
    assert sum(row[0] for row in orders) == 70, "a customer or product that stands twice doubles no line"
    found = shop.rows("customer360", "person_id", "age_years", "orders")
    ages = {who: age for who, age, _ in found}
    assert ages == {"c0": None, "c1": None, "c2": None, "c3": 34, "known": None, "stranger": None}
    assert [who for who, _, n in found if n == 0] == ["known", "stranger"]
    coverage = shop.rows("customer_coverage", "is_known", "customers", "events", "implausible_birth_dates")
    assert sum(row[3] for row in coverage) == 1
    assert sorted(row[2] for row in coverage if row[2]) == [1, 2], "of the stranger, and of nobody"
    assert sum(row[1] for row in coverage if row[0]) == 6


def test_everyone_is_as_everyone_else_and_buys_one_product(shop: Hostile) -> None:
    shop.drop(
        *lines((f"o{c}-{d}", f"c{c}", "tea", f"2025-01-{d:02} 09:00:00", 1, 5) for c in range(40) for d in (3, 9, 19))
    )
    shop.answers("--as-of", "2025-01-21", jobs=("ingest", "orders", "rfm", "clusters", "contribution"))
    every_job_answers(shop, "--as-of", "2025-01-22")
    assert len(counted(shop, "rfm", "segment")) == 1
    assert len({row[1:] for row in latest(shop, "rfm", "customer_id", "r", "f", "m", "segment")}) == 1, (
        "equals are equal"
    )
    assert {(scheme, moved) for scheme, moved in shop.rows("segment_move_totals", "scheme", "moved")} == {
        ("rfm", 0), ("clusters", 0), ("contribution", 0),
    }  # fmt: skip
    assert shop.rows("segment_moves") == []
    assert (
        len({row[1:] for row in shop.rows("next_purchase", "customer_id", "p_alive", "due_on", "value_at_stake")}) == 1
    )
    assert len({row[1:] for row in shop.rows("customer_timing", "customer_id", "best_weekday", "best_hour")}) == 1
    ginis = latest(shop, "concentration", "subject", "dimension", "gini")
    assert [row for row in ginis if row[0] == "customer"] == [("customer", "all", 0.0)]
    assert {row[0] for row in shop.rows("clusters", "cluster")} == {1}
    assert shop.rows("rules") == []
    assert shop.rows("itemsets", "items", "support") == [(["tea"], 1.0)]
    assert {row[0] for row in shop.rows("rfm", "most_bought_product_id")} == {"tea"}
    shown = " ".join(shop.run("show", "summary").text.split())
    assert "32 of 40 customers (80.0%) hold it" in shown
    assert "1 of 1 product (100.0%) bring 80% of the value" in shown


def test_all_orders_at_one_moment_and_one_phone_number_on_every_account(shop: Hostile) -> None:
    knowing(shop, contacts=("drops/k.csv", {"customer_id": "who", "kind": "kind", "value": "value"}))
    at = "2025-01-03 09:00:00"
    shop.drop(*lines((f"o{c}", f"c{c}", what, at, 1, 5) for c in range(300) for what in ("tea", "cup")))
    shop.drop(*(f"c{c},phone,+43 1 5000000" for c in range(300)), name="k.csv", header="who,kind,value")
    every_job_answers(shop)
    assert set(shop.rows("rfm", "recency_days", "r")) == {(1, 5)}
    assert counted(shop, "identities", "accounts") == {1: 300}
    assert shop.rows("identity_review", "subject", "rule", "accounts", "is_merged") == [
        ("identifier", "phone", 300, False)
    ]


@pytest.mark.parametrize("as_of", [date.min, date.max], ids=str)
def test_the_first_and_the_last_day_of_the_calendar(shop: Hostile, as_of: date) -> None:
    shop.drop(*week(customers=4))
    every_job_answers(shop, "--as-of", str(as_of))
    expected = 0 if as_of == date.min else 4
    for table in ("customer360", "next_purchase", "customer_timing", "identities"):
        assert len(shop.rows(table)) == expected, table
    assert {row[0] for row in shop.rows("next_purchase", "status")} <= {"lapsed"}
    assert {row[0] for row in shop.rows("alerts", "kind")} <= {"churned"}


def test_what_is_shown_can_be_asked_for_and_what_cannot_is_told(shop: Hostile) -> None:
    shop.drop(*week(customers=4))
    shop.answers(jobs=("ingest", "orders", "rfm"))
    shown = shop.run("show", "rfm", "--where", "frequency >= 7 and customer_id <> 'c3'", "--by", "monetary")
    frequent = sorted(
        (row for row in shop.rows("rfm", "monetary", "customer_id", "frequency") if row[2] >= 7 and row[1] != "c3"),
        key=lambda row: (-row[0], row[1]),
    )
    assert [line.split(" | ")[1].strip() for line in shown.text.splitlines()[2:]] == [row[1] for row in frequent]
    told = shop.refused(2, "show", "rfm", "--where", "segmnt = 'Lost'")
    assert "segmnt is no column of rfm; did you mean segment?" in told
    assert "vitalfew tables rfm prints its columns" in told


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_is_named_and_has_no_tables_says_which_it_misses_and_writes_nothing(shop: Hostile, job: str) -> None:
    told = shop.refused(3, "run", job)
    assert f"{job}: failed There is no table orders at {shop.root}/orders. Check `root`" in told
    assert shop.tables() == set()


def test_of_all_jobs_those_without_inputs_are_skipped_by_name(shop: Hostile) -> None:
    shop.target(extra={"files": {}})
    told = shop.refused(3, "run", "all")
    assert "No job could run: ingest skipped: the target names no files; orders skipped: there is no table ord" in told
    assert [job for job in JOBS if f"{job}: skipped there is no table " not in told] == []
    assert shop.tables() == set()


def test_a_summary_of_nothing_is_skipped_where_no_table_gives_a_day(shop: Hostile) -> None:
    shop.target(extra={"files": {}})
    assert "summary: skipped there is no table orders" in shop.run("run", "all").text
    told = shop.answers("--as-of", "2025-01-31")
    assert "summary: published" in told
    assert "rfm: skipped there is no table orders" in told
