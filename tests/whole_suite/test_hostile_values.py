"""What bad values get: the right rows in the right target, each other one in quarantine with its reason, all accounted for.

Part of one list with test_hostile_files.py and test_hostile_shapes.py. What single cells may hold is in test_ingest.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hostile import NAMES, Hostile, week

from vitalfew.engines.engine import Engine

FEW = ("ingest", "orders", "rfm")


@pytest.fixture
def shop(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Hostile]:
    yield Hostile(tmp_path, running, monkeypatch)
    assert "Traceback" not in capfd.readouterr().err, "nor does the engine say more, past our messages"


def test_text_where_a_number_belongs_is_set_apart_told_and_shown(shop: Hostile) -> None:
    shop.drop(*week(customers=4), "x1,c0,tea,2025-01-02,two,1", "x2,c0,tea,2025-01-02,1,cheap")
    said = shop.answers(jobs=FEW)
    assert "; 2 rows in quarantine" in next(line for line in said.splitlines() if "ingest: published" in line)
    assert shop.rows("quarantine", "reason", "file", "line", "content") == [
        ("n is not a decimal(18,3)", "a.csv", 71, '{"at":"2025-01-02","id":"x1","n":"two","price":"1","what":"tea","who":"c0"}'),
        ("price is not a decimal(18,4)", "a.csv", 72, '{"at":"2025-01-02","id":"x2","n":"1","price":"cheap","what":"tea","who":"c0"}'),
    ]  # fmt: skip
    assert shop.accounted() == (72, 70)


def test_nan_infinity_and_numbers_too_large_to_hold_reach_no_sum(shop: Hostile) -> None:
    bad = ["NaN,1", "inf,1", "1,-Infinity", "1e300,1", f"1,{'9' * 400}", "99999999999999,99999999999999"]
    shop.drop(*week(customers=4), *[f"x{i},c0,tea,2025-01-02,{cells}" for i, cells in enumerate(bad)])
    shop.answers(jobs=("ingest", "orders", "rfm", "contribution"))
    assert shop.rows("quarantine", "reason") == [
        ("amount does not fit decimal(18,2)",),
        ("n is NaN or infinite",),
        ("n is NaN or infinite",),
        ("n is not a decimal(18,3)",),
        ("price is NaN or infinite",),
        ("price is not a decimal(18,4)",),
    ]
    assert shop.accounted() == (76, 70)
    assert sum(row[0] for row in shop.rows("rfm", "monetary")) == sum(
        row[0] for row in shop.rows("orders", "net_amount")
    )


@pytest.mark.both_engines
def test_nan_infinity_and_times_at_the_end_of_the_world_in_a_table_of_the_company(shop: Hostile) -> None:
    shop.table(
        "order_lines",
        """values ('o1', 'ann', 'tea', timestamp'2025-01-02 09:00:00', 1, 4.5D),
                  ('o2', 'ann', 'tea', timestamp'2025-01-03 09:00:00', 1, double('NaN')),
                  ('o3', 'ann', 'tea', timestamp'2025-01-04 09:00:00', 1, double('Infinity')),
                  ('o4', 'ann', 'tea', timestamp'2025-01-04 09:00:00', 1, 1e300),
                  ('o5', 'bob', 'tea', timestamp'9999-12-31 23:59:59', 1, 1.0D),
                  (null, 'bob', 'tea', timestamp'2025-01-04 09:00:00', 1, 1.0D)
           as t(order_id, customer_id, product_id, ordered_at, quantity, amount)""",
    )
    said = shop.answers(jobs=["orders"])
    assert "; 4 rows in quarantine" in said
    assert shop.rows("quarantine", "reason") == [
        *[("amount is missing, or is no decimal(18,2)",)] * 3,
        ("order_id is missing",),
    ]
    kept = [float(json.loads(row[0])["amount"]) for row in shop.rows("quarantine", "content")]
    assert sorted(map(str, kept)) == ["1.0", "1e+300", "inf", "nan"], "as they came"
    assert shop.rows("orders", "order_id", "net_amount") == [("o1", Decimal("4.50")), ("o5", Decimal("1.00"))]
    told = shop.answers(jobs=["rfm", "contribution"])
    odd = "the last order is of 9999-12-31, which is not yet: as of 2025-01-03, the day after the last one up to today"
    assert told.count(odd) == 1, "told once, not by each job"
    assert shop.rows("rfm", "as_of", "customer_id") == [(date(2025, 1, 3), "ann")]


def test_a_date_far_in_the_future_or_impossible_moves_no_day_of_observation(shop: Hostile) -> None:
    shop.drop(*week(customers=4), "x1,c0,tea,2999-01-01,1,1", "x2,c0,tea,2025-02-30,1,1", "x3,c0,tea,0001-01-01,1,1")
    shop.answers(jobs=FEW)
    assert shop.rows("quarantine", "reason") == [
        ("at is not a timestamp",),
        ("ordered_at is before 1970-01-01",),
        ("ordered_at is in the future",),
    ]
    assert {row[0] for row in shop.rows("rfm", "as_of")} == {date(2025, 1, 20)}


@pytest.mark.parametrize(("zone", "day"), [("Asia/Tokyo", date(2025, 2, 1)), ("America/New_York", date(2025, 1, 31))])
def test_a_time_zone_that_makes_days_shift_shifts_them_to_those_of_the_shop(
    shop: Hostile, zone: str, day: date
) -> None:
    shop.target(time_zone=zone)
    shop.drop(
        "o1,ann,tea,2025-01-31T23:30:00Z,1,1",
        "o2,ann,tea,2025-01-31T18:30:00-05:00,1,2",
        "o3,bob,tea,2025-01-15 09:00,1,1",
    )
    shop.answers(jobs=FEW)
    assert shop.rows("orders", "order_id", "ordered_on")[:2] == [("o1", day), ("o2", day)]
    assert shop.rows("rfm", "customer_id", "recency_days") == [("ann", 1), ("bob", (day - date(2025, 1, 15)).days + 1)]


def test_a_time_with_an_offset_is_not_guessed_at_where_nobody_says_where_the_shop_is(shop: Hostile) -> None:
    shop.drop("o1,ann,tea,2025-01-31T23:30:00Z,1,1")
    told = shop.refused(4, "run", "all")
    assert "1 of 1 new rows would be refused" in told
    assert "at is not a timestamp" in told
    assert shop.tables() == set()


def test_a_time_zone_of_a_table_of_the_company_shifts_its_days(shop: Hostile) -> None:
    shop.table(
        "order_lines",
        "select 'o1' order_id, 'ann' customer_id, 'tea' product_id, timestamp'2025-01-31 23:30:00' ordered_at, 1 quantity, 1.0D amount",
        time_zone="Asia/Tokyo",
    )
    shop.answers(jobs=["orders"])
    assert [str(cell) for cell in shop.rows("orders", "ordered_at", "ordered_on")[0]] == [
        "2025-02-01 08:30:00",
        "2025-02-01",
    ]


def test_a_time_that_its_zone_would_push_off_the_calendar_is_set_apart(shop: Hostile) -> None:
    shop.table(
        "order_lines",
        """values ('o1', 'ann', 'tea', timestamp'9999-12-31 23:59:59', 1, 1.0D),
                  ('o2', 'ann', 'tea', timestamp'2025-01-01 00:00:00', 1, 1.0D)
           as t(order_id, customer_id, product_id, ordered_at, quantity, amount)""",
        time_zone="Asia/Tokyo",
    )
    shop.answers(jobs=["orders"])
    assert shop.rows("quarantine", "reason") == [("ordered_at is missing, or is no timestamp",)]
    assert shop.rows("orders", "order_id") == [("o2",)]


@pytest.mark.parametrize("who", ["", "  ", "\u00a0"], ids=["empty", "blanks", "no-break space"])
def test_a_blank_customer_is_nobody_and_a_blank_order_or_product_is_refused(shop: Hostile, who: str) -> None:
    shop.drop(
        *week(customers=2),
        f"x1,{who},tea,2025-01-02,1,1",
        f"{who},c0,tea,2025-01-02,1,1",
        f"x3,c0,{who},2025-01-02,1,1",
    )
    shop.answers(jobs=FEW)
    assert shop.rows("quarantine", "reason") == [("order_id is missing",), ("product_id is missing",)]
    assert [row for row in shop.rows("orders", "order_id", "customer_id") if row[0] == "x1"] == [("x1", None)]
    assert [row[0] for row in shop.rows("rfm", "customer_id")] == ["c0", "c1"]


def test_customers_with_spaces_around_or_another_case_are_told_apart_unless_it_is_said(shop: Hostile) -> None:
    orders = [f"o{i},{who},tea,2025-01-02,1,1" for i, who in enumerate(("ann", " ann", "ANN ", "ann"))]
    shop.drop(*orders)
    shop.answers(jobs=FEW)
    assert [row[0] for row in shop.rows("rfm", "customer_id")] == [" ann", "ANN ", "ann"]
    shop.target(normalise={"customer_id": ["trim", "lower"]})
    shop.drop(*[line.replace("o", "p", 1) for line in orders], name="b.csv")
    shop.answers(jobs=FEW)
    assert ("ann", 6) in shop.rows("rfm", "customer_id", "frequency")


@pytest.mark.parametrize("longest", [10_000, 2_000_000])
def test_a_string_of_a_megabyte_is_set_apart_or_carried_as_it_is_said(shop: Hostile, longest: int) -> None:
    giant = "x" * 1_000_000
    shop.drop(*week(customers=4), f"o0-1,c0,{giant},2025-01-02,1,1", f"z,{giant},tea,2025-01-02,1,1")
    is_refused = longest < len(giant)
    shop.answers("--set", f"ingest.longest_value={longest}", jobs=("ingest", "orders", "rfm", "baskets"))
    reasons = [("what is longer than 10,000 characters",), ("who is longer than 10,000 characters",)]
    assert shop.rows("quarantine", "reason") == (reasons if is_refused else [])
    assert max(len(row[0]) for row in shop.rows("rfm", "customer_id")) == (2 if is_refused else len(giant))
    shown = shop.run("show", "rfm")
    assert shown.code == 0
    long = [line for line in shown.text.splitlines() if len(line) > 1000]
    assert all(giant in line for line in long), "in a pipe nothing is cut, and no other row is padded"
    assert bool(long) != is_refused


def test_unicode_right_to_left_names_quotes_and_sql_are_names_like_any_other(shop: Hostile) -> None:
    shop.target(placeholders=[])
    cell = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    shop.drop(
        *[f"{who},{who},{what},2025-01-{i + 1:02},1,2" for i, who in enumerate(cell) for what in (who, cell[0])][1:]
    )
    shop.answers(jobs=("ingest", "orders"))
    assert sorted({row[0] for row in shop.rows("customer_profile", "customer_id")}) == sorted(NAMES)
    assert shop.rows("orders", "order_id", "product_ids") == sorted(
        ((name, sorted({name, NAMES[0]})) for name in NAMES), key=repr
    )
