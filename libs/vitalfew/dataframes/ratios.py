"""Division that knows nothing where there is nothing to divide by."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F


def ratio(amount: Column, by: Column) -> Column:
    """amount / by, of the type of that division; NULL where `by` is 0, which is never divided by."""
    return amount / F.when(by != 0, by)
