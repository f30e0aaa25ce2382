"""Long histories one by one, as grids of their items and days: bits say on which days an item is.

Pairs of events grow with the square of a history. On a grid they are never written down: one machine word holds 64
days, and whether something of B is on a day that A reaches is one operation for all of them. Of short histories there
are too many to be looked at one by one: they are counted event by event, together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vitalfew.algorithms.sequences.histories import NOTHING, Histories
from vitalfew.dataframes.arrays import Bools, Ints

Bits = NDArray[np.uint64]
"""Rows of words, a bit for each day."""
LONG = 2_000
"""Pairs of events within reach that make a history worth a grid of its own."""
WORK_OF_PAIR = 250
"""What is done for a pair of events, in cells of a grid."""
CELLS = 1_000_000
"""Cells of a grid that are looked at at once."""


@dataclass(frozen=True)
class Grid:
    """One history: its items in rising order, its days in rising order, and the events as places in both.

    Events are in the order of items, then days. `days` has days without an item that counts too.
    """

    items: Ints
    days: Ints
    item_of: Ints
    day_of: Ints

    @classmethod
    def of(cls, days: Ints, items: Ints) -> Grid:
        """The grid of the events of one owner."""
        own_days, day_of = np.unique(days, return_inverse=True)
        counts = items != NOTHING
        own_items, item_of = np.unique(items[counts], return_inverse=True)
        order = np.lexsort((day_of[counts], item_of))
        return cls(own_items, own_days, item_of[order], day_of[counts][order])

    @cached_property
    def cells(self) -> Bools:
        """Items by days: whether the item is there."""
        found = np.zeros((self.items.size, self.days.size), bool)
        found[self.item_of, self.day_of] = True
        return found

    @cached_property
    def bits(self) -> Bits:
        """The same as bits."""
        return as_bits(self.cells)

    def reached(self, first: int, last: int, until: int | None = None) -> Bits:
        """By item: the days that are `first` to `last` days after one with it; of days alone after which the window is
        over before `until`."""
        gaps = self.days[None, :] - self.days[:, None]
        from_day = (gaps >= first) & (gaps <= last)
        if until is not None:
            from_day &= self.days[:, None] + last < until
        starts = np.flatnonzero(np.diff(self.item_of, prepend=-1))
        return np.bitwise_or.reduceat(as_bits(from_day)[self.day_of], starts)


def as_bits(cells: Bools) -> Bits:
    """Each row of booleans as words."""
    rows, days = cells.shape
    padded = np.zeros((rows, max(1, -(-days // 64)) * 64), bool)
    padded[:, :days] = cells
    return np.packbits(padded, axis=1).view(np.uint64)


def meet(one: Bits, two: Bits) -> Iterator[tuple[int, Bools]]:
    """Whether rows of `one` and rows of `two` have a day in common: by the first row of `one` in each part, a table."""
    step = max(1, CELLS // max(1, two.shape[0]))
    for start in range(0, one.shape[0], step):
        part = one[start : start + step]
        found = part[:, None, 0] & two[None, :, 0]
        for word in range(1, one.shape[1]):
            found |= part[:, None, word] & two[None, :, word]
        yield start, found != 0


def apart(histories: Histories, pairs: Ints, most_days: int | None = None) -> tuple[Histories, list[Grid]]:
    """The short histories, and the others as grids: those with many of the `pairs` of their events, by event.

    A history of more than `most_days` is short as well.
    """
    if not histories.owners.size:
        return histories, []
    starts = np.flatnonzero(np.diff(histories.owners, prepend=-1))
    ends = np.append(starts[1:], histories.owners.size)
    work = np.add.reduceat(pairs, starts)
    is_long = np.zeros(starts.size, bool)
    grids = []
    for place in np.flatnonzero(work > LONG).tolist():
        grid = Grid.of(histories.days[starts[place] : ends[place]], histories.items[starts[place] : ends[place]])
        cells = grid.items.size**2 * (grid.days.size + 30)
        if grid.items.size and cells < WORK_OF_PAIR * work[place] and grid.days.size <= (most_days or cells):
            is_long[place] = True
            grids.append(grid)
    return histories.where(~np.repeat(is_long, ends - starts)), grids
