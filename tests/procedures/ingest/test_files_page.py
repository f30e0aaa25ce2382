"""docs/files.md: each of its examples is run, and gives the rows that it shows."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from shop import NOW
from workbook_files import WRITERS

from vitalfew.config import strict_yaml
from vitalfew.config.files import FileSource
from vitalfew.config.presets import known
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage.delta import Storage
from vitalfew.tables.sources import ORDER_LINES

PAGE = (Path(__file__).parents[3] / "docs" / "files.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
COLUMNS = ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount")


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


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.section)
def test_an_example_of_the_page_gives_the_rows_that_it_shows(running: Engine, tmp_path: Path, example: Example) -> None:
    for name, text in example.files.items():
        write(tmp_path, name, text)
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    ingest(storage, {"order_lines": FileSource(**example.settings)}, IngestParams(max_quarantined_share=0.0), NOW)
    found = storage.read(ORDER_LINES).collect()
    storage.release()
    assert sorted(" | ".join(str(row[column]) for column in COLUMNS) for row in found) == example.rows


def test_the_page_names_every_preset_and_has_an_example_in_each_section_of_a_shape() -> None:
    assert all(f"`{name}`" in PAGE or f"preset: {name}" in PAGE for name in known())
    without = {"Parquet", "What is said where a file does not fit"}
    assert {example.section for example in examples()} == {*HEADING.findall(PAGE)} - without
