"""How often customers buy again what they bought, as sums by item, on Arrow tables with whole customers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.sequences.histories import changes
from vitalfew.algorithms.sequences.patterns import EPOCH
from vitalfew.dataframes.arrays import Ints
from vitalfew.dataframes.arrow_columns import coded, whole
from vitalfew.dataframes.staging import Stage

SUMS = (
    "buyers",
    "purchases",
    "of_category",
    "repeaters",
    "followed",
    "stays",
    "streaks",
    "longest",
    "squares",
    "products",
    "needs",
)
SCHEMA = ", ".join(["category string", "item string", *(f"{name} bigint" for name in SUMS)])
"""Sums over buyers, but for `longest`, the most; without an item, buyers and purchases of the category."""


def bought_again(days: DataFrame, events: int, stage: Stage) -> DataFrame:
    """Rows of SCHEMA, each category and item once.

    `days` has owner, day, category and item; it has about so many `events`.
    """
    numbered = days.withColumn("day", F.datediff("day", F.lit(EPOCH)))
    parts = stage.by_key(numbered, "owner", events, counted, SCHEMA)
    sums = [(F.max if name == "longest" else F.sum)(name).alias(name) for name in SUMS]
    return parts.groupBy("category", "item").agg(*sums)


def counted(events: pa.Table) -> pa.Table:
    """Rows of SCHEMA of all events of some customers: columns owner, day (int), category and item; they may repeat."""
    owners, categories, items = (coded(whole(events[name])) for name in ("owner", "category", "item"))
    columns = np.stack([owners.ranks, categories.ranks, events["day"].to_numpy().astype(np.int64), items.ranks])
    columns = columns[:, np.lexsort(columns[::-1])]
    owner, category, day, item = columns[:, changes(*columns)]
    is_first = changes(owner, category)
    group = np.cumsum(is_first) - 1
    number = np.cumsum(changes(owner, category, day)) - 1
    number -= number[is_first][group]
    of_group, no_item = category[is_first], np.full(np.count_nonzero(is_first), -1)
    groups, own_items, figures = of_customers(group, number, item)
    totals = {"buyers": np.ones(of_group.size, np.int64), "purchases": np.bincount(group)}
    sums = [summed(of_group[groups], own_items, figures), summed(of_group, no_item, totals)]
    return pa.concat_tables(table(categories.text(of), items.text(which), found) for of, which, found in sums)


def of_customers(group: Ints, number: Ints, item: Ints) -> tuple[Ints, Ints, dict[str, Ints]]:
    """Group and item of each that a customer bought, and its figures, from rows in the order of group and number.

    A group is a customer and a category, `number` counts its days from 0. A purchase is a group, a day and an item. A
    streak is a run of the days of a group with the item. Of the days with it, `followed` have another day of the group
    after them, and `stays` one on which the item is bought again.
    """
    days = np.maximum.reduceat(number, np.flatnonzero(changes(group))) + 1
    bought = np.bincount(group)
    order = np.lexsort((number, item, group))
    group, number, item = group[order], number[order], item[order]
    is_own = changes(group, item)
    begins = is_own | (np.diff(number, prepend=-1) != 1)
    starts, runs = np.flatnonzero(is_own), np.flatnonzero(begins)
    lengths = np.diff(np.append(runs, group.size))
    x, n = np.diff(np.append(starts, group.size)), bought[group[starts]]
    streaks = np.add.reduceat(begins.astype(np.int64), starts)
    figures = {
        "buyers": np.ones(starts.size, np.int64),
        "purchases": x,
        "of_category": n,
        "repeaters": (x > 1).astype(np.int64),
        "followed": np.add.reduceat((number < days[group] - 1).astype(np.int64), starts),
        "stays": x - streaks,
        "streaks": streaks,
        "longest": np.maximum.reduceat(lengths, np.flatnonzero(is_own[runs])),
        "squares": x * x,
        "products": x * n,
        "needs": n * n,
    }
    return group[starts], item[starts], figures


def summed(category: Ints, item: Ints, figures: dict[str, Ints]) -> tuple[Ints, Ints, dict[str, Ints]]:
    """Each category and item once, and the sums of their figures; `longest` is the most."""
    order = np.lexsort((item, category))
    category, item = category[order], item[order]
    starts = np.flatnonzero(changes(category, item))
    sums = {
        name: (np.maximum if name == "longest" else np.add).reduceat(values[order], starts)
        for name, values in figures.items()
    }
    return category[starts], item[starts], sums


def table(categories: pa.Array, items: pa.Array, sums: dict[str, Ints]) -> pa.Table:
    """Rows of SCHEMA; what has no sum is 0."""
    nothing = np.zeros(len(categories), np.int64)
    columns = [pa.array(sums.get(name, nothing), pa.int64()) for name in SUMS]
    return pa.table([categories.cast(pa.string()), items.cast(pa.string()), *columns], ["category", "item", *SUMS])
