"""A table in slices of time: a day is written without the files of other slices, whatever its rows come from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.storage import time_slices
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import Table

VISITS = Table(
    name="orders",
    row="one visit",
    key=("visit_id",),
    kind="fact",
    apart_by="day",
    columns={
        "visit_id": "string not null comment 'The visit.'",
        "day": "date not null comment 'Its day.'",
        "things": "array<string> not null comment 'What was looked at.'",
        "prices": "array<decimal(18,2)> comment 'At what price.'",
    },
)
HEAD = "visit_id | day | things | prices\n"
START = (
    HEAD
    + """
    a | 2024-11-30 | [tea, cup] | [1.00, 2.00]
    b | 2024-12-01 | [tea]      | ~
    c | 2024-12-31 | []         | []
    d | 2025-01-01 | [pot]      | [3.00]
"""
)


@pytest.fixture
def storage(running: Engine, tmp_path: Path) -> Iterator[Storage]:
    made = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    yield made
    made.release()


def rows(storage: Storage, version: int | None = None) -> dict[str, tuple[str, int]]:
    found = storage.read(VISITS, version)
    assert found.columns == list(VISITS.columns), "the column of the slices is not ours"
    return {row["visit_id"]: (str(row["day"]), len(row["things"])) for row in found.collect()}


def files(storage: Storage) -> set[str]:
    """Names of the data files that the newest version consists of."""
    there: set[str] = set()
    log = Path(storage.target.location(VISITS.name).at) / "_delta_log"
    for commit in sorted(log.glob("*.json")):
        for line in commit.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "add" in action:
                there.add(action["add"]["path"])
            if "remove" in action:
                there.discard(action["remove"]["path"])
    return there


def of(slice_: str, found: set[str]) -> set[str]:
    return {name for name in found if f"={slice_}/" in name}


def from_a_function(frame: DataFrame) -> DataFrame:
    """`frame`, whose lists an Arrow function has made: they have another inner name than those of a file."""
    item = pa.list_(pa.field("item", pa.string(), nullable=False))

    def again(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = [
                c.cast(item) if name == "things" else c
                for name, c in zip(batch.schema.names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)

    return frame.mapInArrow(again, VISITS.types)


@pytest.mark.both_engines
def test_a_day_is_written_with_its_slice_and_no_other(
    storage: Storage, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_slices, "ROWS_OF_MONTH", 1)
    storage.replace(VISITS, frame(VISITS, START))
    first, version = files(storage), storage.version(VISITS)
    assert {len(of(month, first)) for month in ("2024-11", "2024-12", "2025-01")} == {1}

    day = from_a_function(frame(VISITS, HEAD + "e | 2024-12-31 | [mug, tea, cup] | ~"))
    storage.replace_days(VISITS, day, "day", [date(2024, 12, 31)])
    assert rows(storage) == {
        "a": ("2024-11-30", 2), "b": ("2024-12-01", 1), "d": ("2025-01-01", 1), "e": ("2024-12-31", 3),
    }  # fmt: skip
    for month in ("2024-11", "2025-01"):
        assert of(month, files(storage)) == of(month, first), "what did not change is not written"
    assert len(of("2024-12", files(storage))) == 1, "and a slice stays in one file, however often it is written"
    assert rows(storage, version)["c"] == ("2024-12-31", 0)

    storage.replace_days(VISITS, storage.empty(VISITS), "day", [date(2025, 1, 1), date(2026, 5, 5)])
    assert set(rows(storage)) == {"a", "b", "e"}
    storage.restore(VISITS, Snapshot(version or 0))
    assert set(rows(storage)) == set("abcd")


@pytest.mark.both_engines
def test_a_table_without_slices_gets_them_once_and_the_user_is_told(
    storage: Storage, frame: Frame, tmp_path: Path
) -> None:
    frame(VISITS, START).write.format("delta").save(str(tmp_path / VISITS.name))
    day = frame(VISITS, HEAD + "c | 2024-12-31 | [mug] | ~")
    for _ in range(2):
        storage.replace_days(VISITS, day, "day", [date(2024, 12, 31)])
        assert rows(storage)["c"] == ("2024-12-31", 1)
        assert set(rows(storage)) == set("abcd")
    assert storage.notes == ["orders was written anew, once: it is kept in slices of time now"]
    assert len(of("2024", files(storage))) == 1, "few rows are kept by years"
    assert rows(storage, 0)["c"] == ("2024-12-31", 0), "what was published before can still be read"


def test_a_table_that_grew_is_sliced_by_months_when_all_of_it_is_written(
    storage: Storage, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.replace(VISITS, frame(VISITS, START))
    assert of("2024", files(storage))
    monkeypatch.setattr(time_slices, "ROWS_OF_MONTH", 1)
    storage.replace(VISITS, frame(VISITS, START))
    assert not of("2024", files(storage))
    assert of("2024-12", files(storage))
    assert set(rows(storage)) == set("abcd")


def test_versions_before_a_checkpoint_are_read_from_their_files(storage: Storage, frame: Frame) -> None:
    storage.replace(VISITS, frame(VISITS, START))
    seen = {}
    for number in range(13):
        day = frame(VISITS, HEAD + f"n{number} | 2024-12-31 | [mug] | ~")
        storage.replace_days(VISITS, day, "day", [date(2024, 12, 31)])
        seen[storage.version(VISITS)] = set(rows(storage))
    assert {version: set(rows(storage, version)) for version in seen} == seen
