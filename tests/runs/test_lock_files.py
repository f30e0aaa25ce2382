"""Whether a run of this machine lives: its file is held, or nobody holds it, or it is not here."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vitalfew.runs import lock_files
from vitalfew.runs.lock_files import fate, hold, place, release

NAME = "0123456789abcdef"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder for temporary files of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_run_is_dead_at_once_when_its_process_is_killed(living: Callable[[str], subprocess.Popen[str]]) -> None:
    process = living(NAME)
    assert fate(NAME) == "alive"
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert fate(NAME) == "dead", "though nobody has asked yet how it ended"


def test_a_run_of_this_very_process_is_seen_too_and_who_asks_stands_in_nobodys_way() -> None:
    held = hold(NAME)
    assert [fate(NAME), fate(NAME), hold(NAME)] == ["alive", "alive", None]
    release(NAME, held, keep=True)
    assert [fate(NAME), fate(NAME)] == ["dead", "dead"]


def test_what_has_ended_leaves_no_file_and_is_unknown_as_what_is_elsewhere() -> None:
    release(NAME, hold(NAME))
    assert not place(NAME).exists()
    assert fate(NAME) == "unknown"
    release(NAME, None)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", NAME.upper()])
def test_a_name_that_is_not_ours_is_no_file(name: str) -> None:
    assert (hold(name), fate(name)) == (None, "unknown")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    place(NAME).symlink_to(tmp_path / "other")
    assert (hold(NAME), fate(NAME)) == (None, "unknown")


def test_where_there_are_no_such_locks_or_no_folder_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(lock_files, "find_spec", lambda _: None)  # as on Windows
        assert (hold(NAME), fate(NAME)) == (None, "unknown")
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert (hold(NAME), fate(NAME)) == (None, "unknown")


def test_old_files_of_killed_runs_are_removed_and_those_of_living_ones_stay() -> None:
    names = [f"{number:016x}" for number in range(3)]
    held = [hold(name) for name in names]
    for name in names[:2]:
        long_ago = time.time() - 2 * lock_files.OLD
        os.utime(place(name), (long_ago, long_ago))
    for name, one in zip(names[1:], held[1:], strict=True):
        release(name, one, keep=True)
    lock_files.remove_old()
    assert [place(name).exists() for name in names] == [True, False, True]
    release(names[0], held[0])


def test_a_worker_that_outlives_a_killed_run_does_not_keep_it_alive(tmp_path: Path) -> None:
    killed = (
        f"import os, sys\nfrom vitalfew.runs.lock_files import hold\nassert hold('{NAME}') is not None\n"
        "if os.fork():\n    sys.stdin.readline()\n    os.kill(os.getpid(), 9)\n"
        "print('lives', flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", killed],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        assert process.stdout.readline() == "lives\n"
        assert fate(NAME) == "alive", "by the run itself"
        process.stdin.write("die\n")
        process.stdin.flush()
        process.wait()
        assert fate(NAME) == "dead"


def test_what_other_users_put_there_says_nothing_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(place(NAME))
    os.utime(place(NAME), (0, 0))
    lock_files.remove_old()
    assert fate(NAME) == "unknown", "and nobody has waited for a writer"
    place(NAME).unlink()
    place(NAME).touch()
    assert fate(NAME) == "dead"
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert fate(NAME) == "unknown", "whoever made the file, it was not this user"
