"""What is logged as JSON lines: each job with its run, a last line with the exit code, and mistakes before the first job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile, week

from vitalfew.engines.engine import Engine


def test_a_file_gets_every_line_whatever_the_terminal_shows(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, log = Hostile(tmp_path, running, monkeypatch), tmp_path / "runs.log"

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    def run(*arguments: str) -> list[dict[str, Any]]:
        before = len(lines()) if log.exists() else 0
        shop.run("run", *arguments, "--log-file", str(log))
        return lines()[before:]

    shop.drop(*week(2))
    found = run("ingest", "orders")
    assert [(line["job"], line["state"]) for line in found] == [
        ("ingest", "started"), ("ingest", "published"), ("orders", "started"), ("orders", "published"), (None, "finished"),
    ]  # fmt: skip
    assert {line["target"] for line in found} == {"here"}
    ids = {row[0] for row in shop.rows("runs", "run_id")}
    assert {line["run_id"] for line in found if line["state"] == "published"} == ids
    assert (found[-1]["exit_code"], found[-1]["jobs"]) == (0, {"published": 2})
    (last,) = run("orders", "--as-of", "yesterday")
    assert (last["level"], last["exit_code"], last["jobs"]) == ("error", 2, {})
    assert "--as-of is 'yesterday'" in last["message"]
    shop.drop("1;2", name="b.csv", header="a;b")
    *_, failed, last = run("ingest")
    assert (failed["state"], last["exit_code"], last["jobs"]) == ("failed", 3, {"failed": 1})
    assert "cannot be written" in shop.refused(2, "run", "ingest", "--log-file", str(tmp_path))
