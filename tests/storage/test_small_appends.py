"""Rows that we add to tables ourselves: every reader sees them, no writer loses any, and odd tables are left."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import TableError
from vitalfew.storage import small_appends
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import RUNS

NOTES = Table(
    name="runs",
    row="one note",
    key=("word",),
    kind="log",
    columns={
        "word": "string not null comment 'The word.'",
        "day": "date comment 'The day.'",
        "at": "timestamp comment 'When, UTC.'",
        "n": "bigint comment 'How often.'",
        "money": "decimal(28,2) comment 'Money.'",
    },
)
FULL = {
    "word": "tea", "day": date(2025, 1, 31), "at": datetime.fromisoformat("2025-01-31 23:59:59.123456"), "n": 3, "money": Decimal("1.50"),
}  # fmt: skip


def storage_at(running: Engine, root: Path) -> Storage:
    return Storage(running, Target.model_validate({"root": str(root), "engine": running.name}))


def commits(root: Path) -> list[str]:
    """Who wrote each commit."""
    files = sorted((root / "runs" / "_delta_log").glob("*.json"))
    lines = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return [line["commitInfo"]["engineInfo"].split("/")[0].split("-")[0] for line in lines if "commitInfo" in line]


@pytest.mark.both_engines
def test_the_engine_reads_what_was_added_and_writes_each_tenth_commit_itself(running: Engine, tmp_path: Path) -> None:
    storage = storage_at(running, tmp_path)
    for n in range(12):
        storage.append_rows(NOTES, [{**FULL, "word": f"w{n:02}"}, {"word": f"v{n:02}"}])
    found = (
        storage.read(NOTES)
        .selectExpr("word", "day", "unix_micros(at) % 1000000 as at", "n", "money")
        .orderBy("word")
        .collect()
    )
    assert [row["word"] for row in found] == [f"{letter}{n:02}" for letter in "vw" for n in range(12)]
    assert {tuple(row)[1:] for row in found} == {
        (None, None, None, None), (date(2025, 1, 31), 123456, 3, Decimal("1.50")),
    }  # fmt: skip
    theirs = [number for number, writer in enumerate(commits(tmp_path)) if writer != "vitalfew"]
    assert theirs == [10]
    assert (tmp_path / "runs" / "_delta_log" / f"{10:020}.checkpoint.parquet").exists()
    assert storage.snapshot(NOTES) is not None
    assert storage.version(NOTES) == 12


RESULTS = Table(
    name="runs",
    row="one customer at a day",
    key=("as_of", "word"),
    kind="result",
    slice="as_of",
    columns={
        "as_of": "date not null comment 'The day.'",
        "word": "string not null comment 'The word.'",
        "is_it": "boolean not null comment 'Whether.'",
        "little": "int comment 'A little.'",
        "share": "double comment 'A share.'",
        "money": "decimal(18,2) comment 'Money.'",
        "wide": "decimal(38,8) comment 'Much money.'",
        "at": "timestamp comment 'When.'",
        "words": "array<string> comment 'Words.'",
        "numbers": "map<string,double> comment 'Numbers.'",
        "texts": "map<string,string> comment 'Texts.'",
    },
)
MANY_KINDS = """
    select date'2025-01-31' as as_of, w as word, w <> 'tea' as is_it, cast(n as int) as little,
        if(n = 1, double('nan'), n / 3D) as share, cast(n * 1.25 as decimal(18,2)) as money,
        cast(-123456789012345678901234567890.12345678 as decimal(38,8)) as wide,
        cast(if(n = 1, '9999-12-31 23:59:59.999999', '0001-01-01 00:00:00') as timestamp) as at,
        if(n = 1, array('a', null, ''), null) as words, map('x', n / 4D, 'y', cast(null as double)) as numbers,
        if(n = 1, map('reason', 'Zoë, \u2019til 90 %'), cast(null as map<string,string>)) as texts
    from values ('tea', 1), ('cup', 2), ('pot', cast(null as int)) as known(w, n)
