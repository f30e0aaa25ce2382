"""Files where the engine sees them: found by folder or pattern, opened, digested. Runs on executors."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import fs

from vitalfew.procedures.ingest.readers import archives
from vitalfew.procedures.ingest.readers.parts import UnreadableError

BLOCK = 8 << 20
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
OF_SYSTEMS = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r")
LOCKS = ("~$", "~wr", ".~lock.")
UNFINISHED = re.compile(
    r"[.](crdownload|opdownload|download|part|partial|filepart|te?mp|swp|swx|lock)$|~$", re.IGNORECASE
)
SCHEMES = {"s3a": "s3", "s3n": "s3"}  # Spark's names of what others call s3


@dataclass(frozen=True)
class Drop:
    """One file: how to open it, its path below the folder that was asked for, its size and time of change.

    `member`: which file of the zip archive at `path` it is; its name is then `archive.zip/member`. `stamp`: when the
    file system of this machine last changed anything about it, which nobody can set; 0 where that is not known.
    """

    path: str
    name: str
    size: int
    changed_us: int
    member: str = ""
    stamp: int = 0

    @property
    def folders(self) -> dict[str, str | None]:
        """The values in the names of its folders, as in dt=2024-01-05, as Hive writes them."""
        pairs = [part.partition("=") for part in self.name.split("/")[:-1]]
        found = {unquote(key): unquote(value) for key, equals, value in pairs if key and equals}
        return {key: None if value == NO_VALUE else value for key, value in found.items()}


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


def find(at: str, members: str = "") -> list[Drop]:
    """The files that `at` names, by name, those in zip archives too; hidden, lock and unfinished files are no drops."""
    return looked_for(at, members)[0]


def looked_for(at: str, members: str = "") -> tuple[list[Drop], list[str]]:
    """The files that `at` names, and the names of those that are passed over.

    Of an archive, the files whose path in it fits the pattern `members`; all, where that is empty.
    """
    base, pattern = split(at)
    system, path = located(base)
    if isinstance(system, fs.LocalFileSystem):
        refuse_odd(path, pattern)
    info = system.get_file_info(path)
    if info.type == fs.FileType.File:
        return unpacked([drop(base, info.base_name, info)], members)
    found, hidden = [], []
    for info in system.get_file_info(fs.FileSelector(path, allow_not_found=True, recursive=True)):
        name = info.path[len(path) :].lstrip("/")
        if info.type == fs.FileType.File and pattern.fullmatch(name):
            if is_hidden(name):
                hidden.append(name)
            else:
                found.append(drop(f"{base.rstrip('/')}/{name}", name, info))
    taken, more = unpacked(found, members)
    return sorted(taken, key=lambda found: found.name), sorted([*hidden, *more])


def unpacked(found: list[Drop], members: str) -> tuple[list[Drop], list[str]]:
    """`found` with the files of each archive in its place, and what of them is passed over."""
    taken, hidden = [], []
    for archive in found:
        if not archives.is_archive(archive.name):
            taken.append(archive)
            continue
        try:
            with opened(archive.path) as file:
                inside = archives.members(file)
        except UnreadableError as error:
            raise ValueError(f"{archive.name} {error}") from error
        for name, size in inside:
            within = f"{archive.name}/{name}"
            if members and not matching(members).fullmatch(name):
                continue
            if is_hidden(name):
                hidden.append(within)
            else:
                taken.append(Drop(archive.path, within, size, archive.changed_us, name, archive.stamp))
    return taken, hidden


def is_hidden(name: str) -> bool:
    """Whether a file is none of the shop's: hidden, of the operating system, a lock, or not yet whole."""
    parts = name.split("/")
    last = parts[-1].lower()
    is_odd = last in OF_SYSTEMS or last.startswith(LOCKS) or UNFINISHED.search(last) is not None
    return is_odd or any(part[:1] in ("", ".", "_") for part in parts)


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
                refuse_unnamed(name)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif is_hidden(name) or entry.is_file(follow_symlinks=False):
                    continue
                elif pattern.fullmatch(name) or entry.is_dir():
                    what = "a symbolic link" if entry.is_symlink() else "a pipe, a socket or a device"
                    raise ValueError(f"{name!r} is {what}, and only files are taken: put the file itself there")


