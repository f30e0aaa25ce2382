"""Folders for what a run stages: its own, by its name, and none that a killed run has left."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
from pathlib import Path

from vitalfew.errors import EngineError

HOST = re.sub(r"[^A-Za-z0-9.-]", "_", platform.node())
TRIED_BYTES = 2**20  # written to see whether the disk takes more
OURS = re.compile(rf"vitalfew-{re.escape(HOST)}-(\d{{1,9}})-[a-z0-9_]+")


def above_embedded() -> Path:
    """Where the embedded engine stages: VITALFEW_SCRATCH, or the machine's folder for temporary files."""
    return Path(os.environ.get("VITALFEW_SCRATCH") or tempfile.gettempdir())


def require_writable(above: Path) -> None:
    """EngineError where nothing can be staged in `above`: it cannot be made, is not for us, or its disk is full."""
    try:
        above.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=above) as tried:
            tried.write(bytes(TRIED_BYTES))
            tried.flush()
    except OSError as error:
        raise EngineError(
            f"Nothing can be staged in {above}: {error.strerror or error}. Free some space, change its permissions, "
            "or name another folder: for engine sail in VITALFEW_SCRATCH, for engine spark by the target's `root`."
        ) from error


def make(above: Path) -> Path:
    """A new folder of this process in `above`, for its user only; those of ended processes of this host are removed."""
    require_writable(above)
    remove_abandoned(above)
    return Path(tempfile.mkdtemp(prefix=f"vitalfew-{HOST}-{os.getpid()}-", dir=above))


def remove_abandoned(above: Path) -> None:
    """Remove from `above` the folders of ended processes of this host."""
    for path in abandoned(above):
        shutil.rmtree(path, ignore_errors=True)


def abandoned(above: Path) -> list[Path]:
    """The folders in `above` of ended processes of this host."""
    named = [(path, found) for path in sorted(above.iterdir()) if (found := OURS.fullmatch(path.name))]
    return [path for path, found in named if not is_alive(int(found[1])) and path.is_dir() and not path.is_symlink()]


def is_alive(pid: int) -> bool:
    """Whether this host has a process of that number, whoever it belongs to."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True
