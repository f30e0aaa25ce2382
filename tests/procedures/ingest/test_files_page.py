"""docs/files.md: each of its examples is run, and gives the rows that it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from files_page import HEADING, PAGE, Example, examples, write
from shop import NOW

from vitalfew.config.files import FileSource
from vitalfew.config.presets import known
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage.delta import Storage
from vitalfew.tables.sources import ORDER_LINES

COLUMNS = ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount")


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
