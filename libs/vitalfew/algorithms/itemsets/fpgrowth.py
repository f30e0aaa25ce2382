"""Frequent itemsets of any number of baskets: FP-Growth across a cluster, on Arrow batches.

As in PFP (Li, Wang, Zhang, Zhang & Chang, RecSys 2008): count the items, rank the frequent ones, deal them into groups
of equal work, send each group the prefixes it needs (`shards`), and mine each group on its own (`mining`). What comes
out depends on the baskets and the limits alone, not on how either is laid out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.itemsets.basket_encoding import SCHEMA, pack
from vitalfew.algorithms.itemsets.item_groups import collect, distribute
from vitalfew.algorithms.itemsets.itemsets import Itemsets, index
from vitalfew.algorithms.itemsets.load_balancing import Items, affordable_items, volumes
from vitalfew.algorithms.itemsets.mining import Sets, affordable_floor
from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.staging import Stage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What keeps mining within memory: the largest basket, the longest set, how many sets, and megabytes."""

    largest_basket: int
    longest_set: int
    most_sets: int
    memory_mb: int


@dataclass(frozen=True)
class Census:
    """What was counted before anything was mined."""

    baskets: int
    oversized: int
    items: int
    occurrences: int


@dataclass(frozen=True)
class Found:
    """The itemsets, what was counted, the count a set needed, as asked and in fact, and why the two differ."""

    itemsets: Itemsets
    census: Census
    requested: int
    floor: int
    reasons: tuple[str, ...] = ()


def frequent_itemsets(baskets: DataFrame, least: Callable[[int], int], limits: Limits, stage: Stage) -> Found:
    """The sets of items that are in at least `least(number of baskets)` of the baskets.

    `baskets` has the column `items array<string>`. Empty baskets are no baskets; those that are too large are left
    out. Where the limits would be exceeded, the count that a set needs is raised.
    """
    largest = limits.largest_basket
    packed = stage(baskets.select("items").mapInArrow(lambda batches: pack(batches, largest), SCHEMA))
    counted = count_items(packed)
    census = summarise(packed, counted)
    requested = max(1, least(census.baskets))
    names, items = most_frequent(counted, requested, limits.most_sets)
    found = Found(index(census.baskets, names, items.counts, {}), census, requested, requested)
    found, work = afford(found, items, limits)
    if limits.longest_set < 2 or found.itemsets.count < 2:
        return found
    singles = found.itemsets.of_size[0].counts
    mined = distribute(packed, found.itemsets.names, singles, work, found.floor, limits.longest_set, limits.most_sets)
    larger, floor = collect(stage(mined), singles, found.floor, limits.most_sets)
    return raise_floor(found, floor, too_many(limits), larger)


def count_items(packed: DataFrame) -> DataFrame:
    """One row per item: in how many baskets it is, and how many items these hold."""
    items = packed.select(F.inline(F.arrays_zip("names", "n", "basket_items")))
    return items.groupBy(F.col("names").alias("item")).agg(
        F.sum("n").alias("n"), F.sum("basket_items").alias("basket_items")
    )


def summarise(packed: DataFrame, counted: DataFrame) -> Census:
    (baskets,) = collect_rows(packed.agg(F.sum("baskets"), F.sum("oversized")), "the number of baskets")
    (items,) = collect_rows(counted.where("n > 0").agg(F.count("item"), F.sum("n")), "the number of items")
    return Census(*(value or 0 for value in (*baskets, *items)))


def most_frequent(counted: DataFrame, floor: int, at_most: int) -> tuple[pa.Array, Items]:
    """The items in `floor` baskets at least, by rank; one more than `at_most` of them if there are so many."""
    frequent = counted.where(F.col("n") >= floor).select("item", "n", "basket_items")
    table = collect_table(frequent.orderBy(F.desc("n"), "item").limit(at_most + 1), "frequent items")
    table = table.sort_by([("n", "descending"), ("item", "ascending")])
    names = pa.array(table["item"].to_pylist(), pa.string())
    return names, Items(table["n"].to_numpy(), table["basket_items"].to_numpy())


def afford(found: Found, items: Items, limits: Limits) -> tuple[Found, Ints]:
    """What can be mined within the limits, as far as single items foretell it, and the work that each item makes."""
    floor = affordable_floor(items.counts, limits.most_sets)
    found = raise_floor(found, floor, too_many(limits))
    work = volumes(items, found.census.occurrences)[: found.itemsets.count]
    affordable = affordable_items(work, limits.memory_mb)
    if affordable < found.itemsets.count:
        floor = int(items.counts[affordable]) + 1
        found = raise_floor(found, floor, f"mining would have taken more than {limits.memory_mb:,} MB")
    return found, work[: found.itemsets.count]


def too_many(limits: Limits) -> str:
    return f"more than {limits.most_sets:,} sets would have been found"


def raise_floor(found: Found, floor: int, reason: str, larger: Mapping[int, Sets] | None = None) -> Found:
    """`found` with the `larger` sets, where they are known by now, of all only those that reach `floor`."""
    singles = found.itemsets.of_size[0].reaching(floor)
    names = found.itemsets.names[: singles.counts.size]
    itemsets = index(found.census.baskets, names, singles.counts, larger or {})
    if floor <= found.floor:
        return replace(found, itemsets=itemsets)
    log.warning("A set now needs %d baskets, not %d: %s.", floor, found.floor, reason)
    return replace(found, itemsets=itemsets, floor=floor, reasons=tuple(dict.fromkeys((*found.reasons, reason))))
