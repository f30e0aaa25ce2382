"""What a text says: blank says nothing."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.white_space import WHITE


def bare(text: str | Column) -> Column:
    """`text` without white space and unseen marks at its ends."""
    return F.btrim(text, F.lit(WHITE))


def known_text(text: str | Column) -> Column:
    """`text` without white space around it; NULL where nothing is left."""
    found = bare(text)
    return F.when(found != "", found)
