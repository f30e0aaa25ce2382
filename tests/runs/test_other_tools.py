"""The queries that `versions` prints give what is published, value by value, in pandas, Polars, DuckDB and deltalake."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile, week

from vitalfew.engines.engine import Engine
from vitalfew.suite import TABLES

READER = """
import datetime, decimal, json, math, sys
import deltalake, duckdb, pandas, polars, pyarrow

def plain(value):
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return sorted([key, plain(each)] for key, each in value.items())
    if value is None or value is pandas.NaT or value is pandas.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (datetime.datetime, datetime.date)):
        day = value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
        return str(day).removesuffix(" 00:00:00")
    if isinstance(value, decimal.Decimal):
        return str(value)
    return value.item() if hasattr(value, "item") else value

ROWS = {
    "deltalake": lambda found: [row.values() for row in deltalake_rows(found)],
    "polars": lambda found: found.collect().rows(),
    "duckdb": lambda found: found.fetchall(),
    "pandas": lambda found: found.astype(object).itertuples(index=False),
}

def deltalake_rows(found):
    return pyarrow.table(found).to_pylist()

for query in json.load(sys.stdin):
    found = eval(query["query"])
    rows = [[plain(value) for value in row] for row in ROWS[query["library"]](found)]
    print(json.dumps(rows))
"""


def plain(value: Any) -> Any:
    """As READER writes it."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return sorted([key, plain(each)] for key, each in value.items())
    if isinstance(value, date | datetime):
        return str(value).removesuffix(" 00:00:00")
    return str(value) if isinstance(value, Decimal) else value


def test_each_library_reads_the_same_values(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(*week(customers=6), "x1,c99,\U0001f375 tea,2025-01-05,2,1.5")
    shop.answers(jobs=("ingest", "orders", "customer_products", "rfm"))
    said = shop.command("versions", "--format", "json", "--conf", str(shop.root / "conf"), "--target", "here")
    listed = json.loads(said.stdout)
    asked = [
        {"library": library, "query": listed[name]["queries"][library], "table": name}
        for name in ("orders", "rfm", "rfm_segments")
        for library in ("deltalake", "polars", "duckdb", "pandas")
    ]
    done = subprocess.run(
        [sys.executable, "-c", READER], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for query, line in zip(asked, done.stdout.splitlines(), strict=True):
        expected = [
            [plain(value) for value in row] for row in shop.rows(query["table"], *TABLES[query["table"]].columns)
        ]
        rows = [row[: len(expected[0])] for row in json.loads(line)]  # without the slice of time that a row lies in
        assert sorted(rows, key=repr) == sorted(expected, key=repr), query
