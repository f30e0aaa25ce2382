"""Runs that are broken at their commit points; `fault_injection.py` does more rounds."""

from __future__ import annotations

import random
import subprocess
import sys

from fault_injection import WAYS, faults

from journey import ROOT


def test_runs_that_are_broken_at_their_commit_points_come_to_the_same_tables() -> None:
    command = [
        sys.executable,
        str(ROOT / "scripts" / "fault_injection.py"),
        "--rounds",
        "4",
        "--jobs",
        "ingest",
        "orders",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed, 0 failed" in done.stdout


def test_rounds_go_through_all_points_and_ways() -> None:
    found = faults(80, 20, random.Random(1))
    assert {(one.way, one.point) for one in found} == {(way, point) for way in WAYS for point in range(20)}
