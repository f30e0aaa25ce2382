"""The command line in the process of the tests: how a command ends, and what it says."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from vitalfew.cli import main
from vitalfew.engines import engine
from vitalfew.engines.engine import Engine


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it said, in two streams."""

    returncode: int
    stdout: str
    stderr: str


class CommandLine:
    """`vitalfew …` as from a shell; every command finds the engine that the tests have."""

    def __init__(self, running: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        kept_open = replace(running, close=lambda: None)
        monkeypatch.setattr(engine, "start", lambda *_, **__: kept_open)

    def __call__(self, *arguments: str, folder: Path | None = None) -> Ended:
        said, told = io.StringIO(), io.StringIO()
        self.monkeypatch.setattr(sys, "argv", ["vitalfew", *arguments])
        if folder is not None:
            self.monkeypatch.chdir(folder)
        code: Any = 0
        with redirect_stdout(said), redirect_stderr(told):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
        return Ended(int(code or 0), said.getvalue(), told.getvalue())
