"""Files where the engine sees them: found by folder or pattern, opened, digested. Runs on executors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import fs

BLOCK = 8 << 20
SCHEMES = {"s3a": "s3", "s3n": "s3"}  # Spark's names of what others call s3


@dataclass(frozen=True)
class Drop:
    """One file: how to open it, its path below the folder that was asked for, its size and time of change."""

    path: str
    name: str
    size: int
    changed_us: int


def located(at: str) -> tuple[fs.FileSystem, str]:
    """The file system that `at` lies in, and its path there."""
    if "://" not in at:
        return fs.LocalFileSystem(), at
    system, path = fs.FileSystem.from_uri(uri(at))
    return system, path


def uri(at: str) -> str:
    """A URI as Arrow knows it."""
    scheme, _, rest = at.partition("://")
    return f"{SCHEMES.get(scheme, scheme)}://{rest}"


def find(at: str) -> list[Drop]:
    """The files that `at` names, by name; names that begin with a dot or an underscore are no drops."""
    base, pattern = split(at)
    system, path = located(base)
    info = system.get_file_info(path)
    if info.type == fs.FileType.File:
        return [drop(base, info.base_name, info)]
    found = []
    for info in system.get_file_info(fs.FileSelector(path, allow_not_found=True, recursive=True)):
        name = info.path[len(path) :].lstrip("/")
        is_hidden = any(part[0] in "._" for part in name.split("/"))
        if info.type == fs.FileType.File and not is_hidden and pattern.fullmatch(name):
            found.append(drop(f"{base.rstrip('/')}/{name}", name, info))
    return sorted(found, key=lambda found: found.name)


def drop(path: str, name: str, info: fs.FileInfo) -> Drop:
    return Drop(path, name, info.size, (info.mtime_ns or 0) // 1000)


def split(at: str) -> tuple[str, re.Pattern[str]]:
    """The folder of `at` without its pattern, and the pattern of the names below it."""
    parts = at.rstrip("/").split("/")
    fixed = next((i for i, part in enumerate(parts) if "*" in part or "?" in part), len(parts))
    if fixed == len(parts):
        return at.rstrip("/"), re.compile(".*", re.DOTALL)
    wild = re.escape("/".join(parts[fixed:]))
    for glob, regex in ((r"\*\*/", "(?:.*/)?"), (r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "[^/]")):
        wild = wild.replace(glob, regex)
    return "/".join(parts[:fixed]), re.compile(wild)


def digest(path: str) -> str:
    """SHA-256 of the bytes of a file."""
    found = hashlib.sha256()
    system, inner = located(path)
    with system.open_input_stream(inner, compression=None, buffer_size=0) as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def blocks(path: str) -> Iterator[bytes]:
    """The content of a file, block by block, decompressed where its name says that it is compressed."""
    system, inner = located(path)
    with system.open_input_stream(inner) as stream:
        while block := stream.read(BLOCK):
            yield block


def whole(path: str) -> pa.NativeFile:
    """A file that can be read at any position."""
    system, inner = located(path)
    return system.open_input_file(inner)
