"""The one way from a distributed frame to the driver's memory: with a cap, and an error that says so."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, Row

from vitalfew.errors import AnalysisError

MOST_ROWS = 2_000_000


def collect_rows(frame: DataFrame, what: str, at_most: int = MOST_ROWS) -> list[Row]:
    """All rows of `frame`; AnalysisError, naming `what`, if there are more than `at_most`."""
    found = frame.limit(at_most + 1).collect()
    refuse(len(found), what, at_most)
    return found


def collect_table(frame: DataFrame, what: str, at_most: int = MOST_ROWS) -> pa.Table:
    """All rows of `frame` as an Arrow table; AnalysisError, naming `what`, if there are more than `at_most`."""
    limited = frame.limit(at_most + 1)
    if hasattr(limited, "toArrow"):
        found: pa.Table = limited.toArrow()
    else:  # Spark 3.5
        found = pa.Table.from_pandas(limited.toPandas(), preserve_index=False)
    refuse(found.num_rows, what, at_most)
    return found


def refuse(found: int, what: str, at_most: int) -> None:
    if found > at_most:
        raise AnalysisError(
            f"{what}: more than {at_most:,} rows would have to fit into the driver's memory. "
            "Narrow the question (a window, a higher threshold, a coarser level)."
        )
