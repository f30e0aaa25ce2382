"""The grid that makes sums of doubles exact, so that neither engine nor partitioning can show in a result.

Multiples of 2^-20 add up without any rounding error as long as the sum stays below 2^33 (2^53 steps): standardised
values of eight thousand million rows. A millionth of a standard deviation is finer than any question asked of them.
"""

from __future__ import annotations

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.arrays import Matrix

STEPS = 1 << 20
FARTHEST = 4096.0
"""Products of two coordinates within this bound are exact too, and so are ties between distances."""


def on_grid(value: Column) -> Column:
    """The multiple of 2^-20 next to `value`; halves go up. `value` is finite."""
    return F.floor(value * F.lit(STEPS) + F.lit(0.5)) / F.lit(STEPS)


def to_grid(values: Matrix) -> Matrix:
    """The same, on the driver."""
    return np.asarray(np.floor(values * STEPS + 0.5) / STEPS, dtype=np.float64)
