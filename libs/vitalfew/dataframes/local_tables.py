"""Small tables made on the driver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from pyspark.sql import DataFrame

from vitalfew.dataframes.schemas import schema
from vitalfew.tables import Table

MADE_OF: WeakKeyDictionary[DataFrame, list[dict[str, Any]]] = WeakKeyDictionary()
"""The rows of frames that are still in use."""


def local_table(table: Table, rows: Iterable[Mapping[str, Any]], beside: DataFrame) -> DataFrame:
    """`rows` as a frame of the declared columns of a result, `as_of` left out, in the session of `beside`."""
    columns = [column for column in table.declared if column.name != table.slice]
    ddl = ", ".join(f"{column.name} {column.type}" for column in columns)
    filled = [{column.name: value_for(column.type, row[column.name]) for column in columns} for row in rows]
    made = beside.sparkSession.createDataFrame([tuple(row.values()) for row in filled], schema(ddl))
    MADE_OF[made] = filled
    return made


def local_rows(frame: DataFrame) -> list[dict[str, Any]] | None:
    """The rows of which `local_table` made `frame`; None where it is another."""
    return MADE_OF.get(frame)


def value_for(type_: str, value: Any) -> Any:
    """`value` for a column of this type: Spark takes no scalar of numpy, nor a whole number for a double."""
    plain = value.item() if isinstance(value, np.generic) else value
    return float(plain) if type_ == "double" and isinstance(plain, int) else plain
