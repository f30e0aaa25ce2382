"""The log of a Delta table in a folder that this process sees: its newest commit, its id, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from vitalfew.errors import TableError

COMMIT = re.compile(r"(\d{20})\.(?:json|checkpoint\..*parquet)")
LAST_BYTES = 1 << 16
DIGEST_LENGTH = 16  # hexadecimal digits, which no two commits of a table share by chance


def newest_commit(log: Path) -> int | None:
    """The highest version number in a Delta log; None where it holds no commit, whatever else it holds."""
    if not log.is_dir():
        return None
    found = [int(match[1]) for path in log.iterdir() if (match := COMMIT.fullmatch(path.name))]
    return max(found, default=None)


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
    with commit.open("rb") as file:
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
        with commit.open(encoding="utf-8") as lines:
            return not any(map(changes_rows, filter(str.strip, lines)))
    except (FileNotFoundError, ValueError):
        return False


def changes_rows(line: str) -> bool:
    """Whether an action of a commit adds or removes rows, or says anew what the table is."""
    action = json.loads(line)
    files = [action[name] for name in ("add", "remove") if name in action]
    return any(file.get("dataChange") is not False for file in files) or (not files and "commitInfo" not in action)


def table_id(log: Path) -> str | None:
    """The id that the table was given when it was made; None where its log does not say it any more."""
    first = log / f"{0:020}.json"
    if first.exists():
        said = in_commit(first, ("metaData",))
    else:
        said = in_checkpoint(sorted(log.glob("*.checkpoint.*parquet")), ("metaData",))
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
        held = [name for name in names if name in pq.read_schema(path).names]
        for row in pq.read_table(path, columns=held).to_pylist() if held else ():
            yield from ((name, action) for name, action in row.items() if action is not None)


def in_commit(path: Path, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if any(f'"{name}"' in line for name in names):
                    action = json.loads(line)
                    yield from ((name, action[name]) for name in names if action.get(name) is not None)
