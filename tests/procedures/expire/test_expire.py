"""What is older than `retention` says is removed, and the newest slice never."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable
from hostile import Hostile, week
from shop import SHOP

from vitalfew.domain.retention import kept
from vitalfew.engines.engine import Engine

DAYS = ("2025-01-08", "2025-01-11", "2025-01-18", "2025-01-21")


def test_the_newest_slice_is_kept_and_those_of_the_days_before_it() -> None:
    days = [date(2025, 1, 1), date(2025, 3, 1), date(2025, 2, 27)]
    assert kept(days, 2) == [date(2025, 2, 27), date(2025, 3, 1)]
    assert kept(days, 1) == [date(2025, 3, 1)]
    assert kept(days, 36_600) == kept(days, None) == sorted(days)
    assert kept([], 1) == []


def test_old_slices_and_refused_rows_expire_and_nothing_else(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(*week(3), "x1,c1,tea,never,1,1.50")
    shop.answers("--as-of", DAYS[0], "--set", "ingest.max_quarantined_share=1.0", jobs=("ingest", "orders", "rfm"))
    for day in DAYS[1:]:
        shop.answers("--as-of", day, jobs=("rfm",))
    assert "set `retention`" in shop.refused(2, "run", "expire")
    shop.target(extra={"files": {"order_lines": SHOP}, "retention": {"rfm": 10, "quarantine": 30}})
    had, cuts = shop.rows("rfm"), shop.rows("rfm_cuts")
    shop.answers(jobs=("expire",))
    assert shop.rows("rfm") == [row for row in had if row[0] >= date(2025, 1, 11)]
    assert shop.rows("rfm_cuts") == cuts, "a table that is not named is kept"
    assert len(shop.rows("quarantine")) == 1, "its file was ingested today"
    current = json.loads((shop.root / "current.json").read_text(encoding="utf-8"))["tables"]
    assert current["rfm"]["as_of"] == list(DAYS[1:])
    DeltaTable(current["rfm"]["location"], version=current["rfm"]["version"]).to_pyarrow_table()
    version = DeltaTable(str(shop.root / "rfm")).version()
    assert "nothing is older" in shop.answers(jobs=("expire",))
    assert DeltaTable(str(shop.root / "rfm")).version() == version
    assert "rfm: unchanged" in shop.answers("--as-of", DAYS[1], jobs=("rfm",))
    assert "rfm: published" in shop.answers("--as-of", DAYS[0], jobs=("rfm",)), (
        "who asks for a day that is gone gets it"
    )
    assert shop.rows("rfm") == had
    assert "rfm: unchanged" in shop.answers("--as-of", DAYS[0], jobs=("rfm",))
    shop.target(extra={"retention": {"orders": 5}})
    assert "is not a result with slices, or quarantine" in shop.refused(2, "run", "expire")
