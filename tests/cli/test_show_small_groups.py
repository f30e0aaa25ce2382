"""`show --min-group` prints no group of few people, nor one that gives it away, whatever else is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import Hostile
from pyspark.sql import functions as F

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM_SEGMENTS
from vitalfew.storage.delta import Storage

SIZES = {"champions": 40, "loyal": 9, "lost": 3, "new": 25}


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    given = running.spark.createDataFrame(list(SIZES.items()), "segment string, customers bigint")
    known = {"as_of": "date'2025-02-01'", "segment": "segment", "customers": "customers", "action": "'do it'"}
    empty = {"decimal": "0.00", "double": "0.5", "map<string,string>": "map('a', 'b')", "string": "'x'", "bigint": "0"}
    columns = []
    for column in RFM_SEGMENTS.declared:
        kind = next((kind for kind in empty if column.type.startswith(kind)), "")
        columns.append(F.expr(known.get(column.name, empty.get(kind, "null"))).cast(column.type).alias(column.name))
    storage.replace(RFM_SEGMENTS, given.select(*columns))
    return Hostile(tmp_path, running, monkeypatch)


def test_small_groups_are_hidden_with_one_that_gives_them_away(shop: Hostile) -> None:
    whole = shop.run("show", "rfm_segments")
    assert all(segment in whole.text for segment in SIZES), whole.text
    said = shop.run("show", "rfm_segments", "--min-group")
    assert said.code == 0, said.text
    assert "2 of 4 groups are hidden" in said.text
    assert [segment for segment in SIZES if segment in said.text] == ["champions", "new"]
    asked = shop.run("show", "rfm_segments", "--min-group", "5", "--where", "segment = 'lost'")
    assert "lost" not in asked.text
    assert "hidden" not in shop.run("show", "rfm_segments", "--min-group", "2").text


def test_of_a_table_of_persons_it_is_said_that_it_cannot_be(shop: Hostile) -> None:
    assert "--min-group is for tables that count people, and rfm is none" in shop.refused(
        2, "show", "rfm", "--min-group"
    )
