"""A customer is forgotten in tables that a catalog knows by name: nothing is left in their files, and time travel ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hostile import Hostile, lines, week
from pyspark.errors import PySparkException
from shop import SHOP

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES

PERSON, OTHERS = "cus-planted-12", ("c0", "c1", "cus-planted-123")
DAYS = ("2025-01-11", "2025-01-22")
HELD = ("order_lines", "orders", "customer_profile", "quarantine", "rfm")
WORD = re.compile(rf"(?<![\w-]){PERSON}(?![\w-])")
VECTORS = "spark.databricks.delta.properties.defaults.enableDeletionVectors"


@pytest.fixture
def storage(running: Engine) -> Storage:
    running.spark.sql("CREATE SCHEMA IF NOT EXISTS forgetting").collect()
    return Storage(running, Target(root="forgetting", engine=running.name))


def folder_of(storage: Storage, name: str) -> Path | None:
    table = TABLES[name]
    return storage.local_folder(storage.target.location(name)) if storage.exists(table) else None


def found_in(places: Sequence[Path]) -> list[str]:
    """Files below these folders that hold the person: by their bytes as a text, and of Parquet by the printed rows."""
    found = []
    for path in (path for folder in places for path in sorted(folder.rglob("*")) if path.is_file()):
        text = path.read_bytes().decode(errors="replace")
        rows = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else ""
        if WORD.search(text) or WORD.search(rows):
            found.append(str(path))
    return found


def forgotten(storage: Storage, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop in a schema, of which a customer is erased: by Spark from tables with deletion vectors."""
    spark = running.spark
    shop = Hostile(tmp_path, running, monkeypatch)
    settings = {
        "root": "forgetting",
        "roots": [str(tmp_path)],
        "suppression_key": "a-key-of-this-test-alone-0123456789",
    }
    shop.target(extra={**settings, "files": {"order_lines": {**SHOP, "at": str(tmp_path / "drops")}}})
    named = [
        line.replace(f",{was},", f",{now},")
        for was, now in (("c2", PERSON), ("c3", OTHERS[-1]))
        for line in week(4)
        if f",{was}," in line
    ]
    others = [line for line in week(4) if ",c0," in line or ",c1," in line]
    shop.drop(
        *others, *named, *lines([("x1", PERSON, "tea", "never", 1, "1.50"), ("x2", "c1", "tea", "never", 1, "1.50")])
    )
    if running.name == "spark":
        spark.conf.set(VECTORS, "true")
    try:
        shop.answers("--as-of", DAYS[0], "--set", "ingest.max_quarantined_share=1.0", jobs=("ingest", "orders", "rfm"))
        shop.answers("--as-of", DAYS[1], jobs=("rfm",))
        exported = shop.run("export", "rfm", "--to", str(tmp_path / "rfm.csv"))
        assert exported.code == 0, exported.text
        folders = [folder for name in TABLES if (folder := folder_of(storage, name))]
        assert len(folders) > len(HELD)
        places = [folders[0].parent.parent] if running.name == "spark" else folders
        before = {name: storage.read(TABLES[name]).count() for name in HELD}
        version = storage.version(TABLES["rfm"])
        assert len(found_in(places)) > len(HELD)

        said = shop.run("forget", PERSON)
    finally:
        if running.name == "spark":
            spark.conf.unset(VECTORS)
    assert said.code == 0, said.text
    assert "nothing is left" in said.text
    assert "Time travel of these tables ends: at once" in said.text
    assert PERSON not in said.text
    assert found_in(places) == []
    gone = {name: before[name] - storage.read(TABLES[name]).count() for name in before}
    assert gone == {"order_lines": 9, "orders": 5, "customer_profile": 1, "quarantine": 1, "rfm": len(DAYS)}
    assert {row["customer_id"] for row in storage.read(TABLES["rfm"]).collect()} == {*OTHERS}
    with pytest.raises(PySparkException):
        spark.sql(f"SELECT * FROM forgetting.rfm VERSION AS OF {version}").collect()
    shop.answers("--reread", "--set", "ingest.max_quarantined_share=1.0", jobs=("ingest", "orders"))
    assert found_in(places) == []
    spark.sql("DROP SCHEMA forgetting CASCADE").collect()


def test_nothing_is_left_of_a_customer_in_tables_that_are_known_by_name(
    storage: Storage, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten(storage, running, tmp_path, monkeypatch)


@pytest.mark.both_engines
@pytest.mark.long
def test_nothing_is_left_in_tables_with_deletion_vectors(
    storage: Storage, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten(storage, running, tmp_path, monkeypatch)
