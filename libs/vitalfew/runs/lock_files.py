"""Which runs of this machine live: each holds a file, and the kernel lets go of it when the process ends, however.

The files lie in the machine's own folder for temporary files and have random names: who finds one is on its machine.
Where there is none (another host, another container, a system without such locks), the lease decides.
"""

from __future__ import annotations

import os
import re
import stat
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
CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""No link is followed, and no pipe waited for: other users may put both into this folder."""
HELD: set[int] = set()
"""What this process holds, by its own `hold`."""


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
    HELD.add(held)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        release(name, held)
        return None
    return held


def release(name: str, held: int | None, keep: bool = False) -> None:
    """Let go of a file; with `keep` it stays, as a sign that its run is over."""
    if held is None or held not in HELD:  # a forked process has none of its parent's
        return
    HELD.discard(held)
    if not keep:
        place(name).unlink(missing_ok=True)
    os.close(held)


def fate(name: str) -> Fate:
    """Whether somebody holds the file `name`; unknown where it is not there, or is not of this user."""
    if not can_lock() or not FORM.fullmatch(name):
        return "unknown"
    import fcntl

    try:
        asked = os.open(place(name), os.O_RDONLY | CAREFULLY)
    except OSError:
        return "unknown"
    try:
        if not is_ours(os.fstat(asked)):
            return "unknown"
        fcntl.flock(asked, fcntl.LOCK_SH | fcntl.LOCK_NB)  # two that ask at once do not see each other
    except BlockingIOError:
        return "alive"
    except OSError:
        return "unknown"
    finally:
        os.close(asked)
    return "dead"


def is_ours(seen: os.stat_result) -> bool:
    """Whether a file may be one that `hold` made for this user: who else put it there could say what they like."""
    return stat.S_ISREG(seen.st_mode) and seen.st_uid == os.geteuid()


def let_go() -> None:
    """In a process that was forked from one that holds files: that one alone goes on holding them.

    Else a worker that outlives a killed run would keep it alive.
    """
    while HELD:
        os.close(HELD.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=let_go)


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
