"""What kind an event is: `View ` and `view` are one, for every job that reads events."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.known_text import bare
from vitalfew.white_space import trimmed


def kind_of_event() -> Column:
    """`kind` of EVENTS, in lower case and without white space around it."""
    return F.lower(bare("kind"))


def is_kind(kinds: Iterable[str]) -> Column:
    """Whether an event is one of `kinds`, however these are written."""
    return kind_of_event().isin([trimmed(kind).lower() for kind in kinds])
