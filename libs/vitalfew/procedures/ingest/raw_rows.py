"""The rows of files as they come, before a setting has said what they mean."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.readers import cells, reading

RAW = ("file", "line", "item", "items", "height", "malformed", "content")


def as_text(spark: SparkSession, intake: Intake) -> DataFrame:
    """The rows of files as they come; blank cells are NULL."""
    how, columns = intake.layout, intake.columns
    schema = ", ".join([reading.ROWS, *[f"{name} string" for name in intake.own_cells.values()]])
    shares = reading.shares([file.drop for file in intake.files])
    raw = reading.spread(spark, shares, lambda share: reading.read(share, how, columns), schema)
    return raw.select(
        *[F.col(name).alias(f"__{name}") for name in RAW],
        *[cells.text(F.col(name), intake.source.missing).alias(name) for name in intake.own_cells.values()],
    )
