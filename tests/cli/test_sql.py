"""`sql` answers as another database does over the same rows, hides small groups as `show` does, and leaves nothing."""

from __future__ import annotations

import csv
import io
import json
import signal
import sqlite3
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile, copied, week

from vitalfew.cli import commands, sql
from vitalfew.engines.engine import Engine
from vitalfew.errors import OutOfTimeError
from vitalfew.suite import TABLES

QUERIES = (
    "select r, count(*) as n, sum(monetary) as spend from rfm group by r having count(*) > 1 order by spend desc",
    "select max(r) as best, min(recency_days) as least, count(distinct segment) as segments from rfm where f >= 2",
    "with big as (select customer_id, sum(net_amount) as total from orders where kind = 'sale' group by customer_id) "
    "select rfm.customer_id, segment, total from rfm join big on rfm.customer_id = big.customer_id and total > 30 "
    "order by total desc, rfm.customer_id",
    "select o.order_id, x.m from orders o left join (select customer_id, m from rfm where m > 2) x "
    "on o.customer_id = x.customer_id order by o.order_id limit 7",
    "select distinct case when frequency > 8 then 'often' else 'seldom' end as how from rfm order by how",
    "select count(*) as n from orders where order_id like 'o1-%' or order_id in ('o2-1', 'none') or net_amount is null",
)


