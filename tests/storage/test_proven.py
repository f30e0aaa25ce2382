"""Of what is proven to hold no NULL, the engine is told so, and nothing else changes."""

from __future__ import annotations

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession

from vitalfew.storage.proven import without_nulls
from vitalfew.suite import TABLES
from vitalfew.tables.result import result

KINDS = {
    "bigint": "7L",
    "int": "7",
    "double": "-0.5D",
    "decimal(28,2)": "cast(1.25 as decimal(28,2))",
    "string": "''",
    "boolean": "true",
    "date": "date'2025-01-02'",
    "timestamp": "timestamp'2025-01-02 03:04:05'",
    "array<string>": "array('a')",
    "map<string,string>": "map('a', 'b')",
}


def test_values_stay_as_they_are_and_so_do_the_nulls_that_may_be(spark: SparkSession) -> None:
    kinds = dict(enumerate(KINDS))
    columns = {f"c{n}": f"{kind} not null comment 'x'" for n, kind in kinds.items()}
    columns |= {f"n{n}": f"{kind} comment 'x'" for n, kind in kinds.items()}
    table = result("kinds", "one row", ("c0",), columns)
    drawn = [f"{value} c{n}, cast(null as {kind}) n{n}" for n, (kind, value) in enumerate(KINDS.items())]
    frame = spark.sql(f"select {', '.join(drawn)}, date'2025-01-02' as_of").select(*table.columns)
    assert_df_equality(without_nulls(frame, table), frame, ignore_nullable=True)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_required_column_is_left_to_be_checked_row_by_row(spark: SparkSession, name: str) -> None:
    table = TABLES[name]
    told = without_nulls(spark.createDataFrame([], table.types), table).schema
    lists = {column.name for column in table.declared if column.type.startswith(("array", "map"))}
    assert {field.name for field in told if field.nullable} <= {*table.columns} - {*table.required} | lists
    assert ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in told) == table.types.replace(
        " not null", ""
    )
