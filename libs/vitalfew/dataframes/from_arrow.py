"""The way back from the driver's memory to a frame."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from vitalfew.dataframes.schemas import schema
from vitalfew.dataframes.staging import Stage

MOST_BYTES = 64 * 2**20
"""That go to an engine in one message, which holds 128 MB where it goes over a wire."""


def to_frame(session: SparkSession, table: pa.Table, ddl: str) -> DataFrame:
    """A frame with the rows of `table` and the columns of `ddl`."""
    if hasattr(DataFrame, "toArrow"):
        return session.createDataFrame(table, schema(ddl))
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))  # Spark 3.5
    return session.createDataFrame(rows, schema(ddl))


def large_frame(session: SparkSession, table: pa.Table, ddl: str, stage: Stage) -> DataFrame:
    """As `to_frame`; what is too large for one message is staged part by part."""
    rows = max(1, table.num_rows * MOST_BYTES // max(1, table.nbytes))
    if table.num_rows <= rows:
        return to_frame(session, table, ddl)
    parts = [to_frame(session, table.slice(start, rows), ddl) for start in range(0, table.num_rows, rows)]
    return stage(*parts)
