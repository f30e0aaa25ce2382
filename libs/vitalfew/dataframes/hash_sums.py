"""Sums of hashes: a number that changes when any row of a group does, whatever their order."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

HALF = 32


def hash_sum(column: str) -> Column:
    """The sum of a column of 64-bit hashes, as decimal(38,0), exact.

    As two sums of half a hash each: sums of decimals are several times slower on Spark.
    """
    high = F.sum(F.shiftright(column, HALF)).cast("decimal(20,0)")
    low = F.sum(F.col(column).bitwiseAND(F.lit(2**HALF - 1))).cast("decimal(20,0)")
    return (high * F.lit(2**HALF).cast("decimal(10,0)") + low).cast("decimal(38,0)")
