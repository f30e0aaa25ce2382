"""What differs between two versions is told from files, and where these are gone it is not told, nor is it an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.storage import changed_rows
from vitalfew.storage.delta import Storage
from vitalfew.tables.sources import PRODUCTS

HEAD = "product_id | name | unit\n"


def test_rows_that_came_and_are_gone_and_versions_that_cannot_be_read_any_more(
    running: Engine, frame: Frame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed_rows, "MOST_CHANGED", 9)
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    storage.replace(PRODUCTS, frame(PRODUCTS, HEAD + "tea | Tea | piece"))
    first = storage.snapshot(PRODUCTS)
    storage.replace(PRODUCTS, frame(PRODUCTS, HEAD + "tea | Green tea | piece \n oil | Oil | litre"))
    now = storage.snapshot(PRODUCTS)
    assert first is not None
    assert now is not None
    found = changed_rows.between(storage, PRODUCTS, first, now)
    assert found is not None
    assert [sorted(row["name"] for row in rows.collect()) for rows in found] == [["Green tea", "Oil"], ["Tea"]]
    assert not changed_rows.is_as_before(storage, PRODUCTS, ("product_id",), first, now)
    assert changed_rows.is_as_before(storage, PRODUCTS, ("product_id",), now, now)
    assert not changed_rows.is_as_before(storage, PRODUCTS, ("product_id",), None, now)

    left = changed_rows.files(str(tmp_path / "products"), first.version)
    for file in left or ():
        Path(file).unlink()
    assert changed_rows.between(storage, PRODUCTS, first, now) is None
    assert not changed_rows.is_as_before(storage, PRODUCTS, ("product_id", "unit"), first, now)
    storage.release()
