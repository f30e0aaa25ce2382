"""Division that knows nothing where there is nothing to divide by."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

DIGITS = 9


def ratio(amount: Column, by: Column) -> Column:
    """amount / by, of the type of that division; NULL where `by` is 0, which is never divided by.

    Not where a filter follows and `by` may be a count of nothing on every row: see `ratio_to_digits`.
    """
    return amount / F.when(by != 0, by)


def ratio_to_digits(amount: Column, by: Column) -> Column:
    """amount / by, a double to nine digits, which a filter may compare; NULL where `by` is 0 or less.

    A power, not a division: Sail estimates how many rows a filter keeps from the ranges of columns, and on one core
    fails where such a division by zero is in its range, guarded or not.
    """
    return F.round(amount.cast("double") * F.pow(F.when(by > 0, by.cast("double")), F.lit(-1.0)), DIGITS)
