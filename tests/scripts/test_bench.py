"""The benchmark runs, its contestants agree, and what is not as asked is refused; speed is not tested here."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import bench
import pytest

from journey import ROOT

data: Any = import_module("benchmarks.data")
measuring: Any = import_module("benchmarks.measuring")


def said(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "bench.py"), str(root), "--rest", "0", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_contestants_of_value_agree_and_what_was_made_is_what_is_counted(tmp_path: Path) -> None:
    root, told = tmp_path / "shop", tmp_path / "told.json"
    done = said(root, "--lines", "3000", "--task", "value", "--without", "spark", "--json", str(told))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(told.read_text())
    by_name = {result["contestant"]: result for result in found["results"]}
    assert list(by_name) == ["vitalfew on sail", "duckdb", "polars"]
    assert {result["error"] for result in by_name.values()} == {""}
    assert len({result["answer"]["customers"] for result in by_name.values()}) == 1
    assert found["differing"] == []
    assert found["lines"] == json.loads((root / "truth.json").read_text())["rows"]["order_lines"]
    assert not (root / "baskets").exists(), "no task needs them"
    assert not (root / "points").exists()

    other = said(root, "--lines", "4000", "--task", "value")
    assert (other.returncode, other.stderr.strip()) == (
        1,
        f"{root} holds {found['lines']:,} lines: choose another ROOT, or --lines 3000.",
    )


def test_a_new_day_finds_what_all_again_finds(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    done = said(tmp_path / "shop", "--lines", "20000", "--task", "day", "--without", "spark", "--json", str(told))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(told.read_text())
    whole, day = (result["answer"] for result in found["results"])
    assert [result["contestant"] for result in found["results"]] == ["all again on sail", "a new day on sail"]
    assert day["new_lines"] == whole["new_lines"] > 0
    assert day["customers"] == whole["customers"] > 0
    assert day["orders"]["written_mb"] > 0
    assert day["cpu"] > 0


def test_data_that_were_not_made_to_the_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text('{"finished": false}')
    with pytest.raises(SystemExit, match="was not generated to its end"):
        data.prepare(tmp_path, 3000, 100, ["value"])


def test_points_of_another_number_are_refused_and_half_written_ones_made_anew(tmp_path: Path) -> None:
    (tmp_path / "points.new").mkdir()
    (tmp_path / "points.new" / "9.parquet").touch()
    assert data.points_of(tmp_path, 100) == 100
    assert len(list((tmp_path / "points").iterdir())) == data.FILES
    with pytest.raises(SystemExit, match="holds 100 points: choose another ROOT, or --points 100"):
        data.points_of(tmp_path, 200)


def result(contestant: str, error: str = "", **answer: Any) -> Any:
    return measuring.Result("task", contestant, 1.0, 1, answer, error)


def test_contestants_that_found_different_things_are_told() -> None:
    found = bench.differing(
        [
            result("broken", error="no word"),
            result("ours", customers=3, money="10.50", cost=1_000_000),
            result("theirs", customers=4, money="10.5", cost=1_000_009),
            result("others", customers=3, money="10.51", cost=1_000_011),
        ]
    )
    assert [line.split(": ", 1)[0].removeprefix("task      they disagree on ") for line in found] == [
        "customers",
        "money",
        "cost",
    ]
    assert found[0].endswith("ours found 3, theirs 4")


def test_a_contestant_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    found = measuring.measure("value", "duckdb", tmp_path, 0.0001)
    assert found.error == "stopped after 0.0001 minutes"


def test_a_module_that_is_not_installed_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    for name in [name for name in sys.modules if name.startswith("benchmarks")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "argv", ["bench.py", "nowhere"])
    with pytest.raises(SystemExit, match=r"There is no module psutil: pip install 'vitalfew\[spark,sail-engine,test,"):
        bench.main()
