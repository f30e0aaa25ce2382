"""The texts that a file holds, whatever it is written in: encodings, pages, workbooks, packed files.

A file that cannot be unpacked is read as the bytes that it is.
"""

from __future__ import annotations

import bz2
import gzip
import html
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping

DEEPEST = 3
"""Packed files inside of packed files that are opened."""
TAG = re.compile(r"<[^<>]*>")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
PACKED: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
}
MARKED = (b"\xff\xfe", b"\xfe\xff")
DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def texts(raw: bytes, depth: int = 0) -> Iterator[str]:
    """What `raw` may say to a reader; the same may come several times."""
    yield from unescaped(plain(raw))
    if b"\x00" in raw[:2] and raw[:2] not in MARKED:
        yield from unescaped(raw.decode("utf-16-be" if raw[:1] == b"\x00" else "utf-16-le", errors="replace"))
    if depth == DEEPEST:
        return
    for begins, unpack in PACKED.items():
        if raw.startswith(begins):
            try:
                inner = unpack(raw)
            except DAMAGED:
                return
            yield from texts(inner, depth + 1)
    if raw.startswith(b"PK\x03\x04"):
        yield from of_members(raw, depth)


def of_members(raw: bytes, depth: int) -> Iterator[str]:
    """The names and texts of the files in a zip archive; of XML, as in workbooks, what stands between the tags."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except DAMAGED:
        return
    for member in archive.infolist():
        yield member.filename
        try:
            inner = archive.read(member)
        except DAMAGED:
            continue
        if member.filename.endswith((".xml", ".rels")):
            yield html.unescape(TAG.sub("\n", plain(inner)))
        else:
            yield from texts(inner, depth + 1)


def plain(raw: bytes) -> str:
    """`raw` as text: UTF-8 or UTF-16 where it is such, else one of the old encodings of the West."""
    if raw[:2] in MARKED:
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def unescaped(text: str) -> Iterator[str]:
    """`text`, and what it says where pages and JSON write characters by their codes."""
    yield text
    if "&" in text:
        yield html.unescape(text)
    if "\\u" in text:
        yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
