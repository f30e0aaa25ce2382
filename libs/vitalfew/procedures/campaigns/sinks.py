"""Files of campaigns, written in batches: the same rows make the same bytes."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from vitalfew.csv_lines import csv_lines
from vitalfew.jobs.campaigns.normal_forms import FORMULA
from vitalfew.storage import owner_only

Row = Sequence[Any]
NUMBER = re.compile(r"\+[0-9]{4,15}")
FORMULAS = (*FORMULA, "\t", "\r", "\n")
NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of all that is packed: the hour of a run changes no byte."""
TYPES = {"send_on": pa.date32(), "send_until": pa.date32(), "send_hour": pa.int32(), "rank": pa.int32()}
BLOCK = 2**20


@dataclass(frozen=True)
class Written:
    """One file: its name, rows, customers, size and SHA-256; None for the size of rows of a table."""

    file: str
    rows: int
    customers: int
    bytes: int | None
    digest: str


def new(path: Path) -> IO[bytes]:
    """A file that is not there yet, for its owner alone."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, owner_only.FILE), "wb")


def closed(file: IO[bytes]) -> None:
    """On the disk, and not only on its way to it."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def guarded(value: Any) -> Any:
    """A cell as a spreadsheet is to read it; what it would compute begins with an apostrophe, a phone number never."""
    if isinstance(value, str) and value.startswith(FORMULAS) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value.isoformat() if isinstance(value, date) else value


def lines_of(rows: Sequence[Row]) -> bytes:
    """As CSV in UTF-8."""
    return csv_lines([[guarded(value) for value in row] for row in rows]).encode()


def values_of(rows: Sequence[Row]) -> bytes:
    """One value a line."""
    return "".join(f"{row[0]}\n" for row in rows).encode()


@dataclass
class Sink(ABC):
    """Where rows of one file go: `add` in batches, then `end`."""

    rows: int = field(default=0, init=False)
    customers: int = field(default=0, init=False)

    def add(self, rows: Sequence[Row], customers: int) -> None:
        """`customers`: how many of `rows` are the first of a customer."""
        self.take(rows)
        self.rows += len(rows)
        self.customers += customers

    @abstractmethod
    def take(self, rows: Sequence[Row]) -> None: ...

    @abstractmethod
    def end(self) -> list[Written]:
        """What was written; nothing can be added afterwards."""

    def measured(self, path: Path, rows: int, customers: int) -> Written:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
        return Written(path.name, rows, customers, path.stat().st_size, digest.hexdigest())


@dataclass
class TextSink(Sink):
    """Lines, as `encoded` makes them of rows."""

    path: Path
    encoded: Callable[[Sequence[Row]], bytes]
    header: Sequence[str] | None = None
    file: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.file = new(self.path)
        if self.header is not None:
            self.file.write(lines_of([self.header]))

    def take(self, rows: Sequence[Row]) -> None:
        self.file.write(self.encoded(rows))

    def end(self) -> list[Written]:
        closed(self.file)
        return [self.measured(self.path, self.rows, self.customers)]


@dataclass
class PackedSink(Sink):
    """Zip files with one text each, of at most `most_text` bytes; the second is called -2."""

    folder: Path
    name: str
    most_text: int
    parts: list[tuple[Path, int]] = field(default_factory=list, init=False)
    held: bytearray = field(default_factory=bytearray, init=False)
    held_rows: int = field(default=0, init=False)

    def take(self, rows: Sequence[Row]) -> None:
        for row in rows:
            line = values_of([row])
            if len(self.held) + len(line) > self.most_text and self.held_rows:
                self.pack()
            self.held += line
            self.held_rows += 1

    def pack(self) -> None:
        """What is held, as the next part."""
        called = f"{self.name}-{len(self.parts) + 1}"
        path = self.folder / f"{called}.zip"
        entry = zipfile.ZipInfo(f"{called}.txt", NO_TIME)
        entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, owner_only.FILE << 16, 3
        with new(path) as file, zipfile.ZipFile(file, "w") as packed:
            packed.writestr(entry, bytes(self.held))
        self.parts.append((path, self.held_rows))
        self.held, self.held_rows = bytearray(), 0

    def end(self) -> list[Written]:
        if self.held_rows or not self.parts:
            self.pack()
        return [self.measured(path, rows, rows) for path, rows in self.parts]  # a line is a customer


@dataclass
class ParquetSink(Sink):
    """Texts, but for days and whole numbers."""

    path: Path
    header: Sequence[str]
    schema: pa.Schema = field(init=False)
    file: IO[bytes] = field(init=False)
    writer: pq.ParquetWriter = field(init=False)

    def __post_init__(self) -> None:
        self.schema = pa.schema([(name, TYPES.get(name, pa.string())) for name in self.header])
        self.file = new(self.path)
        self.writer = pq.ParquetWriter(self.file, self.schema)

    def take(self, rows: Sequence[Row]) -> None:
        self.writer.write_table(arrow(rows, self.schema))

    def end(self) -> list[Written]:
        self.writer.close()
        closed(self.file)
        return [self.measured(self.path, self.rows, self.customers)]


@dataclass
class TableSink(Sink):
    """Rows for a table, handed over to `keep` in batches; of each the last is a mapping with its cells."""

    name: str
    keep: Callable[[Sequence[Row]], None]
    digest: Any = field(default_factory=hashlib.sha256, init=False)

    def take(self, rows: Sequence[Row]) -> None:
        self.digest.update(lines_of([[*row[-1].values()] for row in rows]))
        self.keep(rows)

    def end(self) -> list[Written]:
        return [Written(self.name, self.rows, self.customers, None, self.digest.hexdigest())]


def arrow(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table([pa.array(list(each), kind) for each, kind in zip(columns, schema.types, strict=True)], schema)
