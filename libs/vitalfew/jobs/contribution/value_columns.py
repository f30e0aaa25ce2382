"""What is said of a subject by its place in its group: columns of the rows of `distributed_rank.ranked`.

Values are whole cents. A value below zero holds nothing of the value of its group: shares are of the sum of what lies
above zero, so they never pass 1, and the Gini coefficient and the Lorenz curve stay between 0 and 1. All comparisons
are of whole numbers.
"""

from __future__ import annotations

from fractions import Fraction

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.super_customers import is_super


def gain() -> Column:
    """The value, or zero where it is below."""
    return F.greatest(F.col("cents"), F.lit(0))


def share_of(cents: Column) -> Column:
    """`cents` as a share of the positive values of the group; 0 where there are none."""
    return F.when(F.col("positive") > 0, ratio(cents, F.col("positive"))).otherwise(F.lit(0.0))


def is_within(share: Fraction) -> Column:
    """Whether those ranked before hold less than `share`: who crosses it is within."""
    return (F.col("cents") > 0) & (wide("above") * share.denominator < wide("positive") * share.numerator)


def is_top(part: Fraction) -> Column:
    """Whether this is one of the first `part` of the group, rounded up."""
    return (F.col("rank") - 1) * part.denominator < F.col("size") * part.numerator


def is_super_customer(factor: float) -> Column:
    """Whether this is a super customer of its group, or a product of which the same is true."""
    return is_super(F.col("cents"), F.col("total"), F.col("size"), factor)


def wide(column: str) -> Column:
    """A whole number with room for products."""
    return F.col(column).cast("decimal(19,0)")
