"""What a log said is remembered only as long as its files are the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from vitalfew.errors import TableError
from vitalfew.storage import delta_log


def commit(log: Path, version: int, *actions: dict[str, object]) -> Path:
    log.mkdir(parents=True, exist_ok=True)
    path = log / f"{version:020}.json"
    path.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
    return path


def test_another_table_at_the_same_place_has_its_own_id(tmp_path: Path) -> None:
    log = tmp_path / "_delta_log"
    for name in ("one", "two"):
        commit(log, 0, {"metaData": {"id": name}})
        assert [delta_log.table_id(log) for _ in range(2)] == [name, name]
        shutil.rmtree(log)
    assert delta_log.newest_commit(log) is None


def test_a_commit_that_is_cut_off_later_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "_delta_log"
    path = commit(log, 3, {"commitInfo": {}}, {"add": {"path": "a", "dataChange": False}})
    assert delta_log.whole_version(log, "orders") == 3
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    with pytest.raises(TableError, match=r"orders: its last commit, .* is cut off"):
        delta_log.whole_version(log, "orders")


def test_a_commit_that_changes_rows_in_place_of_one_that_did_not_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "_delta_log"
    commit(log, 0, {"add": {"path": "a"}})
    for data_change, since in ((False, 0), (True, 1)):
        commit(log, 1, {"add": {"path": "b", "dataChange": data_change}})
        assert delta_log.rows_since(log, 1) == since
