"""From what was sold at which price to the price of a week, and the usual price of its time."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.prices.series import levels
from vitalfew.dataframes.arrays import Ints
from vitalfew.dataframes.arrow_columns import coded, whole
from vitalfew.dataframes.staging import Stage

DDL = (
    "product_id string, week int, units double, revenue double, lines bigint, cents bigint, is_mixed boolean, "
    "low_lines bigint, low_units double, is_beside boolean, "
    "usual bigint, before bigint, gap int"
)
BESIDE = 20
"""The price of another week is paid beside that of a week if it is that of one purchase in this many."""
MIXED = 4
"""In a mixed week more than one purchase in this many is off its price."""


def prices_of_weeks(
    sold: DataFrame, rows: int, weeks: int, block_weeks: int, tolerance: float, stage: Stage
) -> DataFrame:
    """The columns of DDL, one row for each product and week with a sale; staged.

    `sold`, about `rows` rows: product_id, week (1 to `weeks`), cents (of a unit), lines (purchases at this price),
    units (double), revenue (in cents). cents: the price that half of the purchases do not exceed. is_mixed: more than a
    quarter are off it by more than the share `tolerance`; low_lines, low_units: those that are so below it. is_beside:
    it is not the price of the last week with a sale, which is still paid, and was paid then already. usual: the price
    of the week in the middle of its block, the higher of two, of prices of one kind (see ANOTHER). before: the price of
    the last week with a sale, `gap` weeks ago; NULL in the first.
    """
    work = partial(priced, weeks=weeks, block_weeks=block_weeks, tolerance=tolerance)
    return stage.by_key(sold, "product_id", rows, work, DDL)


def priced(rows: pa.Table, weeks: int, block_weeks: int, tolerance: float) -> pa.Table:
    """The columns of DDL of whole products."""
    ids = coded(whole(rows["product_id"]))
    week, cents, lines = (rows[name].to_numpy().astype(np.int64) for name in ("week", "cents", "lines"))
    units, revenue = (rows[name].to_numpy().astype(float) for name in ("units", "revenue"))
    order = np.lexsort((cents, week, ids.ranks))
    product, week, cents, lines = ids.ranks[order], week[order], cents[order], lines[order]
    group = runs(product, week)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    total = np.add.reduceat(lines, first)
    up_to = np.cumsum(lines) - np.repeat(np.cumsum(total) - total, np.diff(np.append(first, len(group))))
    reached = np.flatnonzero(up_to * 2 >= total[group])
    middle = cents[reached[np.unique(group[reached], return_index=True)[1]]]
    is_off = np.abs(cents - middle[group]) > middle[group] * tolerance
    is_low = is_off & (cents < middle[group])
    off = np.bincount(group, lines * is_off, len(first))
    product, week = product[first], week[first]
    begins = np.diff(product, prepend=-1) != 0
    return pa.table(
        {
            "product_id": ids.text(product),
            "week": pa.array(week.astype(np.int32)),
            "units": np.bincount(group, units[order], len(first)),
            "revenue": np.add.reduceat(revenue[order], first),
            "lines": total,
            "cents": middle,
            "is_mixed": off * MIXED > total,
            "low_lines": np.bincount(group, lines * is_low, len(first)).astype(np.int64),
            "low_units": np.bincount(group, units[order] * is_low, len(first)),
            "is_beside": beside(cents, lines, group, middle, product),
            "usual": usual(levels(product, np.log(middle)), (weeks - week) // block_weeks, middle),
            "before": pa.array(np.roll(middle, 1), mask=begins),
            "gap": pa.array(np.diff(week, prepend=0).astype(np.int32), mask=begins),
        }
    )


def beside(cents: Ints, lines: Ints, group: Ints, middle: Ints, product: Ints) -> np.ndarray:
    """Whether the price of a week and that of the week before are paid in both: who buys changes, not the price.

    `cents` and `lines` of the `group` (a product in a week), of which `middle` is the price and `product` the product.
    """
    step = np.where(np.diff(product, prepend=-1) == 0, np.diff(middle, prepend=0), 0)
    total = np.bincount(group, lines, len(middle))
    before, after = np.roll(middle, 1)[group], np.roll(middle, -1)[group]
    is_old = np.abs(cents - before) * 4 <= np.abs(step)[group]
    is_next = np.abs(cents - after) * 4 <= np.abs(np.roll(step, -1))[group]
    old, coming = (np.bincount(group, lines * each, len(middle)) for each in (is_old, is_next))
    found: np.ndarray = (step != 0) & (old * BESIDE >= total) & (np.roll(coming * BESIDE >= total, 1))
    return found


def runs(*keys: Ints) -> Ints:
    """A number for each run of equal keys, from 0."""
    is_new = np.zeros(len(keys[0]), bool)
    for key in keys:
        is_new |= np.diff(key, prepend=key[:1] - 1) != 0
    return np.cumsum(is_new) - 1


def usual(level: Ints, block: Ints, cents: Ints) -> Ints:
    """The middle of the prices of each block of each product that are of one kind, the higher of two."""
    group = runs(level, block)
    order = np.lexsort((cents, group))
    size = np.bincount(group)
    middle = np.cumsum(size) - size + size // 2
    found: Ints = cents[order][middle][group]
    return found
