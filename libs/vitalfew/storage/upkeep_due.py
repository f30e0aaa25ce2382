"""Whether the tables of a target are due to be looked after: numbers of files, bytes and commits, in milliseconds.

Folders are listed. Only where that shows many files is the log of a table read, to see which of them count.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from vitalfew.config.target import Target, on_this_machine
from vitalfew.storage.upkeep import HOUR, MB, since_checkpoint


@dataclass(frozen=True)
class Limits:
    """What a table may have before it is due: small files too many, commits without a checkpoint, bytes unused."""

    small_bytes: int
    files: int
    commits: int
    unused_bytes: int
    retention_hours: int


@dataclass
class Listed:
    """The data files in the folder of a table: sizes and ages by path below it."""

    sizes: dict[str, int] = field(default_factory=dict)
    changed: dict[str, float] = field(default_factory=dict)


def folders(target: Target, names: list[str]) -> dict[str, Path]:
    """By name, the folders of tables that this process sees."""
    found = {}
    for name in names:
        location = target.location(name)
        at = on_this_machine(location.at) if location.is_path else None
        if at is not None and (Path(at) / "_delta_log").is_dir():
            found[name] = Path(at)
    return found


def due(folder: Path, limits: Limits) -> list[str]:
    """Why the table in `folder` is due, in words; empty where it is not."""
    reasons = []
    commits = since_checkpoint(folder / "_delta_log")
    if commits > limits.commits:
        reasons.append(f"{commits:,} commits since its last checkpoint")
    there = listed(folder)
    old = [path for path, at in there.changed.items() if at < time.time() - limits.retention_hours * HOUR]
    may_have_many = too_many(there.sizes, limits) > limits.files
    may_waste = sum(there.sizes[path] for path in old) > limits.unused_bytes
    if not (may_have_many or may_waste) or find_spec("deltalake") is None:
        return reasons
    used = active(folder)
    small = too_many({path: size for path, size in there.sizes.items() if path in used}, limits)
    if small > limits.files:
        reasons.append(f"{small:,} small files too many")
    unused = sum(there.sizes[path] for path in old if path not in used)
    if unused > limits.unused_bytes:
        reasons.append(f"{unused // MB:,} MB of old files")
    return reasons


def listed(folder: Path) -> Listed:
    found = Listed()
    for above, names, files in os.walk(folder):
        names[:] = [name for name in names if name != "_delta_log"]
        for name in files:
            if name.endswith(".parquet"):
                path = Path(above) / name
                seen = path.stat()
                key = path.relative_to(folder).as_posix()
                found.sizes[key], found.changed[key] = seen.st_size, seen.st_mtime
    return found


def too_many(sizes: dict[str, int], limits: Limits) -> int:
    """How many small files there are, beyond one in each slice."""
    small = Counter(path.rpartition("/")[0] for path, size in sizes.items() if size < limits.small_bytes)
    return small.total() - len(small)


def active(folder: Path) -> set[str]:
    """The files that the newest version of a table has, by path below its folder."""
    from deltalake import DeltaTable

    return {
        uri.removeprefix("file://").removeprefix(f"{folder.as_posix()}/") for uri in DeltaTable(str(folder)).file_uris()
    }
