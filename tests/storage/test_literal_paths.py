"""A folder or file whose name has wildcards is read as itself: not as nothing, and not with its neighbours."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.storage import appended_rows
from vitalfew.storage.delta import Storage
from vitalfew.storage.literal_paths import literal_path
from vitalfew.tables.sources import PRODUCTS

ODD = ("shop [1]", "shop*", "sh?p", "{shop}", "]}", "a b,c%20d", "\\shop")


@pytest.mark.parametrize("name", ODD)
def test_a_file_with_wildcards_in_its_path_is_read_alone(running: Engine, tmp_path: Path, name: str) -> None:
    for folder in (name, "shop 1", "shop", "shops"):
        (tmp_path / folder).mkdir(exist_ok=True)
        pq.write_table(pa.table({"folder": [folder]}), tmp_path / folder / f"{name}.parquet")
    reader = running.spark.read.schema("folder string")
    path = literal_path(str(tmp_path / name / f"{name}.parquet"))
    assert [row.folder for row in reader.parquet(path).collect()] == [name]


def test_rows_that_came_in_such_a_file_are_found(running: Engine, frame: Frame, tmp_path: Path) -> None:
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    storage.create(PRODUCTS)
    before = storage.snapshot(PRODUCTS)
    storage.append(PRODUCTS, frame(PRODUCTS, "product_id | name | unit\ntea | Tea | piece"))
    now = storage.snapshot(PRODUCTS)
    assert before is not None
    assert now is not None
    [file] = (tmp_path / "products").glob("*.parquet")
    [commit] = (tmp_path / "products" / "_delta_log").glob(f"*{now.version}.json")
    commit.write_text(commit.read_text().replace(file.name, "part%20%5B1%5D.parquet"))
    file.rename(file.with_name("part [1].parquet"))
    came = appended_rows.since(storage, PRODUCTS, before, now)
    assert came is not None
    assert [row["name"] for row in came.collect()] == ["Tea"]


def test_a_path_in_the_log_may_be_whole_as_each_engine_writes_it(tmp_path: Path) -> None:
    said = ("part%201.parquet", "file:/theirs/part%201.parquet", "file:///theirs/part%201.parquet")
    found = [appended_rows.path_of({"path": path}, tmp_path) for path in said]
    assert found == [str(tmp_path / "part 1.parquet"), "/theirs/part 1.parquet", "/theirs/part 1.parquet"]
