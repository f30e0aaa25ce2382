"""The examples of docs/files.md: files, settings, and the rows that come of them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbook_files import WRITERS

from vitalfew.config import strict_yaml

PAGE = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass
class Example:
    """Files by their paths, the settings of their source, and the rows that come of them."""

    section: str
    files: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)


def examples() -> Iterator[Example]:
    sections = [(found.start(), found[1]) for found in HEADING.finditer(PAGE)]
    example = Example("")
    for block in BLOCK.finditer(PAGE):
        kind, path, text = block.groups()
        example.section = next(name for start, name in reversed(sections) if start < block.start())
        if path:
            example.files[path] = text
        elif kind == "yaml":
            example.settings = strict_yaml.load(text)
        else:
            example.rows = text.splitlines()
            yield example
            example = Example("")


def write(root: Path, name: str, text: str) -> None:
    """A file of the page; one that ends as a workbook holds the rows, and one below an archive is put into it."""
    archive, zipped, member = name.partition(".zip/")
    path = root / (f"{archive}.zip" if zipped else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if zipped:
        with zipfile.ZipFile(path, "a") as found:
            found.writestr(member, text)
    elif path.suffix[1:] in WRITERS:
        rows = [[number(cell) for cell in row] for row in csv.reader(io.StringIO(text))]
        path.write_bytes(WRITERS[path.suffix[1:]]({"Sheet": rows}))
    else:
        path.write_text(text, encoding="utf-8")


def number(cell: str) -> Any:
    return float(cell) if re.fullmatch(r"[0-9.]+", cell) else cell or None
