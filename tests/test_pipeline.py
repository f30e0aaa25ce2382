"""The whole suite on real data: as a user runs it, and the same on both engines."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc

from journey import HOUSEHOLDS, run, transactions
from vitalfew import suite
from vitalfew.storage import Storage
from vitalfew.tables import ALL


def at(root: Path) -> list[str]:
    return ["--place", "demo", "--root", str(root)]


def test_every_job_publishes_and_a_second_run_changes_nothing(embedded: Path) -> None:
    done = run("run", "all", *at(embedded), "--log-format", "json")
    assert done.returncode == 0, done.stderr
    states = {
        line["job"]: line["state"] for line in map(json.loads, done.stderr.splitlines()) if line["state"] != "started"
    }
    names = [job.name for job in suite.chosen(["all"])]
    assert states == {name: "published" if name == "ingest" else "unchanged" for name in names}


def test_every_line_and_every_cent_is_accounted_for(storage_of_embedded: Storage) -> None:
    lines = transactions()
    lines = lines.filter(pc.less_equal(lines["household_id"], HOUSEHOLDS))
    money = Decimal(str(round(pc.sum(lines["sales_value"]).as_py(), 2)))
    total = (
        storage_of_embedded.read(ALL["orders"])
        .selectExpr("sum(net_amount) money", "sum(lines) lines", "count(*) orders")
        .collect()[0]
    )
    assert (total.money, total.lines, total.orders) == (
        money,
        lines.num_rows,
        pc.count_distinct(lines["basket_id"]).as_py(),
    )
    published = storage_of_embedded.read(ALL["runs"]).where("job = 'orders' and outcome = 'PUBLISHED'").collect()[0]
    assert (published.rows_in, published.rows_used, published.money_in) == (lines.num_rows, lines.num_rows, money)


def test_the_summary_is_printed_and_reads_well(embedded: Path) -> None:
    shown = run("show", "summary", *at(embedded))
    assert shown.returncode == 0, shown.stderr
    assert all(len(line) <= 110 for line in shown.stdout.splitlines())
    assert "80 %" in shown.stdout
    assert "Champions" in shown.stdout


def test_a_table_is_shown_in_the_order_of_its_key_and_a_missing_day_is_named(embedded: Path) -> None:
    shown = run("show", "rfm_segments", *at(embedded), "--limit", "3")
    header, _, *rows = shown.stdout.splitlines()
    assert header.startswith("as_of      | segment")
    assert len(rows) == 3
    assert rows == sorted(rows)
    absent = run("show", "rfm", *at(embedded), "--as-of", "2001-01-01")
    assert absent.returncode == 3
    assert "rfm has no slice as of 2001-01-01; it has: 2018-01-02." in absent.stderr


def test_a_dry_run_says_what_it_would_do_and_does_nothing(tmp_path: Path) -> None:
    done = run("run", "all", *at(tmp_path / "nothing"), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "rfm (after orders)" in done.stdout
    assert f"reads  orders at {tmp_path}/nothing/orders" in done.stdout
    assert not (tmp_path / "nothing").exists()


def test_a_missing_table_is_told_in_one_line_with_its_code(tmp_path: Path) -> None:
    done = run("run", "rfm", *at(tmp_path))
    assert done.returncode == 3
    assert f"There is no table orders at {tmp_path}/orders." in done.stderr
    assert "Traceback" not in done.stderr