@pytest.fixture(scope="module")
def made(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = Hostile(root, running, monkeypatch)
        shop.drop(*week(customers=14))
        shop.answers(jobs=("ingest", "orders", "customer_products", "rfm"))
    return root


@pytest.fixture
def shop(made: Path, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    copied(made, tmp_path)
    return Hostile(tmp_path, running, monkeypatch)


def answered(shop: Hostile, query: str, *options: str) -> list[list[str]]:
    """The rows of an answer, the header first."""
    said = shop.command(
        "sql", query, "--conf", str(shop.root / "conf"), "--target", "here", "--format", "csv", *options
    )
    assert said.returncode == 0, said.stderr
    return [*csv.reader(io.StringIO(said.stdout))]


def elsewhere(shop: Hostile, query: str) -> list[list[str]]:
    """The same query, asked of SQLite."""
    database = sqlite3.connect(":memory:")
    for name in ("rfm", "orders"):
        columns = [column.name for column in TABLES[name].declared if "<" not in column.type]
        rows = [tuple(map(plain, row)) for row in shop.rows(name, *columns)]
        database.execute(f"create table {name} ({', '.join(columns)})")
        database.executemany(f"insert into {name} values ({', '.join('?' * len(columns))})", rows)
    found = database.execute(query)
    header = [column[0] for column in found.description]
    return [header, *[["" if cell is None else str(cell) for cell in row] for row in found]]


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value if isinstance(value, int | float) else str(value)


def numbers(rows: list[list[str]]) -> list[list[str]]:
    """Numbers as both write them."""
    return [[f"{float(cell):.2f}" if cell.replace(".", "").isdigit() else cell for cell in row] for row in rows]


def test_answers_are_those_of_another_database(shop: Hostile) -> None:
    for query in QUERIES:
        found = answered(shop, query, "--limit", "1000")
        assert numbers(found) == numbers(elsewhere(shop, query)), query
        assert len(found) > 1
    assert not [each.name for each in shop.running.spark.catalog.listTables() if "vitalfew" in each.name]


def test_groups_that_show_hides_are_in_no_answer(shop: Hostile) -> None:
    options = ("--conf", str(shop.root / "conf"), "--target", "here")
    for least in ("2", "5", "1000"):
        shown = shop.command("show", "rfm_segments", "--format", "csv", "--min-group", least, *options)
        kept = {(row["segment"], row["customers"]) for row in csv.DictReader(io.StringIO(shown.stdout))}
        found = answered(shop, "select segment, customers from rfm_segments", "--min-group", least)
        assert {(segment, customers) for segment, customers in found[1:]} == kept
        assert answered(shop, "select count(*) from rfm_segments s", "--min-group", least)[1] == [str(len(kept))]
    hidden = shop.run("sql", "select * from (select customers from rfm_segments) x")
    assert "are hidden, as few people are in them" in hidden.text
    assert len(shop.rows("rfm_segments", "segment")) > len(kept) == 0


def test_rows_beyond_the_limit_are_not_shown_and_it_is_said(shop: Hostile) -> None:
    said = shop.run("sql", "select customer_id from rfm order by customer_id", "--limit", "3")
    assert said.text == "customer_id\n-----------\nc0\nc1\nc10\nThere are more rows than --limit 3 shows.\n"
    assert "more rows" not in shop.run("sql", "select customer_id from rfm limit 3", "--limit", "3").text
    found = json.loads(shop.run("sql", "select count(*) as n, max(as_of) as day from rfm", "--format", "json").text)
    assert found == [{"n": 14, "day": "2025-01-20"}]
    twice = shop.refused(2, "sql", "select r, r from rfm", "--format", "json")
    assert "Two columns are called r, of which JSON keeps one" in twice
    assert "rfm has no slice as of 2024-01-01" in shop.refused(3, "sql", "select r from rfm", "--as-of", "2024-01-01")


def test_what_an_engine_refuses_is_said_without_the_names_of_views(shop: Hostile) -> None:
    for query in (
        "select segment + ordered_on from rfm join orders using (customer_id)",
        "select rfm.net_amount from rfm join orders using (customer_id)",
    ):
        said = shop.refused(2, "sql", query)
        assert "The query cannot be run: " in said
        assert "vitalfew_" not in said


def test_a_query_is_read_from_the_standard_input(shop: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"select count(*) as n\nfrom rfm;\n"), "utf-8"))
    assert answered(shop, "-") == [["n"], ["14"]]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("select value from contacts", "contacts: it holds contact details, which no query reads."),
        ("select * from identities", "identities: it may describe persons"),
        ("select content from quarantine", "quarantine: it may describe persons"),
        ("select * from order_lines", "order_lines: it is a source, and sql reads results and facts"),
        ("select config from runs", "runs: it is a log, and sql reads results and facts"),
        ("select * from text.`/etc/passwd`", "is no table that a query may read: tables have plain names"),
        ("select r from rmf", "there is no table 'rmf'; did you mean rfm?"),
        ("delete from rfm", "it is not one SELECT"),
    ],
)
def test_what_no_query_may_read_is_refused_before_an_engine_starts(
    query: str, reason: str, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Hostile(tmp_path, running, monkeypatch).refused(2, "sql", query)
    assert said.startswith("vitalfew: The query is refused: ")
    assert reason in said


def test_every_table_is_read_or_it_is_said_why_not() -> None:
    kinds = {name: sql.why_not(table) for name, table in TABLES.items()}
    assert {TABLES[name].kind for name, why in kinds.items() if why is None} == {"result", "fact"}
    assert not [name for name, why in kinds.items() if why is None and TABLES[name].is_owner_only]


def test_a_query_that_takes_too_long_ends_the_process(shop: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    left = []

    def leave(code: int) -> None:
        left.append(code)

    monkeypatch.setattr(commands, "leave_at_once", leave)
    monkeypatch.setattr(sql, "collect_rows", lambda *_: time.sleep(20))
    began = time.monotonic()
    said = shop.refused(6, "sql", "select r from rfm", "--seconds", "1")
    assert time.monotonic() - began < 15
    assert left == [6]
    assert "The query took longer than --seconds 1: narrow it, or give it more." in said


def test_time_that_was_not_needed_is_given_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with sql.within(30, "late"):
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.alarm(0) == 0
    with pytest.raises(OutOfTimeError), sql.within(1, "late"):
        interrupted()


def interrupted() -> None:
    """What waits, and makes an error of its own of what interrupts it."""
    try:
        time.sleep(20)
    except Exception as error:
        raise ConnectionError("while receiving") from error


def test_what_the_engine_cannot_sort_groups_by_is_said_in_plain_words(shop: Hostile) -> None:
    for key in ("max(monetary)", "count(*)"):
        query = f"select segment, count(distinct r) as n from rfm group by segment order by {key}, n"
        said = shop.run("sql", query)
        assert said.code == 0 or "need what is selected too: select it, with a name" in said.text
    assert shop.run("sql", "with A as (select r from rfm) select count(*) from a").code == 0
    assert "did you mean segment?\n" in shop.refused(2, "sql", "select segmnt from rfm")
