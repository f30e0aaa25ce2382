"""Which runs of this machine live: each holds a file, and the kernel lets go of it when the process ends, however.

The files lie in the machine's own folder for temporary files and have random names: who finds one is on its machine.
Where there is none (another host, another container, a system without such locks), the lease decides.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Fate = Literal["alive", "dead", "unknown"]

FORM = re.compile(r"[0-9a-f]{16}")
OLD = 24 * 3600.0
"""Seconds after which the file of a killed run is removed."""
OURS = "vitalfew-run-{}.lock"
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


def place(name: str) -> Path:
    return Path(tempfile.gettempdir()) / OURS.format(name)


def hold(name: str) -> int | None:
    """Hold the file `name`, a new one, until `release` or the end of this process; None where that cannot be."""
    if not can_lock() or not FORM.fullmatch(name):
        return None
    import fcntl

    try:
        held = os.open(place(name), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        release(name, held)
        return None
    return held


def release(name: str, held: int | None, keep: bool = False) -> None:
    """Let go of a file; with `keep` it stays, as a sign that its run is over."""
    if held is None:
        return
    if not keep:
        place(name).unlink(missing_ok=True)
    os.close(held)


def fate(name: str) -> Fate:
    """Whether somebody holds the file `name`; unknown where it is not there, or not for us to open."""
    if not can_lock() or not FORM.fullmatch(name):
        return "unknown"
    import fcntl

    try:
        asked = os.open(place(name), os.O_RDONLY | NO_LINKS)
    except OSError:
        return "unknown"
    try:
        fcntl.flock(asked, fcntl.LOCK_SH | fcntl.LOCK_NB)  # two that ask at once do not see each other
    except BlockingIOError:
        return "alive"
    except OSError:
        return "unknown"
    finally:
        os.close(asked)
    return "dead"


def remove_old() -> None:
    """Remove what runs have left that were killed long ago."""
    for path in Path(tempfile.gettempdir()).glob(OURS.format("*")):
        name = path.name.removeprefix("vitalfew-run-").removesuffix(".lock")
        try:
            if time.time() - path.stat().st_mtime > OLD and fate(name) == "dead":
                path.unlink()
        except OSError:
            continue  # of another user, or gone by now


def can_lock() -> bool:
    return find_spec("fcntl") is not None
