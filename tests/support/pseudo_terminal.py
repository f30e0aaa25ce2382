"""What a program says to a person at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path


def on_terminal(
    command: Sequence[str],
    columns: int | None = None,
    typed: bytes = b"",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """All that `command` writes on a terminal of `columns`, where `typed` is typed; it must end with 0."""
    ours, theirs = pty.openpty()
    if columns:
        termios.tcsetwinsize(theirs, (24, columns))
    known = {**os.environ, **(environment or {})}
    with subprocess.Popen(command, cwd=folder, env=known, stdin=theirs, stdout=theirs, stderr=theirs) as started:
        os.close(theirs)
        os.write(ours, typed)
        said = b""
        try:
            while block := os.read(ours, 4096):
                said += block
        except OSError:
            pass
    os.close(ours)
    assert started.returncode == 0, said.decode()
    return said.decode()
