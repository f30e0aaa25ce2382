"""How often customers buy again what they bought, as sums by item, on Arrow tables with whole customers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

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
    """Rows of SCHEMA, each category and item once, of the about so many `events`: owner, day, category, item."""
    numbered = days.withColumn("day", F.datediff("day", F.lit(EPOCH)))
    parts = stage.by_key(numbered, "owner", events, counted, SCHEMA)
    sums = [(F.max if name == "longest" else F.sum)(name).alias(name) for name in SUMS]
    return parts.groupBy("category", "item").agg(*sums)


def counted(events: pa.Table) -> pa.Table:
    """Rows of SCHEMA of all events of some customers: columns owner, day (int), category and item; they may repeat.

    A purchase is a customer, a day and an item. A streak is a run of the customer's days in the category with the item;
    `followed` are its days that another day in the category follows, and `stays` those on which it is bought again.
    """
    owners, categories, items = (coded(whole(events[name])) for name in ("owner", "category", "item"))
    columns = np.stack([owners.ranks, categories.ranks, events["day"].to_numpy().astype(np.int64), items.ranks])
    columns = columns[:, np.lexsort(columns[::-1])]
    columns = columns[:, changes(columns)]
    owner, category, day, item = columns
    new_group = changes(np.stack([owner, category]))
    new_day = changes(np.stack([owner, category, day]))
    group = np.cumsum(new_group) - 1
    number = np.cumsum(new_day) - 1
    number -= number[np.flatnonzero(new_group)][group]
    days = np.maximum.reduceat(number, np.flatnonzero(new_group)) + 1
    bought = np.bincount(group)
    order = np.lexsort((number, item, group))
    group, item, number, category = group[order], item[order], number[order], category[order]
    own = changes(np.stack([group, item]))
    begins = own | (np.diff(number, prepend=-1) != 1)
    starts, runs = np.flatnonzero(own), np.flatnonzero(begins)
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
        "longest": np.maximum.reduceat(lengths, np.flatnonzero(own[runs])),
        "squares": x * x,
        "products": x * n,
        "needs": n * n,
    }
    of_item = added(figures, [category[starts], item[starts]])
    first = np.flatnonzero(changes(group[None, :]))
    of_category = added({"buyers": np.ones(first.size, np.int64), "purchases": bought}, [category[first]])
    no_item = np.full(of_category["0"].size, -1)
    return pa.concat_tables(
        [
            table(of_item, categories.text(of_item["0"]), items.text(of_item["1"])),
            table(of_category, categories.text(of_category["0"]), items.text(no_item)),
        ]
    )


def changes(columns: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where any of the columns is not what it was before; the first is new."""
    found = np.ones(columns.shape[1], bool)
    found[1:] = (np.diff(columns, axis=1) != 0).any(axis=0)
    return found


def added(figures: dict[str, Ints], keys: list[Ints]) -> dict[str, Ints]:
    """The sums of the figures by key, `longest` as the most; the keys by their place."""
    order = np.lexsort(keys[::-1])
    sorted_keys = np.stack(keys)[:, order]
    starts = np.flatnonzero(changes(sorted_keys))
    found = {
        name: (np.maximum if name == "longest" else np.add).reduceat(values[order], starts)
        for name, values in figures.items()
    }
    return {**found, **{str(place): column[starts] for place, column in enumerate(sorted_keys)}}


def table(sums: dict[str, Ints], categories: pa.Array, items: pa.Array) -> pa.Table:
    nothing = np.zeros(len(categories), np.int64)
    columns = [pa.array(sums.get(name, nothing), pa.int64()) for name in SUMS]
    return pa.table([categories.cast(pa.string()), items.cast(pa.string()), *columns], ["category", "item", *SUMS])
