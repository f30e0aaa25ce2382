"""Days of the week."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The codes of the days among the messages `weekdays`, in ISO order."""


def weekday_of(time: str) -> Column:
    """ISO day of the week: 1 is Monday."""
    return (F.pmod(F.dayofweek(time) + F.lit(5), F.lit(7)) + 1).cast("int")
