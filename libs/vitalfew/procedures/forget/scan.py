"""Every file below the root of a target, searched for what must be gone: in its bytes, and in what they decode to."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitalfew.dataframes.tokens import pattern
from vitalfew.procedures.forget import file_texts

OTHER_CODES = frozenset({"order_id", "product_id", "product_ids", "returned_ids", "items", "item", "other"})
"""Columns with codes of other things, which may be spelt as a customer is."""
JSON = (".json", ".jsonl", ".ndjson")
NAME = "the name of a file"
LEAST_CUT = 16  # characters of a text that a writer has cut: they keep more of one
LEAST_BYTES = 6  # of a value that is searched for in compressed bytes: shorter ones are there by chance


@dataclass(frozen=True)
class Wanted:
    """What is searched for: customers as whole words, contacts and hashes wherever they are."""

    customers: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)
    hashes: tuple[str, ...] = field(default=(), repr=False)
    other_codes: Collection[str] = OTHER_CODES

    def __post_init__(self) -> None:
        anywhere = [re.escape(text) for text in (*self.contacts, *self.hashes) if len(text) >= LEAST_BYTES]
        object.__setattr__(self, "words", pattern((*self.customers, *self.contacts, *self.hashes)))
        object.__setattr__(self, "anywhere", re.compile("|".join(anywhere) or r"(?!)", re.IGNORECASE))
        forms = {form for text in (*self.customers, *self.contacts, *self.hashes) for form in spelt(text)}
        object.__setattr__(self, "raw", tuple(form for form in sorted(forms) if len(form) >= LEAST_BYTES))

    words: re.Pattern[str] = field(init=False, repr=False)
    anywhere: re.Pattern[str] = field(init=False, repr=False)
    raw: tuple[bytes, ...] = field(init=False, repr=False)

    def is_in(self, text: str) -> bool:
        return bool(self.words.search(text) or self.anywhere.search(text))


def spelt(text: str) -> set[bytes]:
    """How a text may be written in bytes."""
    return {text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")}


@dataclass
class Found:
    """Files in which something was found, each with where in it; and how many files and bytes were searched."""

    places: dict[str, str] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0

    @property
    def is_clean(self) -> bool:
        return not self.places

    def add(self, other: Found, at: Path | None) -> None:
        """What was found elsewhere, below `at`, where that is to be named."""
        self.places |= {str(at / path) if at else path: where for path, where in other.places.items()}
        self.files += other.files
        self.bytes += other.bytes


def scan(root: Path, wanted: Wanted, skipped: Collection[Path] = ()) -> Found:
    """All files below `root`, but for those below `skipped`."""
    found = Found()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        if any(path.is_relative_to(other) for other in skipped):
            continue
        found.files += 1
        found.bytes += path.stat().st_size
        if where := place(path, wanted):
            named = path.parent / "…" if where == NAME else path  # a certificate names nobody
            found.places[str(named.relative_to(root))] = where
    return found


def place(path: Path, wanted: Wanted) -> str | None:
    """Where in a file something is; None where it holds nothing of it."""
    if any(wanted.words.search(text) for text in (path.name, path.stem)):
        return NAME
    if path.suffix == ".parquet":
        return in_parquet(path, wanted)
    if path.suffix in JSON or path.name == "_last_checkpoint":
        return in_json_lines(path, wanted)
    return "its text" if any(map(wanted.is_in, file_texts.texts(path.read_bytes()))) else None


def in_parquet(path: Path, wanted: Wanted) -> str | None:
    """Searched are all texts of all pages, the statistics in the footer, and the bytes as they are."""
    file = pq.ParquetFile(path)
    explained = False
    for group in range(file.num_row_groups):
        columns = file.read_row_group(group)
        for name in columns.column_names:
            for text in texts(columns.column(name)):
                if name not in wanted.other_codes and in_value(text, wanted, name):
                    return f"the column {name}"
                explained = explained or holds_part(text, wanted)
        for text, column in statistics(file, group):
            if in_value(text, wanted, column):
                if not is_cut(text, columns.column(column.split(".")[0])):
                    return f"the statistics of {column}"
                explained = True
    raw = path.read_bytes()
    return "its bytes" if not explained and any(form in raw for form in wanted.raw) else None


def is_cut(text: str, column: Any) -> bool:
    """Whether a least or greatest text is the beginning of a longer one in `column`, its last character raised by one.

    Writers cut long texts so: the greatest of "… customer 41 …" may read "… customer 42", which is nobody.
    """
    length = len(text)
    return length >= LEAST_CUT and any(len(each) > length and each.startswith(text[:-1]) for each in texts(column))


def holds_part(text: str, wanted: Wanted) -> bool:
    """Whether bytes of another text explain a find: an id that holds the person's as a part, or a code."""
    return any(form.decode(errors="ignore") in text for form in wanted.raw)


def texts(column: pa.ChunkedArray) -> Iterator[str]:
    """Every distinct text in a column, however deep."""
    for chunk in column.chunks:
        yield from leaves(chunk)


def leaves(array: Any) -> Iterator[str]:
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from leaves(array.dictionary)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield from (text for text in pc.unique(array).to_pylist() if text is not None)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        yield from (text.decode(errors="replace") for text in pc.unique(array).to_pylist() if text is not None)
    elif pa.types.is_map(kind):
        yield from leaves(array.keys)
        yield from leaves(array.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from leaves(array.flatten())
    elif pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            yield from leaves(array.field(i))


def statistics(file: pq.ParquetFile, group: int) -> Iterator[tuple[str, str]]:
    """Least and greatest texts of the columns of a row group, with the column."""
    meta = file.metadata.row_group(group)
    for i in range(meta.num_columns):
        column = meta.column(i)
        known = column.statistics
        if known is not None and known.has_min_max:
            for value in (known.min, known.max):
                if isinstance(value, str | bytes):
                    yield (value if isinstance(value, str) else value.decode(errors="replace")), column.path_in_schema


def in_json_lines(path: Path, wanted: Wanted) -> str | None:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                value = json.loads(line)
            except ValueError:
                if wanted.is_in(line):
                    return "its text"
                continue
            if in_value(value, wanted, ""):
                return "its JSON"
    return None


def in_value(value: Any, wanted: Wanted, name: str) -> bool:
    """Whether a decoded value holds something, JSON in texts decoded too; columns with other codes are left out."""
    if name in wanted.other_codes:
        return False
    if isinstance(value, Mapping):
        return any(wanted.is_in(key) or in_value(inner, wanted, key) for key, inner in value.items())
    if isinstance(value, list):
        return any(in_value(inner, wanted, name) for inner in value)
    if not isinstance(value, str):
        return False
    if value[:1] in "{[" and len(value) > 1:
        try:
            return in_value(json.loads(value), wanted, name)
        except ValueError:
            pass
    return wanted.is_in(value)
