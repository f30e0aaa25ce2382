"""Files in a zip archive: listed, and read block by block, never unpacked to disk. Runs on executors."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa

from vitalfew.procedures.ingest.readers.parts import UnreadableError

MOST_MEMBERS = 10_000
SMALL = 1 << 30
MOST_TIMES = 200
"""What unpacks to more than SMALL and to so many times its size is no file of a shop."""
LARGEST_WHOLE = 1 << 30
BLOCK = 1 << 20
ENCRYPTED = 0x1
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, pa.ArrowInvalid)


def is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")


@contextmanager
def unpacking() -> Iterator[None]:
    """Turns what is wrong with an archive into words of ours."""
    try:
        yield
    except UnreadableError:
        raise
    except BROKEN as error:
        is_torn = isinstance(error, zipfile.BadZipFile | zlib.error | EOFError)
        cure = "; it is cut off or damaged: fetch it again" if is_torn else ""
        why = str(error).rstrip(".") or type(error).__name__
        raise UnreadableError(f"cannot be unpacked: {why}{cure}") from error


@contextmanager
def decompressing(codec: str | None) -> Iterator[None]:
    """Turns what is wrong with a compressed file into words of ours."""
    try:
        yield
    except OSError as error:
        if codec is None or isinstance(error, UnreadableError):
            raise
        if "runcated" in str(error):
            why = f"is cut off: its {codec} content does not come to an end; fetch it again"
            raise UnreadableError(why) from error
        raise UnreadableError(
            f"is no whole {codec} file: it is damaged, or something else follows its content; unpack it, look at its "
            "end, and put the plain file here"
        ) from error


def members(file: pa.NativeFile) -> list[tuple[str, int]]:
    """The names of the files in an archive, with their sizes; UnreadableError where some cannot be read."""
    with unpacking(), zipfile.ZipFile(file) as archive:
        found = [info for info in archive.infolist() if not info.is_dir()]
        if len(found) > MOST_MEMBERS:
            raise UnreadableError(f"holds {len(found):,} files, more than {MOST_MEMBERS:,}: unpack it")
        twice = [name for name, count in Counter(info.filename for info in found).items() if count > 1]
        if twice:
            raise UnreadableError(f"holds two files called {twice[0]!r}")
        return [(info.filename, info.file_size) for info in found]


@contextmanager
def member(file: pa.NativeFile, name: str) -> Iterator[IO[bytes]]:
    """One file of an archive as a stream."""
    with unpacking(), zipfile.ZipFile(file) as archive:
        info = archive.getinfo(name)
        if info.flag_bits & ENCRYPTED:
            raise UnreadableError("is encrypted: unpack it")
        if is_archive(name):
            raise UnreadableError("is an archive within an archive: unpack it")
        refuse_bomb(info.file_size, info.compress_size)
        with archive.open(info) as stream:
            yield stream


def refuse_bomb(size: int, packed: int) -> None:
    """UnreadableError where so much has come out of so little."""
    if size > SMALL and size > MOST_TIMES * packed:
        raise UnreadableError(
            f"unpacks to more than {MOST_TIMES} times its size, and to more than {SMALL >> 20:,} MB: is it a bomb? If "
            "it is what it should be, unpack it yourself"
        )


def in_memory(stream: IO[bytes]) -> pa.NativeFile:
    """All of a stream, to be read at any position."""
    content = stream.read(LARGEST_WHOLE + 1)
    if len(content) > LARGEST_WHOLE:
        raise UnreadableError(f"has more than {LARGEST_WHOLE >> 20:,} MB, and can be read as a whole only: unpack it")
    return pa.BufferReader(content)
