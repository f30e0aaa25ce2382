"""The declarations are sound, and every engine understands them."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.table import parse

WHOLE_DAYS = {("timing_grid", "hour"), ("timing_peaks", "from_hour")}  # NULL where orders have no times


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_a_declared_table_is_sound(table: Table) -> None:
    nullable = {(table.name, name) for name in set(table.key) - set(table.required)}
    assert nullable == {one for one in WHOLE_DAYS if one[0] == table.name}, "a key is never null"
    assert not nullable or table.kind == "result", "rows are merged by a key, and NULL equals nothing"
    assert len({name.lower() for name in table.columns}) == len(table.columns), "Spark does not see the case of names"
    assert (table.slice is None) == (table.kind != "result")


@pytest.mark.both_engines
def test_the_engine_reads_every_declaration(spark: SparkSession) -> None:
    for table in TABLES.values():
        schema = spark.createDataFrame([], table.ddl).schema
        assert [(f.name, f.nullable) for f in schema] == [(c.name, not c.required) for c in table.declared]
        assert [f.dataType.simpleString() for f in schema] == [c.type for c in table.declared]


def test_every_invariant_is_an_expression_over_the_columns(spark: SparkSession) -> None:
    for table in TABLES.values():
        frame = spark.createDataFrame([], table.ddl)
        assert frame.selectExpr(*[f"({rule}) as r{i}" for i, rule in enumerate(table.always)]).columns is not None


def test_a_column_without_a_comment_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="column x: 'bigint' is not"):
        parse("x", "bigint")
