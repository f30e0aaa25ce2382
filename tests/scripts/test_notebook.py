"""The notebook of docs/ runs from its first to its last cell, on tables that the embedded engine has made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbclient
import pytest

from journey import ROOT
from vitalfew.storage.delta import Storage

NBFORMAT = pytest.importorskip("nbformat")  # without types
NOTEBOOK = ROOT / "docs" / "notebooks" / "results.ipynb"


@pytest.fixture(scope="module")
def cells(embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Its cells of code, with what they gave here."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "data").mkdir()
    (folder / "data" / "demo-sail").symlink_to(embedded)
    notebook = NBFORMAT.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_each_cell_gives_what_the_tables_hold(cells: list[Any], storage_of_embedded: Storage) -> None:
    texts = ["".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs) for cell in cells]
    assert all(texts)
    tables = json.loads((Path(storage_of_embedded.target.root) / "current.json").read_text(encoding="utf-8"))["tables"]
    assert int(texts[0]) == len(tables)
    segments = storage_of_embedded.spark.read.format("delta").load(f"{storage_of_embedded.target.root}/rfm_segments")
    newest = segments.where("customers > 0").orderBy("as_of", ascending=False).first()
    assert newest is not None
    assert re.search(rf"{re.escape(newest['segment'])}\s+┆ {newest['customers']}\b", texts[1])


def test_the_committed_outputs_name_nobody() -> None:
    """Of the public data set that the demo reads, not of a shop, and no ids of customers."""
    assert "customer_id" not in "".join(
        str(output) for cell in NBFORMAT.read(NOTEBOOK, as_version=4).cells for output in cell.get("outputs", [])
    )
