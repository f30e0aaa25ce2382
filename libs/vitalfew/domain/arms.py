"""The arms into which chance put customers."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.known_text import bare

CONTROL = "control"


def is_control(column: str) -> Column:
    """Whether an arm gets nothing, so that nothing reached the customer."""
    return F.lower(bare(column)).isin(CONTROL, "holdout")
