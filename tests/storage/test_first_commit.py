"""A table that we make ourselves is the table that the engine would have made."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from vitalfew.config.target import Target
from vitalfew.dataframes.schemas import schema
from vitalfew.engines.engine import Engine
from vitalfew.errors import TableError
from vitalfew.storage import first_commit
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables.facts import ORDERS


def said(folder: Path) -> dict[str, Any]:
    """The actions of the first commit."""
    lines = (folder / "_delta_log" / f"{0:020}.json").read_text(encoding="utf-8").splitlines()
    return {name: action for line in lines for name, action in json.loads(line).items()}


@pytest.mark.both_engines
def test_it_says_what_the_engine_says(running: Engine, tmp_path: Path) -> None:
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    assert storage.create(ORDERS, "_month")
    assert not storage.create(ORDERS, "_month"), "it is there"
    ours = said(tmp_path / "orders")
    theirs_at = tmp_path / "theirs"
    frame = running.spark.createDataFrame([], schema(f"{ORDERS.ddl}, _month string comment 'm'"))
    if running.name == "sail":
        frame.write.format("delta").partitionBy("_month").save(str(theirs_at))
    else:
        running.spark.sql(
            f"CREATE TABLE delta.`{theirs_at}` ({ORDERS.ddl}, _month string) USING delta PARTITIONED BY (_month)"
        )
    theirs = said(theirs_at)
    assert ours["protocol"] == theirs["protocol"]
    assert ours["metaData"]["partitionColumns"] == theirs["metaData"]["partitionColumns"] == ["_month"]
    assert ours["metaData"]["configuration"] == theirs["metaData"]["configuration"]
    columns = [json.loads(made["metaData"]["schemaString"])["fields"] for made in (ours, theirs)]
    for mine, other in zip(*columns, strict=True):
        assert (mine["name"], mine["nullable"]) == (other["name"], other["nullable"])
        assert kept(mine["type"]) == kept(other["type"])
    assert ours["metaData"]["description"] == ORDERS.row
    has_comments = running.name != "sail"
    assert columns[0][0]["metadata"] == ({"comment": ORDERS.declared[0].comment} if has_comments else {})
    assert storage.read(ORDERS).count() == 0


def kept(type_: Any) -> Any:
    """A type without what an engine knows of the elements of a list, which no reader of ours asks for."""
    return (
        {name: kept(value) for name, value in type_.items() if "ontains" not in name}
        if isinstance(type_, dict)
        else type_
    )


def test_of_two_processes_one_makes_the_table(tmp_path: Path) -> None:
    columns = schema("a bigint")
    assert first_commit.write(tmp_path, columns, "one thing", {}, [])
    first = said(tmp_path)
    assert not first_commit.write(tmp_path, columns, "another thing", {}, [])
    assert said(tmp_path) == first
    assert [path.name for path in (tmp_path / "_delta_log").iterdir()] == [f"{0:020}.json"], "no draft is left"


def test_a_file_system_without_links_gets_the_file_in_one_step_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    assert first_commit.write(tmp_path, schema("a bigint"), "one thing", {}, [])
    assert not first_commit.write(tmp_path, schema("a bigint"), "one thing", {}, [])
    assert said(tmp_path)["metaData"]["description"] == "one thing"


def test_a_place_that_cannot_be_written_is_named(running: Engine, tmp_path: Path) -> None:
    (tmp_path / "rfm").write_text("in the way")
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    with pytest.raises(TableError, match=r"rfm could not be written at .*: (Not a directory|File exists)"):
        storage.create(TABLES["rfm"])
