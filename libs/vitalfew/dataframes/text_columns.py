"""A sentence put together from columns and words: one way for every job that says something in words."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F


def said(*parts: Column | str) -> Column:
    """`parts` one after the other, texts as they are; NULL where a column is."""
    return F.concat(*[F.lit(part) if isinstance(part, str) else part for part in parts])
