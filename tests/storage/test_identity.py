"""A table is known by its id and its version; half of a table is none; what cannot be read says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_jobs import CUTS, DAY, DAYS, LINES, NoParams

from conftest import Frame
from vitalfew import suite
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import TableError
from vitalfew.job import Job
from vitalfew.jobs.contribution.tables import LORENZ
from vitalfew.jobs.rfm.tables import RFM_CUTS
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.storage import changed_rows, delta_log, snapshots
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import facts, sources

OTHERS = LINES.replace("4.00", "9.00")
Go = Callable[..., Outcome]


@pytest.fixture(params=["path", "uri", pytest.param("catalog", marks=pytest.mark.both_engines)])
def storage(request: pytest.FixtureRequest, running: Engine, tmp_path: Path, frame: Frame) -> Any:
    """A target with two order lines: in a folder, in what only the engine can look into, and in a catalog."""
    schema = f"identity_{tmp_path.name[-3:].strip('_')}"
    if request.param == "catalog":
        running.spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}").collect()
    roots = {"path": str(tmp_path), "uri": f"file://{tmp_path}", "catalog": schema}
    storage = Storage(running, Target(root=roots[request.param], engine=running.name))
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
    yield storage
    storage.release()
    if request.param == "catalog":
        running.spark.sql(f"DROP SCHEMA {schema} CASCADE").collect()


@pytest.fixture
def go(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Go:
    monkeypatch.setattr(suite, "JOBS", {job.name: job for job in (DAYS, CUTS)})
    return runs(storage)


def runs(storage: Storage) -> Go:
    """A run of one job, with storage of its own, as another process would have."""

    def run(job: Job, **asked: Any) -> Outcome:
        config = Config("here", storage.target, {job.name: NoParams() for job in (DAYS, CUTS)}, {})
        return Runner(Storage(storage.engine, storage.target), config, DAY, **asked).attempt(job, lenient=False)

    return run


def take_away(storage: Storage, table: Any) -> None:
    at = storage.target.location(table.name)
    if at.is_path:
        shutil.rmtree(at.at.removeprefix("file://"))
    else:
        storage.spark.sql(f"DROP TABLE {at.sql}").collect()


def test_a_source_that_was_dropped_and_made_again_at_the_same_version_has_changed(
    storage: Storage, go: Go, frame: Frame
) -> None:
    assert go(DAYS).state == "published"
    assert go(DAYS).state == "unchanged"
    before = storage.snapshot(sources.ORDER_LINES)
    take_away(storage, sources.ORDER_LINES)
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, OTHERS))
    storage.ids.clear()
    after = storage.snapshot(sources.ORDER_LINES)
    assert before is not None
    assert after is not None
    assert (after.version, after.table_id == before.table_id) == (before.version, False)
    assert go(DAYS).state == "published"
    assert sum(row.amount for row in storage.read(facts.ORDER_DAYS).collect()) == 15


@pytest.mark.parametrize("storage", ["path"], indirect=True)
def test_a_source_that_was_brought_back_and_came_to_the_same_version_by_other_rows_has_changed(
    storage: Storage, go: Go, frame: Frame, tmp_path: Path
) -> None:
    table, folder, backup = sources.ORDER_LINES, tmp_path / "order_lines", tmp_path / "backup"
    shutil.copytree(folder, backup)
    storage.replace(table, frame(table, OTHERS))
    assert go(DAYS).state == "published"
    before = storage.snapshot(table)
    shutil.rmtree(folder)
    shutil.move(backup, folder)
    storage.replace(table, frame(table, LINES.replace("4.00", "1.00")))
    after = storage.snapshot(table)
    assert before is not None
    assert after is not None
    assert (after.version, after.table_id) == (before.version, before.table_id)
    assert go(DAYS).state == "published"
    assert sum(row.amount for row in storage.read(facts.ORDER_DAYS).collect()) == 7
    assert go(DAYS).state == "unchanged"
    storage.replace(table, frame(table, LINES))
    now = storage.snapshot(table)
    assert now is not None
    assert (storage.holds(table, after), storage.holds(table, before)) == (True, False)
    assert changed_rows.between(storage, table, before, now) is None
    assert not changed_rows.is_as_before(storage, table, ["amount"], before, now)


@pytest.mark.parametrize("storage", ["path"], indirect=True)
def test_a_version_of_another_table_is_not_brought_back(storage: Storage, frame: Frame) -> None:
    before = storage.snapshot(sources.ORDER_LINES)
    assert before is not None
    take_away(storage, sources.ORDER_LINES)
    for drawing in (LINES, OTHERS):
        storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, drawing))
    with pytest.raises(TableError, match=r"cannot be brought back to version 1: another table was put there since"):
        storage.restore(sources.ORDER_LINES, before)
    storage.restore(sources.ORDER_LINES, Snapshot(before.version))  # of an earlier version of the suite


def test_what_earlier_versions_kept_in_runs_is_read() -> None:
    kept = {"a": Snapshot(3), "b": None, "c": Snapshot(1, "0-1")}
    assert snapshots.parsed(snapshots.as_text({"d": Snapshot(1, "0-1", "f00")})) == {"d": Snapshot(1, "0-1", "f00")}
    assert snapshots.parsed('{"a": 3, "b": null, "c": {"id": "0-1", "version": 1}}') == kept
    assert snapshots.parsed(snapshots.as_text(kept)) == kept


def test_the_id_is_read_from_a_checkpoint_where_the_first_commit_is_gone(tmp_path: Path) -> None:
    import pyarrow as pa
    from deltalake import DeltaTable, write_deltalake

    for number in range(3):
        write_deltalake(tmp_path, pa.table({"a": [number]}), mode="append")
    table, log = DeltaTable(tmp_path), tmp_path / "_delta_log"
    table.create_checkpoint()
    assert delta_log.table_id(log) == str(table.metadata().id)
    (log / f"{0:020}.json").unlink()
    assert delta_log.table_id(log) == str(table.metadata().id)


@pytest.mark.parametrize("storage", ["path"], indirect=True)
@pytest.mark.parametrize("left", [None, f".{0:020}.json.0af.tmp", f"{0:020}.json.tmp"])
def test_a_folder_whose_log_holds_no_commit_is_no_table_and_becomes_one(
    storage: Storage, go: Go, tmp_path: Path, left: str | None
) -> None:
    go(DAYS)
    for table in (RFM_CUTS, LORENZ, facts.ORDER_DAYS):
        shutil.rmtree(tmp_path / table.name, ignore_errors=True)
        log = tmp_path / table.name / "_delta_log"
        log.mkdir(parents=True)
        if left:
            (log / left).touch()
        assert not storage.exists(table)
        assert storage.snapshot(table) is None
    assert [go(DAYS).state, go(CUTS).state] == ["published", "published"]
    assert [str(row.cut) for row in storage.read(RFM_CUTS).collect()] == ["10.00"]
    assert [go(DAYS).state, go(CUTS).state] == ["unchanged", "unchanged"]


@pytest.mark.both_engines
def test_the_engine_reads_and_writes_where_something_was_left_in_a_log_without_a_commit(
    running: Engine, tmp_path: Path, frame: Frame
) -> None:
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    log = tmp_path / sources.ORDER_LINES.name / "_delta_log"
    log.mkdir(parents=True)
    for left in (f".{0:020}.json.0af.tmp", f"{0:020}.json.tmp"):
        (log / left).touch()
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
    assert storage.read(sources.ORDER_LINES).count() == 2


@pytest.mark.parametrize("storage", ["path"], indirect=True)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_a_commit_that_is_cut_off_is_an_error_that_says_what_to_do(
    storage: Storage, go: Go, tmp_path: Path, share: float
) -> None:
    go(DAYS)
    go(CUTS)
    version = storage.version(RFM_CUTS)
    commit = tmp_path / "rfm_cuts" / "_delta_log" / f"{version:020}.json"
    whole = commit.read_bytes()
    commit.write_bytes(whole[: int(len(whole) * share)])
    for asked in (lambda: storage.exists(RFM_CUTS), lambda: storage.read(RFM_CUTS)):
        with pytest.raises(TableError, match=r"rfm_cuts: its last commit, .*json, is cut off.*Remove this file"):
            asked()
    failed = go(CUTS, force=True)
    assert (failed.state, type(failed.error)) == ("failed", TableError)
    commit.unlink()
    assert go(CUTS, force=True).state == "published"
    assert [str(row.cut) for row in storage.read(RFM_CUTS).collect()] == ["10.00"]
