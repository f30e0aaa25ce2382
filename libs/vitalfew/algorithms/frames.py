"""The way back from the driver's memory to a frame."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession


def to_frame(session: SparkSession, table: pa.Table, ddl: str) -> DataFrame:
    """A frame with the rows of `table` and the columns of `ddl`."""
    if hasattr(DataFrame, "toArrow"):
        return session.createDataFrame(table, ddl)
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))  # Spark 3.5
    return session.createDataFrame(rows, ddl)
