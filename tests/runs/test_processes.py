"""Whether a process lives: told by its number and its beginning, and not told where nobody can know."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from vitalfew.engines import scratch
from vitalfew.runs import processes
from vitalfew.runs.processes import fate, of_this_machine, parsed, this


@pytest.fixture(params=["/proc", "ps"], autouse=True)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system that has /proc, and one that has not."""
    if request.param == "ps":
        monkeypatch.setattr(processes, "PROC", tmp_path)


def test_it_lives_until_it_is_killed_also_while_nobody_has_waited_for_it(child: subprocess.Popen[bytes]) -> None:
    process = of_this_machine(child.pid)
    assert process.began
    assert fate(process) == "alive"
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert fate(process) == "dead", "it is only there for us to learn how it ended"
    child.wait()
    assert fate(process) == "dead"


def test_another_process_of_the_same_number_is_not_it(child: subprocess.Popen[bytes]) -> None:
    assert fate(replace(of_this_machine(child.pid), began="earlier")) == "dead"


def test_on_another_host_or_in_another_container_nobody_knows() -> None:
    assert fate(replace(this(), host="elsewhere")) == "unknown"
    assert fate(replace(this(), machine="another of that name")) == "unknown"
    assert fate(replace(this(), namespace="pid:[1]")) == "unknown"


def test_nothing_outlives_the_end_of_its_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = tmp_path / "machine-id"
    machine.write_text("0123456789abcdef")
    monkeypatch.setattr(processes, "MACHINE", machine)
    assert fate(replace(this(), boot="before")) == "dead"
    monkeypatch.setattr(processes, "MACHINE", tmp_path / "nowhere")
    assert fate(replace(this(), boot="before")) == "unknown", "it may be another machine of that name"


def test_of_a_process_that_is_hidden_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    here = this()
    monkeypatch.setattr(processes, "this", lambda: here)
    monkeypatch.setattr(processes, "seen", lambda _: None)
    monkeypatch.setattr(scratch, "is_alive", lambda _: True)
    assert fate(here) == "unknown"


def test_where_there_is_no_ps_either_it_is_unknown_and_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    monkeypatch.setenv("PATH", "")
    assert fate(this()) == "unknown"


def test_it_is_written_and_read_as_text() -> None:
    assert parsed(this().text) == this()
    assert parsed(None) is None
    assert "machine-id" not in this().text
