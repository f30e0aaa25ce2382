"""Where patterns occur in histories: id-lists as in cSPADE (Zaki, CIKM 2000), on Arrow batches.

With a greatest gap, the first occurrence of a prefix may be too early for what continues it where a later one is not.
So all occurrences are carried. Of those that end on one day, the one that begins last is enough, unless a least span is
asked for: whatever fits the greatest span after the others fits after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.sequences.grids import apart
from vitalfew.algorithms.sequences.histories import NOTHING, Histories, blocks, ranges, unpack
from vitalfew.algorithms.sequences.long_histories import Continued, keys_in
from vitalfew.algorithms.sequences.lookups import is_in
from vitalfew.algorithms.sequences.tally import Tally, may_reach, once_each
from vitalfew.dataframes.arrays import Bools, Ints

SCHEMA = "parent int, is_later boolean, item int, n bigint, n_spanning bigint"
EXPANDED = 2_000_000
"""Continuations that are looked at at once."""
EMPTY = -1
"""The pattern without an item; also the row that counts what was cut off."""


@dataclass(frozen=True)
class Spacing:
    """Days between two elements that follow each other, and from the first to the last of them."""

    min_gap: int = 1
    max_gap: int = 100_000
    min_span: int = 0
    max_span: int = 100_000


@dataclass(frozen=True)
class Caps:
    """How many items an element may have, and how many occurrences of a pattern are followed in one history."""

    largest_element: int
    most_occurrences: int


@dataclass(frozen=True)
class Level:
    """The patterns of one length that are looked for, by their place: which pattern they continue, how, with what.

    `keys`: parent, is_later and item as one number, in rising order; None: all continuations there are.
    """

    keys: Ints | None


@dataclass(frozen=True)
class Occurrences:
    """One row per occurrence: of which pattern, in whose history, its first and last day, items in its last element."""

    patterns: Ints
    owners: Ints
    first: Ints
    last: Ints
    newest: Ints
    widths: Ints

    def take(self, chosen: Ints | Bools | slice) -> Occurrences:
        return Occurrences(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def key(parents: Ints, is_later: Ints | bool, items: Ints, count: int) -> Ints:
    """A continuation as one number; `count` items there are."""
    return (parents * 2 + is_later) * count + items


def count(
    batches: Iterable[pa.RecordBatch],
    levels: Sequence[Level],
    items: int,
    spacing: Spacing,
    caps: Caps,
    least: tuple[int, int] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Rows of SCHEMA: in how many histories each pattern of the last of `levels` occurs, from packed histories.

    `levels` begin with patterns of two items. One row of the pattern EMPTY says how often occurrences were cut off.
    With `least`, a count of all histories and how many these are, n is how many of all may have a pattern, and those
    that cannot reach the count are left out.
    """
    on_grids = caps.largest_element == 1 and not spacing.min_span
    before = [Continued.of(level.keys, items) for level in levels[:-1] if level.keys is not None]
    wanted = None if levels[-1].keys is None else Continued.of(levels[-1].keys, items)
    for whole in unpack(batches):
        histories = whole.where(np.isin(whole.items, needed(levels, items)))
        size, cut = 2 * items * parents(levels, items), 0
        n, spanning = Tally(size), Tally(size)
        begin, end = later(histories, histories.owners, histories.days, histories.days, spacing)
        short, grids = apart(histories, end - begin, caps.most_occurrences) if on_grids else (histories, [])
        for grid in grids:
            for keys in keys_in(grid, before, wanted, items, spacing.min_gap, spacing.max_gap, spacing.max_span):
                n.add_one(keys)
        begin, end = later(short, short.owners, short.days, short.days, spacing)
        for block in blocks(short, end - begin + 1, EXPANDED // 4):
            found = singles(block)
            for level in levels[:-1]:
                found, lost = followed(continued(block, found, level, items, spacing, caps), spacing, caps)
                cut += lost
            last = continued(block, found, levels[-1], items, spacing, caps, keeps_keys=True)
            n.add(*once_each(last.patterns, last.owners))
            if spacing.min_span:
                is_long = last.last - last.first >= spacing.min_span
                spanning.add(*once_each(last.patterns[is_long], last.owners[is_long]))
        yield rows(n, spanning if spacing.min_span else n, least, whole.count, cut, items)


def parents(levels: Sequence[Level], items: int) -> int:
    """How many patterns there are that the last of `levels` continues."""
    before = levels[-2].keys if len(levels) > 1 else None
    return items if before is None else before.size


def needed(levels: Sequence[Level], items: int) -> Ints:
    """The items of all patterns that are looked for."""
    known = [level.keys for level in levels if level.keys is not None]
    if len(known) < len(levels):
        return np.arange(items)
    return np.unique(np.concatenate([known[0] // (2 * items), *[keys % items for keys in known]]))


def singles(histories: Histories) -> Occurrences:
    """Every event as an occurrence of the pattern of its item."""
    some = histories.where(histories.items != NOTHING)
    ones = np.ones(some.owners.size, np.int64)
    return Occurrences(some.items, some.owners, some.days, some.days, some.items, ones)


def later(histories: Histories, owners: Ints, first: Ints, last: Ints, spacing: Spacing) -> tuple[Ints, Ints]:
    """Where the events begin and end that may be the next element."""
    latest = np.minimum(last + spacing.max_gap, first + spacing.max_span)
    return histories.between(owners, last + spacing.min_gap, latest)


def continued(
    histories: Histories,
    found: Occurrences,
    level: Level,
    items: int,
    spacing: Spacing,
    caps: Caps,
    keeps_keys: bool = False,
) -> Occurrences:
    """All occurrences of the patterns of `level`; with `keeps_keys`, `patterns` are their keys and not their places."""
    after = later(histories, found.owners, found.first, found.last, spacing)
    parts = [grown(histories, part, *span, True, level, items) for part, span in slices(found, after)]
    if caps.largest_element > 1:
        wide = found.take(found.widths < caps.largest_element)
        same = histories.between(wide.owners, wide.last, wide.last)
        parts += [grown(histories, part, *span, False, level, items) for part, span in slices(wide, same)]
    whole = parts[0] if len(parts) == 1 else together(parts)
    if keeps_keys or level.keys is None:
        return whole
    return replace(whole, patterns=np.searchsorted(level.keys, whole.patterns))


FIELDS = tuple(Occurrences.__dataclass_fields__)


def together(parts: Sequence[Occurrences]) -> Occurrences:
    return Occurrences(*(np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS))


def slices(found: Occurrences, reach: tuple[Ints, Ints]) -> Iterator[tuple[Occurrences, tuple[Ints, Ints]]]:
    """The occurrences in parts that have at most EXPANDED continuations each, or one occurrence; at least one part."""
    begin, end = reach
    total = np.cumsum(end - begin)
    place = 0
    while True:
        before = total[place - 1] if place else 0
        stop = max(place + 1, int(np.searchsorted(total, before + EXPANDED, side="right")))
        yield found.take(slice(place, stop)), (begin[place:stop], end[place:stop])
        place = stop
        if place >= total.size:
            return


def grown(
    histories: Histories, found: Occurrences, begin: Ints, end: Ints, is_later: bool, level: Level, items: int
) -> Occurrences:
    """Each occurrence with each event from `begin` to before `end` that makes it a pattern of `level`; as keys."""
    events, which = ranges(begin, end)
    added = histories.items[events]
    is_next = added != NOTHING if is_later else added > found.newest[which]
    keys = key(found.patterns[which], is_later, added, items)
    if level.keys is not None:
        is_next &= is_in(keys, level.keys)
    events, which, added, keys = events[is_next], which[is_next], added[is_next], keys[is_next]
    widths = np.ones(which.size, np.int64) if is_later else found.widths[which] + 1
    return Occurrences(keys, found.owners[which], found.first[which], histories.days[events], added, widths)


def followed(found: Occurrences, spacing: Spacing, caps: Caps) -> tuple[Occurrences, int]:
    """The occurrences that are worth following, and in how many histories some of a pattern were cut off.

    The latest stay where there are more than `most_occurrences` of a pattern in a history.
    """
    order = np.lexsort((-found.first, -found.last, found.patterns, found.owners))
    found = found.take(order)
    same_pattern = np.zeros(order.size, bool)
    same_pattern[1:] = (np.diff(found.owners) == 0) & (np.diff(found.patterns) == 0)
    repeated = same_pattern.copy()
    repeated[1:] &= np.diff(found.last) == 0
    if spacing.min_span:
        repeated[1:] &= np.diff(found.first) == 0
    found, same_pattern = found.take(~repeated), same_pattern[~repeated]
    starts = np.flatnonzero(~same_pattern)
    place = np.arange(same_pattern.size) - np.repeat(starts, np.diff(np.append(starts, same_pattern.size)))
    cut = np.count_nonzero(place == caps.most_occurrences)
    return found.take(place < caps.most_occurrences), int(cut)


def rows(
    n: Tally, spanning: Tally, least: tuple[int, int] | None, histories: int, cut: int, items: int
) -> pa.RecordBatch:
    """Counts as rows of SCHEMA."""
    keys, counts = n.result()
    spans = np.zeros(keys.size, np.int64)
    some, found = spanning.result()
    spans[np.searchsorted(keys, some)] = found
    if least is not None:
        keys, counts = may_reach(keys, counts, least, histories)
        spans = np.zeros(keys.size, np.int64)
    columns = {
        "parent": pa.array(np.append(keys // (2 * items), EMPTY), pa.int32()),
        "is_later": pa.array(np.append(keys // items % 2 == 1, False)),
        "item": pa.array(np.append(keys % items, EMPTY), pa.int32()),
        "n": pa.array(np.append(counts, cut), pa.int64()),
        "n_spanning": pa.array(np.append(spans, cut), pa.int64()),
    }
    return pa.record_batch(list(columns.values()), names=list(columns))
