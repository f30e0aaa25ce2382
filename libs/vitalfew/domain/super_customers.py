"""Who is a super customer: the one definition, for every job that speaks of them."""

from __future__ import annotations

from pydantic import Field
from pyspark.sql import Column

from vitalfew.dataframes.exact_shares import exactly
from vitalfew.params import Params


class SuperParams(Params):
    """What makes a super customer."""

    super_factor: float = Field(
        default=3.0, gt=1, description="Super: worth at least this many times the mean of all others."
    )


def is_super(cents: Column, total: Column, size: Column, factor: float) -> Column:
    """Whether `cents` is above zero and at least `factor` times the mean of all others; never for one alone.

    cents >= factor * (total - cents) / (size - 1), in whole numbers and without division. `total` is the sum of all
    `size` members, negative ones too.
    """
    share = exactly(factor)
    needed = wide(cents) * ((size - 1) * share.denominator + share.numerator)
    return (cents > 0) & (size > 1) & (needed >= wide(total) * share.numerator)


def wide(cents: Column) -> Column:
    """A whole number with room for products."""
    return cents.cast("decimal(19,0)")
