"""The log of a Delta table in a folder that this process sees: its newest commit, its id, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from vitalfew.errors import TableError

COMMIT = re.compile(r"(\d{20})\.(?:json|checkpoint\..*parquet)")
LAST_BYTES = 1 << 16
DIGEST_LENGTH = 16  # hexadecimal digits, which no two commits of a table share by chance
REMEMBERED = 4096  # files of logs; a run of all jobs looks at each of some hundred again and again

Stamp = tuple[Path, int, int, int]
"""A file as it was seen: its path, what holds it, its bytes, and when it was changed, in nanoseconds.

No file of a log is written over, so that what one said needs not be read again; another in its place is told apart.
"""


def stamp(path: Path) -> Stamp:
    """FileNotFoundError where there is no such file."""
    seen = path.stat()
    return path, seen.st_ino, seen.st_size, seen.st_mtime_ns


def newest_commit(log: Path) -> int | None:
    """The highest version number in a Delta log; None where it holds no commit, whatever else it holds."""
    try:
        names = os.listdir(log)  # no paths, as it is asked thousands of times in a run of all jobs
    except (FileNotFoundError, NotADirectoryError):
        return None
    return max((int(match[1]) for name in names if (match := COMMIT.fullmatch(name))), default=None)


def whole_version(log: Path, name: str) -> int | None:
    """The newest version of the table `name`; TableError where its commit was not written to its end."""
    version = newest_commit(log)
    if version is None:
        return None
    path = log / f"{version:020}.json"
    if path.exists() and not is_whole(path):
        raise TableError(
            f"{name}: its last commit, {path}, is cut off, as a full disk leaves it. Remove this file, which makes "
            f"version {max(version - 1, 0)} the newest, check that the disk has room, and run again."
        )
    return version


def is_whole(commit: Path) -> bool:
    """Whether a commit holds something, and its last line is a complete action."""
    return ends_well(stamp(commit))


@lru_cache(REMEMBERED)
def ends_well(commit: Stamp) -> bool:
    with commit[0].open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LAST_BYTES))
        text = file.read().rstrip()
    _, newline, last = text.rpartition(b"\n")
    if size > LAST_BYTES and not newline:
        return text.endswith(b"}")  # one action, longer than we read
    try:
        return isinstance(json.loads(last), dict)
    except ValueError:
        return False


def commit_digest(log: Path, version: int) -> str | None:
    """A digest of the commit that made a version; None where the log does not hold it any more."""
    try:
        with (log / f"{version:020}.json").open("rb") as commit:
            return hashlib.file_digest(commit, "sha256").hexdigest()[:DIGEST_LENGTH]
    except FileNotFoundError:
        return None


def rows_since(log: Path, version: int) -> int:
    """The earliest version that is known to have had the rows of `version`: no commit since has changed any."""
    while keeps_rows(log / f"{version:020}.json"):
        version -= 1
    return version


def rows_until(log: Path, version: int) -> int:
    """The newest version before which no commit since `version` has changed a row."""
    while keeps_rows(log / f"{version + 1:020}.json"):
        version += 1
    return version


def keeps_rows(commit: Path) -> bool:
    """Whether a commit is there and only writes the same rows into other files, or tells of what was done to files."""
    try:
        return tells_of_files(stamp(commit))
    except (FileNotFoundError, ValueError):
        return False


@lru_cache(REMEMBERED)
def tells_of_files(commit: Stamp) -> bool:
    with commit[0].open(encoding="utf-8") as lines:
        return not any(map(changes_rows, filter(str.strip, lines)))


def changes_rows(line: str) -> bool:
    """Whether an action of a commit adds or removes rows, or says anew what the table is."""
    action = json.loads(line)
    files = [action[name] for name in ("add", "remove") if name in action]
    return any(file.get("dataChange") is not False for file in files) or (not files and "commitInfo" not in action)


def table_id(log: Path) -> str | None:
    """The id that the table was given when it was made; None where its log does not say it any more."""
    first = log / f"{0:020}.json"
    if first.exists():
        return first_id(stamp(first))
    return an_id(in_checkpoint(sorted(log.glob("*.checkpoint.*parquet")), ("metaData",)))


@lru_cache(REMEMBERED)
def first_id(commit: Stamp) -> str | None:
    return an_id(in_commit(commit[0], ("metaData",)))


def an_id(said: Iterable[tuple[str, dict[str, Any]]]) -> str | None:
    return next((str(action["id"]) for _, action in said if action.get("id")), None)


def newest_actions(log: Path, version: int, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By name, the newest action of each of `names` up to `version`; without those that the log does not say.

    Commits are read from the newest one back to a checkpoint, and then that.
    """
    found: dict[str, dict[str, Any]] = {}
    for number in range(version, -1, -1):
        checkpoints = sorted(log.glob(f"{number:020}.checkpoint*.parquet"))
        path = log / f"{number:020}.json"
        rows = in_checkpoint(checkpoints, names) if checkpoints else in_commit(path, names)
        for name, action in rows:
            found.setdefault(name, action)
        if checkpoints or len(found) == len(names) or not path.exists():
            break
    return found


def in_checkpoint(files: Sequence[Path], names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in files:
        yield from kept_in(stamp(path), tuple(names))


@lru_cache(REMEMBERED)
def kept_in(checkpoint: Stamp, names: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    with pq.ParquetFile(checkpoint[0]) as file:
        held = [name for name in names if name in file.schema_arrow.names]
        rows = file.read(columns=held).to_pylist() if held else ()
    return [(name, action) for row in rows for name, action in row.items() if action is not None]


def in_commit(path: Path, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if any(f'"{name}"' in line for name in names):
                    action = json.loads(line)
                    yield from ((name, action[name]) for name in names if action.get(name) is not None)
