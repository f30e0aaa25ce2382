"""What data of an awkward shape gets from the jobs that know the customer: an answer, a skip by name, or a message.

Part of one list with test_hostile_files.py, test_hostile_shapes.py and test_hostile_values.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conserved import JOBS, every_job_answers
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


def test_one_customer_with_very_many_orders(shop: Hostile) -> None:
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
    shop.drop(*week(customers=4), *lines(many))
    every_job_answers(shop)
    assert dict(shop.rows("customer360", "person_id", "orders"))["c0"] > 20_000
    assert dict(shop.rows("customer_timing", "customer_id", "orders"))["c0"] > 20_000
    repeats = dict(shop.rows("next_purchase", "customer_id", "repeats"))
    assert (
        repeats["c0"] == len({day for who, day in shop.rows("orders", "customer_id", "ordered_on") if who == "c0"}) - 1
    )


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


def test_orders_without_events_and_events_of_strangers(shop: Hostile) -> None:
    happened(
        shop, "view,stranger,tea,2025-01-05 10:00:00", "view,,tea,2025-01-05 10:00:00", "support,,ghost,2025-01-06"
    )
    shop.drop(*week(customers=4), name="a.csv")
    every_job_answers(shop)
    known = dict(shop.rows("customer360", "person_id", "orders"))
    assert known.pop("stranger") == 0
    assert len(known) == 4
    assert shop.rows("customer_coverage", "is_known", "customers", "events") == [
        (False, 0, 2), (True, 1, 1), (True, 4, 0),
    ]  # fmt: skip


def test_birth_dates_in_the_future_and_before_anybody_lives(shop: Hostile) -> None:
    knowing(shop, customers=("drops/c.csv", {"customer_id": "who", "birth_date": "born"}))
    shop.drop(*week(customers=4))
    shop.drop("c0,2190-05-01", "c1,1066-10-14", "c2,1990-02-29", "c3,1990-03-01", name="c.csv", header="who,born")
    every_job_answers(shop, "--set", "ingest.max_quarantined_share=0.5")
    ages = dict(shop.rows("customer360", "person_id", "age_years"))
    assert ages == {"c0": None, "c1": None, "c2": None, "c3": 34}
    assert shop.rows("quarantine", "reason") == [("birth_date is in the future",), ("born is not a date",)]
    assert sum(row[0] for row in shop.rows("customer_coverage", "implausible_birth_dates")) == 1


def test_everyone_in_one_segment(shop: Hostile) -> None:
    shop.drop(
        *lines((f"o{c}-{d}", f"c{c}", "tea", f"2025-01-{d:02} 09:00:00", 1, 5) for c in range(40) for d in (3, 9, 19))
    )
    shop.answers("--as-of", "2025-01-21", jobs=("ingest", "orders", "rfm", "clusters", "contribution"))
    every_job_answers(shop, "--as-of", "2025-01-22")
    assert len(counted(shop, "rfm", "segment")) == 1
    assert {(scheme, moved) for scheme, moved in shop.rows("segment_move_totals", "scheme", "moved")} == {
        ("rfm", 0), ("clusters", 0), ("contribution", 0),
    }  # fmt: skip
    assert shop.rows("segment_moves") == []
    assert (
        len({row[1:] for row in shop.rows("next_purchase", "customer_id", "p_alive", "due_on", "value_at_stake")}) == 1
    )
    assert len({row[1:] for row in shop.rows("customer_timing", "customer_id", "best_weekday", "best_hour")}) == 1


def test_one_phone_number_on_every_account(shop: Hostile) -> None:
    knowing(shop, contacts=("drops/k.csv", {"customer_id": "who", "kind": "kind", "value": "value"}))
    shop.drop(*lines((f"o{c}", f"c{c}", "tea", "2025-01-03 09:00:00", 1, 5) for c in range(300)))
    shop.drop(*(f"c{c},phone,+43 1 5000000" for c in range(300)), name="k.csv", header="who,kind,value")
    every_job_answers(shop)
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
