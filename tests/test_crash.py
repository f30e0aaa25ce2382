"""A run that is killed with SIGKILL and repeated loses nothing and doubles nothing; `crash_test.py` does more rounds."""

from __future__ import annotations

import subprocess
import sys

from journey import ROOT


def test_three_runs_killed_at_random_moments_and_repeated_leave_the_same_tables() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "crash_test.py"), "--rounds", "3", "--households", "40"]
    done = subprocess.run([*command, "--jobs", "ingest", "orders", "rfm"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("run again: the same") == 3
