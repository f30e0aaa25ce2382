"""Files and folders for their owner alone, and Delta tables that keep no statistics."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def folder(path: Path) -> Path:
    """The folder `path`, made if it is not there, which only its owner can enter."""
    path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    path.chmod(FOLDER)
    return path


def close(path: Path) -> None:
    """Take from all but its owner the folder `path` and everything below it."""
    path.chmod(FOLDER)
    for above, folders, files in os.walk(path):
        for name in folders:
            (Path(above) / name).chmod(FOLDER, follow_symlinks=True)
        for name in files:
            found = Path(above) / name
            if found.stat().st_mode & 0o777 != FILE:
                found.chmod(FILE)


def set_properties(path: str, properties: Mapping[str, str]) -> None:
    """Give the Delta table at `path` the `properties` that it lacks."""
    from deltalake import DeltaTable

    table = DeltaTable(path)
    if not properties.items() <= table.metadata().configuration.items():
        table.alter.set_table_properties(dict(properties))
