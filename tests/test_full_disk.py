"""A disk that is full in the middle of a run: once there is room, a run comes to what an undisturbed one does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from generated import CONF
from generator import writing
from generator.world import AS_OF, World

from comparing import difference
from vitalfew import suite
from vitalfew.config.loading import load
from vitalfew.engines.engine import Engine
from vitalfew.runs.pipeline import Runner
from vitalfew.storage.delta import Storage

NAMES = ("orders", "customer_products", "rfm", "contribution")
ROOM = (0, 40_000, 150_000, 300_000)
"""Bytes left when the run begins: none, and so many that it ends in one of its jobs."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own; skipped where this user may mount none."""
    root = tmp_path / "disk"
    root.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(root)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("only root may mount a file system")
    yield root
    subprocess.run(["umount", "-l", str(root)], check=True)


def run(running: Engine, root: Path) -> tuple[Storage, dict[str, str]]:
    chosen = [suite.JOBS[name] for name in NAMES]
    config = load(CONF, "generated", chosen, root=str(root), engine=running.name)
    storage = Storage(running, config.target)
    outcomes = Runner(storage, config, as_of=AS_OF).run(chosen)
    storage.release()
    return storage, {outcome.job: outcome.state for outcome in outcomes}


def fill(path: Path, room: int) -> None:
    """Take all of the disk but `room` bytes."""
    found = os.statvfs(path.parent)
    with path.open("wb") as file:
        file.write(b"\0" * (found.f_bavail * found.f_frsize - room))


def test_after_a_full_disk_a_run_comes_to_the_same_tables(running: Engine, tmp_path: Path, disk: Path) -> None:
    for root in (tmp_path / "alone", disk / "tables"):
        writing.write(running.spark, World(1_000), root)
    alone, states = run(running, tmp_path / "alone")
    assert set(states.values()) == {"published"}
    published = 0
    for room in ROOM:
        fill(disk / "ballast", room)
        try:
            _, states = run(running, disk / "tables")
            assert {"failed"} <= set(states.values()), f"{room} bytes are enough: take fewer"
            published += list(states.values()).count("published")
        except OSError:
            pass  # not even the table of runs could be written
        (disk / "ballast").unlink()
    assert published, "at least one run ended in its middle"
    there, states = run(running, disk / "tables")
    assert set(states.values()) <= {"published", "unchanged"}
    for name in NAMES:
        for table in suite.JOBS[name].writes:
            assert difference(table, there, alone) is None, table.name
    _, states = run(running, disk / "tables")
    assert set(states.values()) == {"unchanged"}
