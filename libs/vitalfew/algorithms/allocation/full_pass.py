"""One look at all options at some prices: one aggregation on the engine, exact to the last digit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.allocation.columns import FOLLOWS, REDUCED, Limit, best_of_each, reduced_by
from vitalfew.algorithms.allocation.dual import Point
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.collect import collect_rows

FINE = 1000
"""Reduced worths are rounded up to a thousandth of a unit: whole numbers have the same sum in every order."""


def looked_at(options: DataFrame, limits: Sequence[Limit], prices: Floats) -> Point:
    """The dual of all options at `prices`; its bound is rounded up."""
    worth = options.where(~F.col(FOLLOWS)).withColumn(REDUCED, reduced_by(prices, limits))
    chosen = best_of_each(worth.where(F.col(REDUCED) > 0))
    sums = [F.sum(F.col(limit.use).cast("decimal(20,0)")).alias(limit.use) for limit in limits]
    worths = F.sum(F.ceil(F.col(REDUCED) * F.lit(float(FINE))).cast("decimal(20,0)")).alias(REDUCED)
    row = collect_rows(chosen.agg(worths, *sums), "the sums of an allocation")[0]
    used = np.array([float(row[limit.use] or 0) for limit in limits])
    capacities = np.array([float(limit.capacity) for limit in limits])
    return Point(prices, float(prices @ capacities) + float(row[REDUCED] or 0) / FINE, used)
