"""`vitalfew init` as a user starts it: what it shows and writes, and that the next command it names works."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import CommandLine, Ended
from pseudo_terminal import on_terminal

from vitalfew.engines.engine import Engine

FILE = (
    "Bestellnr;Kundennr;Artikelnummer;Bestelldatum;Menge;Einzelpreis;Betrag\n"
    "B1;K1;A-1;31.01.2024 09:30;2;1.200,50 €;2.401,00 €\nB2;K2;A-1;02.02.2024 10:00;1;3,50 €;3,50 €\n"
)
OPEN = "Order ID,Customer ID,SKU,Order Date,Qty,Amount\n1,a,x,01/02/2024,1,1.50\n2,b,y,03/04/2024,1,2.25\n"


@pytest.fixture
def vitalfew(running: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    return CommandLine(running, monkeypatch)


def init(vitalfew: CommandLine, *more: str) -> Ended:
    return vitalfew("init", "sales", "--shared-machine", "allow", *more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales" / "umsatz.csv").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_from_a_folder_to_a_target_that_is_checked_and_runs(vitalfew: CommandLine, folder: Path) -> None:
    done = init(vitalfew, "--yes", "--name", "laden")
    assert done.returncode == 0, done.stderr
    assert "2 rows are used, 2,404.50 EUR in all, from 2024-01-31 to 2024-02-02." in done.stdout
    assert done.stdout.endswith("Next: vitalfew run all --target laden\n")
    checked = vitalfew("config", "check", "--target", "laden")
    assert checked.returncode == 0, checked.stderr
    assert "1 problem" not in checked.stdout
    ran = vitalfew("run", "ingest", "orders", "--target", "laden")
    assert ran.returncode == 0, ran.stderr
    rows = vitalfew("show", "orders", "--target", "laden", "--columns", "order_id,net_amount", "--format", "csv")
    assert rows.stdout == "order_id,net_amount\nB1,2401.00\nB2,3.50\n"
    listed = vitalfew("runs", "--target", "laden", "--json")
    found = json.loads(listed.stdout)
    assert [(run["job"], run["outcome"], run["reason"]) for run in found] == [
        ("orders", "PUBLISHED", None),
        ("ingest", "PUBLISHED", None),
    ]
    assert found[0]["rows_out"]["orders"] == 2
    (folder / "sales" / "bad.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    assert vitalfew("run", "ingest", "--target", "laden").returncode == 3
    failed = vitalfew("runs", "--target", "laden", "--failed")
    assert "FAILED" in failed.stdout
    assert "bad.csv has no column Artikelnummer" in failed.stdout
    again = init(vitalfew, "--yes", "--name", "laden")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_a_script_must_say_that_it_takes_what_is_proposed(vitalfew: CommandLine, folder: Path) -> None:
    done = init(vitalfew)
    assert (done.returncode, done.stdout) == (2, "")
    assert "add --yes" in done.stderr
    assert not (folder / "conf").exists()


def test_where_two_readings_are_equally_likely_nothing_is_written(vitalfew: CommandLine, folder: Path) -> None:
    (folder / "sales" / "umsatz.csv").write_text(OPEN, encoding="utf-8")
    done = init(vitalfew, "--yes")
    assert done.returncode == 2
    assert "--answer dates=day    01/02/2024 is d/M/yyyy" in done.stderr
    assert "--answer dates=month    01/02/2024 is M/d/yyyy" in done.stderr
    assert not (folder / "conf").exists()


@pytest.mark.parametrize("name", ["none", "sales/x.csv"])
def test_what_is_not_there_is_named(vitalfew: CommandLine, folder: Path, name: str) -> None:
    assert not (folder / name).exists()
    done = vitalfew("init", name, "--yes")
    assert (done.returncode, name in done.stderr, "Traceback" in done.stderr) == (3, True, False)


def test_a_person_is_asked_on_a_terminal(folder: Path) -> None:
    (folder / "sales" / "umsatz.csv").write_text(OPEN, encoding="utf-8")
    command = [sys.executable, "-m", "vitalfew", "init", "sales", "--shared-machine", "allow"]
    said = on_terminal(command, typed=b"month\ny\n", folder=folder)
    assert "Which comes first?" in said
    assert "2024-01-02" in said
    assert 'timestamp_formats: ["M/d/yyyy"]' in (folder / "conf/targets/shop.yml").read_text(encoding="utf-8")
