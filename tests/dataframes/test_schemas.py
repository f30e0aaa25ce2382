"""A schema of ours is the one that the engine would make of the same words."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from vitalfew.dataframes.schemas import of_arrow, schema
from vitalfew.suite import TABLES

NESTED = "a array<struct<day: date, n: decimal(18,3)>>, b map<string,array<int>>, `c d` string, e timestamp_ntz"


@pytest.mark.both_engines
def test_every_table_has_the_schema_that_the_engine_makes_of_its_columns(spark: SparkSession) -> None:
    several = ", ".join(
        f"{name}_{column} {text}" for name, table in TABLES.items() for column, text in table.columns.items()
    )
    for ddl in (several, NESTED, "a bigint not null comment 'One, or (two).'"):
        asked = spark.createDataFrame([], ddl).schema
        for ours, theirs in zip(schema(ddl), asked, strict=True):
            assert (ours.name, ours.dataType, ours.nullable) == (theirs.name, theirs.dataType, theirs.nullable)
    assert schema("a bigint not null comment 'One, or (two).'")[0].metadata == {"comment": "One, or (two)."}


@pytest.mark.parametrize("wrong", ["a", "a number", "a array<", "a map<string>,", "a decimal(18)"])
def test_what_no_table_is_declared_with_is_refused(wrong: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        schema(wrong)


def test_files_of_the_embedded_engine_have_the_schema_of_the_frame(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.sql(
        "select id, cast(id as string) s, timestamp'2025-01-01 10:00:00' t, date'2025-01-01' d, 1.50 m, array('a') l, "
        "map('a', 'b') o, struct(1 as a, 'x' as b) r, cast(null as int) i, unhex('ff') b from range(3)"
    )
    frame.write.parquet(str(tmp_path / "of"))
    again = spark.read.parquet(str(tmp_path / "of"))  # texts of a file are handed on as views
    again.write.parquet(str(tmp_path / "again"))
    for folder in ("of", "again"):
        read = of_arrow(pq.read_schema(next((tmp_path / folder).glob("*.parquet"))))
        assert [(f.name, f.dataType.simpleString()) for f in read] == [
            (f.name, f.dataType.simpleString()) for f in frame.schema
        ]


def test_texts_that_only_point_to_their_characters_are_texts() -> None:
    view = pa.schema([("a", pa.string_view()), ("b", pa.list_(pa.string_view())), ("c", pa.binary_view())])
    assert [f.dataType.simpleString() for f in of_arrow(view)] == ["string", "array<string>", "binary"]
