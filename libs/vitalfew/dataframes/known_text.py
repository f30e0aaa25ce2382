"""What a text says: blank says nothing."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.white_space import WHITE


def known_text(text: Column) -> Column:
    """`text` without white space around it; NULL where nothing is left."""
    bare = F.btrim(text, F.lit(WHITE))
    return F.when(bare != "", bare)