def refuse_unnamed(name: str) -> None:
    """ValueError where the name of a file is no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise ValueError(f"the name of '{shown}' is not UTF-8: rename it") from None


def drop(path: str, name: str, info: fs.FileInfo) -> Drop:
    return Drop(path, name, info.size, (info.mtime_ns or 0) // 1000, stamp=stamp_of(path))


def stamp_of(path: str) -> int:
    """When a file of this machine was last changed, or put in the place of another; 0 where it is elsewhere or gone."""
    system, inner = located(path)
    if not isinstance(system, fs.LocalFileSystem):
        return 0
    try:
        found = os.stat(inner, follow_symlinks=False)
    except OSError:
        return 0
    return found.st_ctime_ns // 1000


def split(at: str) -> tuple[str, re.Pattern[str]]:
    """The folder of `at` without its pattern, and the pattern of the names below it."""
    parts = at.rstrip("/").split("/")
    fixed = next((i for i, part in enumerate(parts) if "*" in part or "?" in part), len(parts))
    if fixed == len(parts):
        return at.rstrip("/"), re.compile(".*", re.DOTALL)
    return "/".join(parts[:fixed]), matching("/".join(parts[fixed:]))


def matching(pattern: str) -> re.Pattern[str]:
    """A pattern with * ? ** as a regular expression."""
    wild = re.escape(pattern)
    for glob, regex in ((r"\*\*/", "(?:.*/)?"), (r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "[^/]")):
        wild = wild.replace(glob, regex)
    return re.compile(wild, re.DOTALL)


def digest(path: str, member: str = "") -> str:
    """SHA-256 of the bytes of a file."""
    found = hashlib.sha256()
    with content(path, member) as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()


@contextmanager
def content(path: str, member: str = "") -> Iterator[IO[bytes] | pa.NativeFile]:
    """The bytes of a file, or of a file in an archive."""
    with opened(path) as file:
        if not member:
            yield file
            return
        with archives.member(file, member) as stream:
            yield stream


def start(path: str, member: str, size: int) -> bytes:
    """The first bytes of a file, decompressed where its name says that it is compressed."""
    codec = codec_of(member or path)
    with content(path, member) as file, pa.CompressedInputStream(file, codec) if codec else file as stream:
        return read_of(stream, codec, size)


def last_bytes(path: str, size: int) -> bytes:
    """The last bytes of a file, as it lies there."""
    with opened(path) as file:
        file.seek(max(0, file.size() - size))
        return bytes(file.read(size))


def blocks(path: str, member: str = "") -> Iterator[bytes]:
    """The content of a file, block by block, decompressed where its name says that it is compressed."""
    codec, taken = codec_of(member or path), 0
    with content(path, member) as file, pa.CompressedInputStream(file, codec) if codec else file as stream:
        while block := read_of(stream, codec):
            taken += len(block)
            if codec and taken > archives.SMALL:
                archives.refuse_bomb(taken, file.tell())
            yield block


def read_of(stream: IO[bytes] | pa.NativeFile, codec: str | None, size: int = BLOCK) -> bytes:
    """The next bytes of a stream."""
    with archives.decompressing(codec):
        return bytes(stream.read(size))


@contextmanager
def whole(path: str, member: str = "") -> Iterator[pa.NativeFile]:
    """A file that can be read at any position."""
    with content(path, member) as stream:
        if member or codec_of(path):
            with pa.CompressedInputStream(stream, codec) if (codec := codec_of(member or path)) else stream as plain:
                yield archives.in_memory(plain)
        else:
            yield stream


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
