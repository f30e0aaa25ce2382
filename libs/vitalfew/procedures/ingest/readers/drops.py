"""Files where the engine sees them: found by folder or pattern, opened, digested. Runs on executors."""

from __future__ import annotations

import hashlib
import os
import re
import stat
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
    if isinstance(system, fs.LocalFileSystem):
        refuse_odd(path, pattern)
    info = system.get_file_info(path)
    if info.type == fs.FileType.File:
        return [drop(base, info.base_name, info)]
    found = []
    for info in system.get_file_info(fs.FileSelector(path, allow_not_found=True, recursive=True)):
        name = info.path[len(path) :].lstrip("/")
        if info.type == fs.FileType.File and not is_hidden(name) and pattern.fullmatch(name):
            found.append(drop(f"{base.rstrip('/')}/{name}", name, info))
    return sorted(found, key=lambda found: found.name)


def is_hidden(name: str) -> bool:
    return any(part[0] in "._" for part in name.split("/"))


def refuse_odd(path: str, pattern: re.Pattern[str]) -> None:
    """ValueError that names what lies among the drops below `path` and is neither a file nor a folder.

    A link may show any file of this machine; a pipe or a device may never end.
    """
    if os.path.isfile(path):
        return
    folders = [path] if os.path.isdir(path) else []
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                name = os.path.relpath(entry.path, path)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif is_hidden(name) or entry.is_file(follow_symlinks=False):
                    continue
                elif pattern.fullmatch(name) or entry.is_dir():
                    what = "a symbolic link" if entry.is_symlink() else "a pipe, a socket or a device"
                    raise ValueError(f"{name!r} is {what}, and only files are taken: put the file itself there")


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
    with opened(path) as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def blocks(path: str) -> Iterator[bytes]:
    """The content of a file, block by block, decompressed where its name says that it is compressed."""
    codec = codec_of(path)
    with opened(path) as file, pa.CompressedInputStream(file, codec) if codec else file as stream:
        while block := stream.read(BLOCK):
            yield block


def whole(path: str) -> pa.NativeFile:
    """A file that can be read at any position."""
    return opened(path)


def codec_of(path: str) -> str | None:
    """How a file is compressed, by its name; None where it is not."""
    try:
        return str(pa.Codec.detect(path).name)
    except (ValueError, TypeError):  # an ending that says nothing is one or the other
        return None


def opened(path: str) -> pa.NativeFile:
    """A file as it was found: of this machine no link that took its place meanwhile, and no pipe, which would wait."""
    system, inner = located(path)
    if not isinstance(system, fs.LocalFileSystem):
        return system.open_input_file(inner)
    found = os.open(inner, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(found).st_mode):
            raise ValueError("is no file, but a pipe, a device or a folder")
        return system.open_input_file(f"/dev/fd/{found}")
    finally:
        os.close(found)
