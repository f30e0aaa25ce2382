"""Who did what on which day, as compact numbers: one row for some thousand owners, packed once and read often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitalfew.dataframes.arrays import Bools, Ints
from vitalfew.dataframes.arrow_columns import coded, whole

SCHEMA = "lengths binary, days binary, items binary, capped bigint, left_out bigint"
NOTHING = -1
"""The item of a day on which an owner did nothing that is counted."""


@dataclass(frozen=True)
class Histories:
    """What some owners did: owner (from 0), day and item of each event, in this order, each once.

    Every day of an owner is there, with the item NOTHING where nothing on it is counted.
    """

    owners: Ints
    days: Ints
    items: Ints

    @property
    def count(self) -> int:
        """How many owners there are, where the first is 0 and each has an event."""
        return int(self.owners[-1]) + 1 if self.owners.size else 0

    @cached_property
    def moments(self) -> Ints:
        """Owner and day as one number, in the order of both."""
        return self.at(self.owners, self.days)

    @cached_property
    def stride(self) -> int:
        """More than any two days are apart, and than any sum of a day and a gap."""
        return 4 * (int(self.days.max()) + 2) if self.days.size else 1

    def at(self, owners: Ints, days: Ints) -> Ints:
        """Owner and day as one number; a day that is out of reach is taken for the nearest one that is not."""
        return owners * self.stride + np.clip(days, -1, self.stride // 4)

    def between(self, owners: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Where the events of each owner begin and end that are on the days from `first` to `last`."""
        begin = np.searchsorted(self.moments, self.at(owners, first), side="left")
        end = np.searchsorted(self.moments, self.at(owners, last), side="right")
        return begin, np.maximum(begin, end)

    def where(self, chosen: Bools) -> Histories:
        """Some of the events."""
        return Histories(self.owners[chosen], self.days[chosen], self.items[chosen])


def pack(events: pa.Table, names: pa.Array, first_day: int, most_events: int) -> pa.Table:
    """One row of SCHEMA of all events of some owners: columns owner, day (int), item (string, may be NULL).

    Items become their places in `names`; others are NOTHING. Days count from `first_day`. Of an owner with more than
    `most_events` events the latest stay: `capped` counts such owners, and `left_out` what was left out.
    """
    owners = coded(whole(events["owner"])).ranks
    days = events["day"].to_numpy().astype(np.int64) - first_day
    items = pc.index_in(events["item"], value_set=names).fill_null(NOTHING).to_numpy().astype(np.int64)
    order = np.lexsort((items, days, owners))
    found = single(owners[order], days[order], items[order])
    per_owner = np.bincount(found.owners)
    from_end = np.cumsum(per_owner)[found.owners] - np.arange(found.owners.size)
    kept = found.where(from_end <= most_events)
    row = {
        "lengths": [np.bincount(kept.owners).astype(np.int32).tobytes()],
        "days": [kept.days.astype(np.int32).tobytes()],
        "items": [kept.items.astype(np.int32).tobytes()],
        "capped": [np.count_nonzero(per_owner > most_events)],
        "left_out": [found.owners.size - kept.owners.size],
    }
    return pa.table(row)


def single(owners: Ints, days: Ints, items: Ints) -> Histories:
    """Sorted events, each once; NOTHING stays only on days that have nothing else."""
    new = changes(owners, days, items)
    owners, days, items = owners[new], days[new], items[new]
    is_followed = np.zeros(owners.size, bool)
    is_followed[:-1] = (np.diff(owners) == 0) & (np.diff(days) == 0)
    kept = ~((items == NOTHING) & is_followed)  # it sorts first on its day
    return Histories(owners[kept], days[kept], items[kept])


def changes(*columns: Ints) -> Bools:
    """Where any of the columns is not what it was in the row before; the first row is new."""
    found = np.ones(columns[0].size, bool)
    found[1:] = np.any([np.diff(column) != 0 for column in columns], axis=0)
    return found


def unpack(batches: Iterable[pa.RecordBatch]) -> Iterator[Histories]:
    """The histories in rows of SCHEMA."""
    for batch in batches:
        for row in range(batch.num_rows):
            lengths, days, items = (
                np.frombuffer(batch.column(name)[row].as_buffer(), np.int32) for name in ("lengths", "days", "items")
            )
            owners = np.repeat(np.arange(lengths.size), lengths)
            yield Histories(owners, days.astype(np.int64), items.astype(np.int64))


def blocks(histories: Histories, work: Ints, most: int) -> Iterator[Histories]:
    """The same in parts of whole owners, each with at most `most` of the `work` of its events, or with one owner."""
    if not histories.owners.size:
        return
    starts = np.flatnonzero(np.diff(histories.owners, prepend=-1))
    total = np.concatenate([[0], np.cumsum(work)])[np.append(starts, work.size)]
    first = 0
    while first < starts.size:
        last = max(first + 1, int(np.searchsorted(total, total[first] + most, side="right")) - 1)
        begin = starts[first]
        end = starts[last] if last < starts.size else work.size
        yield Histories(histories.owners[begin:end], histories.days[begin:end], histories.items[begin:end])
        first = last


def ranges(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """All numbers from each `begin` to before its `end`, and which of the ranges each is from."""
    sizes = end - begin
    which = np.repeat(np.arange(sizes.size), sizes)
    offsets = np.cumsum(sizes) - sizes
    return np.arange(which.size) - offsets[which] + begin[which], which
