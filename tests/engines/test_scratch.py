"""Scratch folders: each run has its own, and what a killed run has left goes with the next."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vitalfew.config.target import Target
from vitalfew.engines import scratch
from vitalfew.engines.engine import Engine
from vitalfew.storage.delta import Storage


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_what_a_killed_run_has_left_goes_and_all_else_stays(tmp_path: Path, dead: int) -> None:
    host = scratch.HOST
    left = tmp_path / f"vitalfew-{host}-{dead}-ab_1"
    (left / "0").mkdir(parents=True)
    (left / "0" / "part.parquet").touch()
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    (left / "linked").symlink_to(theirs)
    (tmp_path / f"vitalfew-{host}-{dead}-link").symlink_to(theirs)
    stay = {
        f"vitalfew-{host}-{os.getpid()}-mine",  # its process lives
        f"vitalfew-{host}-1-init",  # so does this, another user's perhaps
        f"vitalfew-other{host}-{dead}-ab_1",  # of another host, whose processes cannot be known
        f"vitalfew-{host}-{dead}",  # not of that form
        f"vitalfew-{host}-x{dead}-ab_1",
        f"my-vitalfew-{host}-{dead}-ab_1",
    }
    for name in stay:
        (tmp_path / name).mkdir()
    (tmp_path / f"vitalfew-{host}-{dead}-file").touch()

    made = scratch.make(tmp_path)

    found = {path.name for path in tmp_path.iterdir()}
    assert found == stay | {made.name, "theirs", f"vitalfew-{host}-{dead}-link", f"vitalfew-{host}-{dead}-file"}
    assert (theirs / "kept").exists(), "links are not followed"
    assert made.name.startswith(f"vitalfew-{host}-{os.getpid()}-")


def test_a_process_of_another_user_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int, signal: int) -> None:
        raise PermissionError(pid, signal)

    monkeypatch.setattr(os, "kill", refused)
    assert scratch.is_alive(1)


def test_the_embedded_engine_stages_where_it_is_told(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if running.name != "sail":
        pytest.skip("Spark stages beside the tables")
    monkeypatch.setenv("VITALFEW_SCRATCH", str(tmp_path / "disk" / "scratch"))
    storage = Storage(running, Target(root=str(tmp_path / "tables")))
    assert storage.stage(running.spark.range(3)).count() == 3
    assert storage.staged.folder is not None
    assert storage.staged.folder.parent == tmp_path / "disk" / "scratch"
    storage.release()
    assert list((tmp_path / "disk" / "scratch").iterdir()) == []
