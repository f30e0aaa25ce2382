"""`show --min-group` prints no group of few people, nor one that gives it away, whatever else is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import Hostile
from pyspark.sql import functions as F

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.affinity.tables import AFFINITY
from vitalfew.jobs.rfm.tables import RFM_SEGMENTS
from vitalfew.jobs.timing.tables import TIMING_GRID
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table

SIZES = {"champions": 40, "loyal": 9, "lost": 3, "new": 25}


EMPTY = {"decimal": "0.00", "double": "0.5", "map<string,string>": "map('a', 'b')", "string": "'x'", "bigint": "0"}


def laid(storage: Storage, table: Table, rows: str, **known: str) -> None:
    """A table with the columns that a query gives, constants as `known`, and anything in the others."""
    given = storage.spark.sql(rows)
    columns = []
    for column in table.declared:
        kind = next((kind for kind in EMPTY if column.type.startswith(kind)), "")
        text = column.name if column.name in given.columns else known.get(column.name, EMPTY.get(kind, "null"))
        columns.append(F.expr(text).cast(column.type).alias(column.name))
    storage.replace(table, given.select(*columns))


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    groups = ", ".join(f"('{segment}', {customers})" for segment, customers in SIZES.items())
    day = {"as_of": "date'2025-02-01'"}
    laid(storage, RFM_SEGMENTS, f"select * from values {groups} as t(segment, customers)", action="'do it'", **day)
    hours = "(1, 90, 61), (2, 80, 62), (3, 3, 63), (4, 70, 64), (5, 2, 65), (6, 9, 66), (7, 30, 67)"
    grid = (
        f"select 'all' dimension, 'all' member, t.*, orders hours from values {hours} as t(weekday, customers, orders)"
    )
    laid(storage, TIMING_GRID, grid, hour="null", **day)
    pairs = "('complement', 'jam', 4, 90, 90), ('complement', 'tea', 9, 90, 90), ('substitute', 'pot', 1, 90, 80)"
    query = f"select t.* from values {pairs} as t(relation, other, n, n_item, n_other)"
    laid(storage, AFFINITY, query, item="'cup'", phi="if(relation = 'complement', 0.5, -0.5)", **day)
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


def test_hours_without_a_clock_and_pairs_of_few_baskets_are_hidden_too(shop: Hostile) -> None:
    grid = shop.run("show", "timing_grid", "--min-group")
    assert "2 of 7 groups are hidden" in grid.text
    assert [n for n in range(61, 68) if f" {n} " in grid.text] == [61, 62, 64, 66, 67]
    pairs = shop.run("show", "affinity", "--min-group")
    assert "1 of 3 rows are hidden, as few baskets" in pairs.text
    assert [name for name in ("jam", "pot", "tea") if name in pairs.text] == ["pot", "tea"]


def test_of_a_table_of_persons_it_is_said_that_it_cannot_be(shop: Hostile) -> None:
    assert "--min-group is for tables that count people, and rfm is none" in shop.refused(
        2, "show", "rfm", "--min-group"
    )
