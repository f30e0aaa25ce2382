"""Which patterns are in a long history: of all occurrences of a pattern, the latest first day by the day of the last.

Of the occurrences that end on one day the one that begins last is enough, and what ends later begins no earlier. So
what continues a pattern is decided by its latest occurrence that ends early enough: a running maximum, not a join.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.sequences.grids import CELLS, Bits, Grid, as_bits, meet
from vitalfew.dataframes.arrays import Ints

NEVER = -(2**40)
"""The first day of what did not occur."""


@dataclass(frozen=True)
class Continued:
    """Patterns of one length by parent and item: places of both, in the order of keys."""

    parents: Ints
    items: Ints

    @classmethod
    def of(cls, keys: Ints, items: int) -> Continued:
        return cls(keys // (2 * items), keys % items)


def keys_in(
    grid: Grid,
    before: Sequence[Continued],
    last: Continued | None,
    items: int,
    min_gap: int,
    max_gap: int,
    max_span: int,
) -> Iterator[Ints]:
    """The keys of the patterns `last` that are in a history; None: all of two items.

    The levels `before` begin with patterns of two items; every continuation is on a later day.
    """
    if last is None:
        yield from pairs_in(grid, items, min_gap, min(max_gap, max_span))
        return
    firsts = np.where(grid.cells, grid.days, NEVER)
    known, size = grid.items, items
    for level in before:
        present, parents, added = found_in(grid, level, known, size, items)
        firsts = np.where(grid.cells[added], open_first(grid, firsts, min_gap, max_gap, max_span)[parents], NEVER)
        known, size = present, level.parents.size
    present, parents, added = found_in(grid, last, known, size, items)
    is_open = as_bits(open_first(grid, firsts, min_gap, max_gap, max_span) > NEVER)
    keys = (last.parents[present] * 2 + 1) * items + last.items[present]
    step = max(1, CELLS // grid.bits.shape[1])
    for start in range(0, keys.size, step):
        part = slice(start, start + step)
        yield keys[part][shared(is_open[parents[part]], grid.bits[added[part]])]


def pairs_in(grid: Grid, items: int, first: int, last: int) -> Iterator[Ints]:
    """The keys of all patterns of two items."""
    keys = (grid.items[:, None] * 2 + 1) * items + grid.items[None, :]
    for start, hits in meet(grid.reached(first, last), grid.bits):
        yield keys[start : start + hits.shape[0]][hits]


def shared(one: Bits, two: Bits) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each row of one has a day in common with that of the other."""
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.any(one & two, axis=1)
    return found


def found_in(grid: Grid, level: Continued, known: Ints, size: int, items: int) -> tuple[Ints, Ints, Ints]:
    """The patterns of a level whose parent is `known` and whose item is there: their places, and those of both."""
    parents, added = places(known, level.parents, size), places(grid.items, level.items, items)
    present = np.flatnonzero((parents >= 0) & (added >= 0))
    return present, parents[present], added[present]


def places(known: Ints, items: Ints, count: int) -> Ints:
    """Of each of `items`, its place in `known`; -1 where it is not there. `count` items there are."""
    where = np.full(count, -1, np.int64)
    where[known] = np.arange(known.size)
    return where[items]


def open_first(grid: Grid, firsts: Ints, min_gap: int, max_gap: int, max_span: int) -> Ints:
    """By pattern and day: the first day of the latest occurrence that something on the day continues, or NEVER."""
    days = grid.days
    before = np.searchsorted(days, days - min_gap, side="right") - 1
    ends = np.maximum.accumulate(np.where(firsts > NEVER, np.arange(days.size), -1), axis=1)[:, before]
    ends[:, before < 0] = -1
    first = np.take_along_axis(firsts, np.maximum(ends, 0), axis=1)
    is_near = (ends >= 0) & (days[ends] >= days - max_gap) & (first >= days - max_span)
    return np.where(is_near, first, NEVER)
