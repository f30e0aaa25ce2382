"""Small tables made on the driver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import DataFrame

from vitalfew.dataframes.schemas import schema
from vitalfew.tables import Table


def local_table(table: Table, rows: Iterable[Mapping[str, Any]], beside: DataFrame) -> DataFrame:
    """`rows` as a frame of the declared columns of a result, `as_of` left out, in the session of `beside`."""
    columns = [column for column in table.declared if column.name != table.slice]
    ddl = ", ".join(f"{column.name} {column.type}" for column in columns)
    filled = [tuple(value_for(column.type, row[column.name]) for column in columns) for row in rows]
    return beside.sparkSession.createDataFrame(filled, schema(ddl))


def value_for(type_: str, value: Any) -> Any:
    """`value` for a column of this type: Spark, unlike other engines, puts no whole number into a double."""
    return float(value) if type_ == "double" and isinstance(value, int) else value
