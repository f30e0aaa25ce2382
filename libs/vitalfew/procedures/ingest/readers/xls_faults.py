"""Cells of an .xls sheet that hold an error, which calamine gives as blank cells.

The file is a small file system ([MS-CFB]) in which a stream of records ([MS-XLS]) lies. Runs in the process that reads
a workbook.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
BEGIN, END, SHEET, FORMULA, ERROR = 0x0809, 0x000A, 0x0085, 0x0006, 0x0205
STREAMS = ("Workbook", "Book")
IN_HEADER = 109
LAST = 0xFFFFFFF0
"""Numbers of sectors from here on end a chain, or stand for none."""

Faults = dict[tuple[int, int], str]


def faults(content: bytes, sheet: str) -> Faults:
    """By row and column from 0, the error; ValueError, IndexError or struct.error where the file is not understood."""
    stream = workbook(content)
    start = next(start for start, name in sheets(stream) if name == sheet)
    found: Faults = {}
    depth = 0
    for kind, data in records(stream, start):
        depth += (kind == BEGIN) - (kind == END)
        if depth == 0:
            break
        if depth > 1:
            continue  # a chart within the sheet
        if kind == ERROR and data[7]:
            found[struct.unpack_from("<HH", data)] = ERRORS.get(data[6], "#VALUE!")
        elif kind == FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
            found[struct.unpack_from("<HH", data)] = ERRORS.get(data[8], "#VALUE!")
    return found


def records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a stream from a position on."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    """Where each sheet begins, and its name; of workbooks older than Excel 97 no name but of plain letters."""
    version = struct.unpack_from("<H", stream, 4)[0]
    for kind, data in records(stream, 0):
        if kind == SHEET:
            start, size = struct.unpack_from("<I", data)[0], data[6]
            if version < 0x0600:
                yield start, data[7 : 7 + size].decode("cp1252", errors="replace")
            elif data[7] & 1:
                yield start, data[8 : 8 + 2 * size].decode("utf-16-le")
            else:
                yield start, data[8 : 8 + size].decode("latin-1")


def workbook(content: bytes) -> bytes:
    """The stream that holds the workbook."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    directory = struct.unpack_from("<I", content, 48)[0]

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    tables = [number for number in struct.unpack_from(f"<{IN_HEADER}I", content, 76) if number < LAST]
    more = struct.unpack_from("<I", content, 68)[0]
    for _ in range(len(content) // size):
        if more >= LAST:
            break
        *numbers, more = numbers_of(sector(more))
        tables += [number for number in numbers if number < LAST]
    chain = [number for table in tables for number in numbers_of(sector(table))]

    def read(first: int) -> bytes:
        return b"".join(sector(number) for number in linked(first, chain))

    entries = read(directory)
    for at in range(0, len(entries), 128):
        entry = entries[at : at + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le")
        if name in STREAMS:
            first, length = struct.unpack_from("<II", entry, 116)
            return read(first)[:length]  # programs make it 4,096 bytes or more, so that it lies in whole sectors
    raise ValueError("no workbook is in this file")


def numbers_of(table: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])


def linked(first: int, chain: Sequence[int]) -> Iterator[int]:
    """The numbers of sectors in a chain; one that has no end is cut."""
    for _ in chain:
        if first >= LAST:
            return
        yield first
        first = chain[first]
