"""How much work and memory FP-Growth will need, foretold from the counts of single items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import AnyInts as Ints

BYTES = 48
"""Peak memory for each element of a conditional database: what is sent, held and gathered. Measured."""
ELEMENTS_PER_GROUP = 3_000_000
MOST_GROUPS = 512


@dataclass(frozen=True)
class Items:
    """Items by rank: in how many baskets each is, and how many items those baskets hold in all."""

    counts: Ints
    basket_items: Ints


def volumes(items: Items, occurrences: int) -> Ints:
    """Elements that the conditional database of each item will hold: what stands before it in its baskets.

    The other items in its baskets are counted exactly; that they are as often the more frequent ones as items are
    overall (`occurrences`: of all items in all baskets) is assumed.
    """
    before = np.cumsum(items.counts) - items.counts
    return np.ceil((items.basket_items - items.counts) * (before / max(occurrences, 1))).astype(np.int64)


def affordable_items(work: Ints, memory_mb: int) -> int:
    """How many items, from the most frequent on, can be mined within `memory_mb`."""
    return int(np.searchsorted(np.cumsum(work) * BYTES, memory_mb * 2**20, side="right"))


def balance(work: Ints) -> tuple[Ints, int]:
    """The group of each item, and how many groups: by work in falling order, dealt to and fro."""
    groups = int(np.clip(work.sum() // ELEMENTS_PER_GROUP + 1, 1, min(MOST_GROUPS, max(work.size, 1))))
    turn, place = np.divmod(np.arange(work.size), groups)
    group_of = np.empty(work.size, np.int64)
    group_of[np.argsort(-work, kind="stable")] = np.where(turn % 2 == 0, place, groups - 1 - place)
    return group_of, groups
