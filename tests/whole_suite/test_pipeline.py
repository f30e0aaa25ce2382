"""The whole suite on real data: as a user runs it, and the same on both engines."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest
from command_line import CommandLine
from pyspark.sql import functions as F

from journey import HOUSEHOLDS, ROOT, alone_with, run, transactions
from vitalfew import suite
from vitalfew.engines.engine import Engine
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES


def at(root: Path) -> list[str]:
    return ["--target", "demo", "--root", str(root)]


@pytest.fixture
def vitalfew(running: Engine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(ROOT)  # where our configuration is
    return CommandLine(running, monkeypatch)


def test_every_job_publishes_and_a_second_run_changes_nothing(embedded: Path) -> None:
    with alone_with(embedded):
        done = run("run", "all", *at(embedded), "--log-format", "json")
    assert done.returncode == 0, done.stderr
    *lines, last = map(json.loads, done.stderr.splitlines())
    states = {line["job"]: line["state"] for line in lines if line["state"] != "started"}
    assert (last["job"], last["state"], last["exit_code"], last["target"]) == (None, "finished", 0, "demo")
    assert sum(last["jobs"].values()) == len(states)
    names = [job.name for job in suite.chosen(["all"])]
    expected = {"ingest": "published", "uplift": "skipped"}  # the demo has no treatments
    assert states == {name: expected.get(name, "unchanged") for name in names}


def test_every_line_and_every_cent_is_accounted_for(storage_of_embedded: Storage) -> None:
    lines = transactions()
    lines = lines.filter(pc.less_equal(lines["household_id"], HOUSEHOLDS))
    money = Decimal(str(round(pc.sum(lines["sales_value"]).as_py(), 2)))
    total = (
        storage_of_embedded.read(TABLES["orders"])
        .selectExpr("sum(net_amount) money", "sum(lines) lines", "count(*) orders")
        .collect()[0]
    )
    assert (total.money, total.lines, total.orders) == (
        money,
        lines.num_rows,
        pc.count_distinct(lines["basket_id"]).as_py(),
    )
    published = storage_of_embedded.read(TABLES["runs"]).where("job = 'orders' and outcome = 'PUBLISHED'").collect()[0]
    assert (published.rows_in, published.rows_used, published.money_in) == (lines.num_rows, lines.num_rows, money)


def test_days_and_hours_are_those_of_the_shop(storage_of_embedded: Storage) -> None:
    """The package tells UTC; on the shop's clock the data are of 2017, its weeks begin at midnight, and nights are quiet."""
    days = storage_of_embedded.read(TABLES["orders"]).agg(
        F.min("ordered_on"), F.max("ordered_on"), F.avg(F.hour("ordered_at").between(1, 5).cast("double"))
    )
    first, last, at_night = days.collect()[0]
    assert (str(first)[:7], str(last)) == ("2017-01", "2017-12-31")
    assert at_night < 0.05


def test_the_summary_is_printed_and_reads_well(vitalfew: CommandLine, embedded: Path) -> None:
    shown = vitalfew("show", "summary", *at(embedded))
    assert shown.returncode == 0, shown.stderr
    assert all(len(line) <= 110 for line in shown.stdout.splitlines())
    assert "80%" in shown.stdout
    assert "Champions" in shown.stdout


def test_a_table_is_shown_in_the_order_of_its_key_and_a_missing_day_is_named(
    vitalfew: CommandLine, embedded: Path
) -> None:
    shown = vitalfew("show", "rfm_segments", *at(embedded), "--limit", "3")
    header, _, *rows = shown.stdout.splitlines()
    assert header.startswith("as_of      | segment")
    assert len(rows) == 3
    assert rows == sorted(rows)
    absent = vitalfew("show", "rfm", *at(embedded), "--as-of", "2001-01-01")
    assert absent.returncode == 3
    assert "rfm has no slice as of 2001-01-01; it has: 2018-01-01." in absent.stderr


def test_a_dry_run_says_what_it_would_do_and_does_nothing(vitalfew: CommandLine, tmp_path: Path) -> None:
    done = vitalfew("run", "all", *at(tmp_path / "nothing"), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "rfm (after orders, customer_products)" in done.stdout
    assert f"reads  orders at {tmp_path}/nothing/orders" in done.stdout
    assert not (tmp_path / "nothing").exists()


def test_a_dry_run_promises_no_table_for_which_there_are_no_files(vitalfew: CommandLine, tmp_path: Path) -> None:
    done = vitalfew("run", "all", "--target", "local", "--root", str(tmp_path), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:3] == ["ingest", "    nothing to do: the target names no files"]
    assert f"    reads  order_lines at {tmp_path}/order_lines (MISSING)" in done.stdout


def test_a_table_without_rows_says_so(vitalfew: CommandLine, embedded: Path) -> None:
    shown = vitalfew("show", "segment_moves", *at(embedded))
    assert shown.returncode == 3
    assert "moves holds no rows" in shown.stderr


def test_a_value_of_the_environment_is_told_by_no_command(
    vitalfew: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_FOLDER", "hunter2")
    target = tmp_path / "here.yml"
    target.write_text(f"root: {tmp_path}/${{SECRET_FOLDER}}\n")
    for command in (("run", "rfm", "--dry-run"), ("run", "rfm"), ("run", "all"), ("show", "rfm")):
        done = vitalfew(*command, "--target", str(target))
        assert "hunter2" not in done.stdout + done.stderr
        assert "${SECRET_FOLDER}/" in done.stdout + done.stderr or command == ("run", "all")


def test_a_missing_table_is_told_in_one_line_with_its_code(vitalfew: CommandLine, tmp_path: Path) -> None:
    done = vitalfew("run", "rfm", *at(tmp_path))
    assert done.returncode == 3
    assert f"There is no table orders at {tmp_path}/orders. Check `root` and `sources` of target demo" in done.stderr
    assert "Traceback" not in done.stderr
