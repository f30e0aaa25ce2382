"""What the readers of all formats give: cells as text, and lines that are none. Runs on executors."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa

CONTACT = re.compile(
    r"e.?mail|phone|mobil|\bfax|add?res|street|zip|post.?code|iban|card|"
    r"(first|last|middle|sur|family|given|full|maiden|customer|contact).?name|"
    r"telef|handy|m[oó]vil|correo|courriel|direcci|indirizz|endere|stra(ss|ß)e|postleit|vorname|nachname|pr[eé]nom|"
    r"apellido|cognome|手机|电话|電話|邮箱|メール|地址|住所|姓名|氏名|телефон|почта|адрес|фамилия",
    re.IGNORECASE,
)
REST = "(rest)"
HEADER_AGAIN = "is the header of the file again"

Record = tuple[int, bytes]


@dataclass(frozen=True)
class Layout:
    """How a file is written, as far as the readers need it: `settings.FileSource`, without pydantic."""

    format: Literal["csv", "jsonl", "json", "parquet", "excel"]
    used: tuple[str, ...]
    names: tuple[str, ...] = ()
    separator: str = ","
    quote: str = '"'
    multiline: bool = False
    encoding: str = "utf-8"
    hide: tuple[str, ...] = ()
    escape: str = ""
    max_lines_of_record: int = 100
    missing: tuple[str, ...] = ()
    is_private: bool = False
    needed: tuple[str, ...] = ()
    members: str = ""
    sheet: str | int | None = None
    header_at: int | None = None
    records: tuple[str, ...] = ()
    explode: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    split_by: str = ""
    absent: tuple[str, ...] = ()
    decimals: Mapping[str, str] = field(default_factory=dict)
    """Columns of numbers with decimals, and the mark before these in their style."""

    def is_hidden(self, column: str) -> bool:
        """Whether the cells of `column` are not to be shown: what the mapping does not use never is."""
        return column not in self.used or column in self.hide or CONTACT.search(column) is not None


class UnreadableError(ValueError):
    """What is wrong with a file, in words of ours, which quote nothing of it."""


@dataclass(frozen=True)
class Refused:
    """A line that cannot be split into cells."""

    line: int
    text: bytes
    why: str

    def shown(self, is_public: bool) -> str:
        """Its content as JSON; its length alone where it may hold what is to be hidden."""
        if not is_public:
            return json.dumps({"bytes": len(self.text)})
        return json.dumps({"text": self.text[:1000].decode(errors="backslashreplace")}, ensure_ascii=False)


@dataclass(frozen=True)
class Part:
    """Some rows of one file: numbers of records with their cells as text, and what was refused.

    `heights`: how many lines each record has, where it may be more than one. Where a record became several rows,
    `items`: the number of each among them, from 1, and `counts`: how many they are.
    """

    lines: Sequence[int] = ()
    cells: Mapping[str, pa.Array] = field(default_factory=dict)
    refused: Sequence[Refused] = ()
    is_public: bool = False
    heights: Sequence[int] = ()
    items: Sequence[int] = ()
    counts: Sequence[int] = ()

    def batch(self, file: int, columns: Sequence[str]) -> pa.RecordBatch:
        """The columns of ROWS in `reading`, then the cells of `columns`, NULL where there are none."""
        good, bad = len(self.lines), len(self.refused)
        numbers = np.fromiter((*self.lines, *(r.line for r in self.refused)), dtype=np.int64, count=good + bad)
        heights = [*(self.heights or [1] * good), *(r.text.count(b"\n") + 1 for r in self.refused)]
        items, counts = ([*(of or [1] * good), *[1] * bad] for of in (self.items, self.counts))
        blank = pa.nulls(bad, pa.string())
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.full(good + bad, file, dtype=np.int32)),
                pa.array(numbers),
                pa.array(items, pa.int32()),
                pa.array(counts, pa.int32()),
                pa.array(heights, pa.int32()),
                pa.concat_arrays([pa.nulls(good, pa.string()), pa.array([r.why for r in self.refused], pa.string())]),
                pa.concat_arrays(
                    [
                        pa.nulls(good, pa.string()),
                        pa.array([r.shown(self.is_public) for r in self.refused], pa.string()),
                    ]
                ),
                *[pa.concat_arrays([self.cells.get(name, pa.nulls(good, pa.string())), blank]) for name in columns],
            ],
            [
                "file",
                "line",
                "item",
                "items",
                "height",
                "malformed",
                "content",
                *[f"c{i}" for i in range(len(columns))],
            ],
        )


def told_apart(names: Sequence[str], used: Sequence[str]) -> tuple[str, ...]:
    """Names of columns without repetition: `name, name__2`, and `column_7` for one without.

    The first of several is called `name__1` where the settings call it so.
    """
    counts, seen, taken = Counter(names), Counter[str](), set(names)
    found: list[str] = []
    for position, name in enumerate(names, 1):
        seen[name] += 1
        wanted = name or f"column_{position}"
        if name and seen[name] > 1:
            wanted = f"{name}__{seen[name]}"
        elif counts[name] > 1 and f"{name}__1" in used:
            wanted = f"{name}__1"
        while wanted != name and wanted in taken:
            wanted += "_"
        taken.add(wanted)
        found.append(wanted)
    return tuple(found)