"""


@pytest.mark.both_engines
def test_results_are_added_without_the_engine_and_read_as_they_were(running: Engine, tmp_path: Path) -> None:
    storage = storage_at(running, tmp_path)
    held = storage.stage(running.spark.sql(MANY_KINDS).select(*RESULTS.columns))
    wanted = {repr(row) for row in held.selectExpr("*", "cast(at as string) as t").drop("at").collect()}
    storage.replace(RESULTS, held, "as_of = DATE'2025-01-31'", is_proven=True)
    assert commits(tmp_path) == ["vitalfew", "vitalfew"]
    read = storage.read(RESULTS).selectExpr("*", "cast(at as string) as t").drop("at")
    assert {repr(row) for row in read.collect()} == wanted
    assert read.where("as_of > '2025-01-31' or little > 2 or is_it is null").count() == 0, "by what the commit says"
    assert read.where("as_of = '2025-01-31' and little >= 2").count() == 1
    storage.replace(RESULTS, held.where("word = 'tea'"), "as_of = DATE'2025-01-31'")
    assert [row["word"] for row in storage.read(RESULTS).collect()] == ["tea"], "the engine replaces what was added"
    storage.release()


def test_a_null_where_none_may_be_is_left_to_the_engine_which_refuses_it(running: Engine, tmp_path: Path) -> None:
    storage = storage_at(running, tmp_path)
    held = storage.stage(running.spark.sql(MANY_KINDS).selectExpr("nullif(word, 'tea') as word", "as_of as day"))
    rows = held.selectExpr("word", "day", "cast(null as timestamp) at", "1L n", "cast(null as decimal(28,2)) money")
    with pytest.raises(TableError):
        storage.merge(NOTES, storage.stage(rows))
    assert storage.read(NOTES).count() == 0
    storage.release()


def test_no_rows_are_no_commit(running: Engine, tmp_path: Path) -> None:
    storage = storage_at(running, tmp_path)
    storage.replace(RESULTS, storage.stage(storage.empty(RESULTS)), "as_of = DATE'2025-01-31'", is_proven=True)
    assert commits(tmp_path) == ["vitalfew"]
    assert storage.read(RESULTS).count() == 0
    storage.release()


def test_writers_side_by_side_lose_no_row(running: Engine, tmp_path: Path) -> None:
    storage = storage_at(running, tmp_path)
    storage.create(NOTES)

    def add(writer: int) -> int:
        return sum(
            small_appends.append(tmp_path / "runs", NOTES, [{"word": f"{writer} {n}"}]) for n in range(2)
        )  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        added = sum(pool.map(add, range(4)))
    table = DeltaTable(tmp_path / "runs")
    assert table.to_pyarrow_table().num_rows == added == table.version() == 8
    assert len(list((tmp_path / "runs").glob("*.parquet"))) == added, "no file is left that no commit names"


@pytest.mark.parametrize(
    "other",
    [
        {"columns": {"word": "string comment 'The word.'"}},
        {"columns": {**NOTES.columns, "more": "int comment 'More.'"}},
        {"is_restricted": True},
    ],
    ids=["fewer columns", "more columns", "properties"],
)
def test_another_table_than_is_declared_is_left_to_the_engine(
    running: Engine, tmp_path: Path, other: dict[str, Any]
) -> None:
    storage_at(running, tmp_path).create(replace(NOTES, **other))
    assert not small_appends.append(tmp_path / "runs", NOTES, [FULL])
    assert list((tmp_path / "runs").glob("*.parquet")) == []


def test_features_that_a_writer_must_know_are_left_to_the_engine(running: Engine, tmp_path: Path) -> None:
    storage = storage_at(running, tmp_path)
    storage.append_rows(NOTES, [FULL])
    DeltaTable(tmp_path / "runs").alter.set_table_properties({"delta.enableChangeDataFeed": "true"})
    assert not small_appends.append(tmp_path / "runs", NOTES, [FULL])


def test_what_a_table_is_is_read_from_its_checkpoint_once_its_first_commits_are_gone(
    running: Engine, tmp_path: Path
) -> None:
    storage = storage_at(running, tmp_path)
    for n in range(11):
        storage.append_rows(RUNS, [run(n)])
    log = tmp_path / "runs" / "_delta_log"
    for number in range(10):
        (log / f"{number:020}.json").unlink()
    assert small_appends.append(tmp_path / "runs", RUNS, [run(11)])
    assert DeltaTable(tmp_path / "runs").to_pyarrow_table().num_rows == 12


def run(number: int) -> dict[str, Any]:
    """A row of `runs`."""
    filled = {c.name: 0.5 if c.type == "double" else "x" for c in RUNS.declared if c.required}
    return {**filled, "run_id": str(number), "outcome": "STARTED", "started_at": datetime.fromisoformat("2025-01-31")}


def test_a_disk_that_is_full_leaves_no_file_and_is_named(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = storage_at(running, tmp_path)
    storage.append_rows(NOTES, [FULL])
    before = sorted(path.name for path in (tmp_path / "runs").rglob("*"))

    def full(_: object, where: Path) -> None:
        Path(where).write_bytes(b"PAR1")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(TableError, match=r"runs could not be written at .*: No space left on device"):
        storage.append_rows(NOTES, [FULL])
    assert sorted(path.name for path in (tmp_path / "runs").rglob("*")) == before
