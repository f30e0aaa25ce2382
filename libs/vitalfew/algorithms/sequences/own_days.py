"""What follows what within windows of days, and how often it would if chance dealt the days: on Arrow batches.

The null hypothesis is of each history itself: its own days, each with all that was done on it, in another order. Held
fixed are the days with the antecedent A, so the days with the consequent B are dealt over the others, and those with
both over the days with A. That no B then lies in the window after any A has a probability in closed form, a product of
two hypergeometric ones: no permutation is drawn, and nothing depends on a seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.sequences.grids import Grid, apart, meet
from vitalfew.algorithms.sequences.histories import NOTHING, Histories, blocks, ranges, unpack
from vitalfew.algorithms.sequences.lookups import found_at, is_in
from vitalfew.algorithms.sequences.occurrences import EXPANDED
from vitalfew.algorithms.sequences.tally import Tally, may_reach, once_each
from vitalfew.dataframes.arrays import Bools, Floats, Ints

COUNTED = "follows bigint, n bigint"
EXPECTED = "follows bigint, open bigint, certain bigint, chances bigint"
HALF = 2**20
ONE = HALF**2
"""A probability of 1, as a whole number: sums of whole numbers are the same in any order."""


@dataclass(frozen=True)
class Windows:
    """Windows of days after an event, the first and the last day of each; they rise and do not overlap.

    A window counts only where all its days are before `until`, in days since the first one: what is not over says
    nothing of what did not follow.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    until: int

    def of_gaps(self, gaps: Ints) -> Ints:
        """The window that each gap is in; -1 where it is in none."""
        place = np.searchsorted(self.first, gaps, side="right") - 1
        return np.where((place >= 0) & (gaps <= np.array(self.last)[place]), place, -1)


@dataclass(frozen=True)
class Follows:
    """How one number names an antecedent, a consequent and a window: of `items` items and `windows` windows."""

    items: int
    windows: int

    @property
    def size(self) -> int:
        """More than any key."""
        return self.items * (self.items + 1) * self.windows

    def key(self, antecedents: Ints, consequents: Ints, window: Ints | int) -> Ints:
        return (antecedents * (self.items + 1) + consequents) * self.windows + window

    def items_of(self, keys: Ints) -> Ints:
        """The items that some keys name."""
        one, two, _ = self.parts(keys)
        return np.unique(np.concatenate([one, two[two < self.items]]))

    def parts(self, keys: Ints) -> tuple[Ints, Ints, Ints]:
        """Antecedents, consequents and windows; the consequent `items` is none: it counts the antecedent itself."""
        pairs = keys // self.windows
        return pairs // (self.items + 1), pairs % (self.items + 1), keys % self.windows


def count(
    batches: Iterable[pa.RecordBatch],
    follows: Follows,
    windows: Windows,
    wanted: Ints | None,
    least: tuple[int, int] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Rows of COUNTED: in how many packed histories B follows A within a window; and, with no B, how many have an A
    whose window is over.

    `wanted`: the keys that are counted, in rising order; None: all. With `least`, a count of all histories and how many
    these are, n is how many of all may have it, and what cannot reach the count is left out.
    """
    for whole in unpack(batches):
        histories = whole if wanted is None else whole.where(np.isin(whole.items, follows.items_of(wanted)))
        begin, end = reach(histories, windows)
        tally = Tally(follows.size)
        short, grids = apart(histories, end - begin)
        begin, end = reach(short, windows)
        at_once = None if tally.is_dense else wanted
        for block in blocks(short, end - begin + len(windows.first), EXPANDED):
            tally.add(*pairs_of(block, follows, windows, at_once))
        for grid in grids:
            add_pairs(tally, grid, follows, windows, at_once)
        keys, n = tally.result(wanted)
        if least is not None:
            keys, n = may_reach(keys, n, least, whole.count)
        yield pa.record_batch([pa.array(keys), pa.array(n)], names=["follows", "n"])


def reach(histories: Histories, windows: Windows) -> tuple[Ints, Ints]:
    """Where the events begin and end that are in any window after each event."""
    days = histories.days
    return histories.between(histories.owners, days + windows.first[0], days + windows.last[-1])


def pairs_of(histories: Histories, follows: Follows, windows: Windows, wanted: Ints | None) -> tuple[Ints, Ints]:
    """What follows what in some histories, as keys, and in how many of them."""
    later, earlier = ranges(*reach(histories, windows))
    place = windows.of_gaps(histories.days[later] - histories.days[earlier])
    a, b = histories.items[earlier], histories.items[later]
    last = np.array(windows.last)
    is_over = histories.days[earlier] + last[place] < windows.until
    kept = (place >= 0) & (a != b) & (a != NOTHING) & (b != NOTHING) & is_over
    keys, owners = follows.key(a[kept], b[kept], place[kept]), histories.owners[earlier[kept]]
    for window in range(len(windows.first)):
        is_a = (histories.items != NOTHING) & (histories.days + windows.last[window] < windows.until)
        nothing = np.full(np.count_nonzero(is_a), follows.items)
        keys = np.append(keys, follows.key(histories.items[is_a], nothing, window))
        owners = np.append(owners, histories.owners[is_a])
    if wanted is not None:
        kept = is_in(keys, wanted)
        keys, owners = keys[kept], owners[kept]
    return once_each(keys, owners)


def add_pairs(tally: Tally, grid: Grid, follows: Follows, windows: Windows, wanted: Ints | None) -> None:
    """Count what follows what in one long history, as `pairs_of` does in some."""
    base = follows.key(grid.items[:, None], grid.items[None, :], 0)
    alone = follows.key(grid.items, np.full(grid.items.size, follows.items), 0)
    for window, (first, last) in enumerate(zip(windows.first, windows.last, strict=True)):
        over = int(np.searchsorted(grid.days, windows.until - last))
        is_alone = grid.cells[:, :over].any(axis=1)
        found = [alone[is_alone] + window]
        for start, hits in meet(grid.reached(first, last, windows.until), grid.bits):
            hits[np.arange(hits.shape[0]), np.arange(start, start + hits.shape[0])] = False
            found.append(base[start : start + hits.shape[0]][hits] + window)
        for keys in found:
            tally.add_one(keys if wanted is None else keys[is_in(keys, wanted)])


def expect(
    batches: Iterable[pa.RecordBatch], wanted: Ints, follows: Follows, windows: Windows
) -> Iterator[pa.RecordBatch]:
    """Rows of EXPECTED for the keys `wanted`, in rising order, from packed histories.

    In how many histories B may follow A or not (`open`), in how many it must (`certain`), and the sum of the
    probabilities of the open ones, in units of 1 / ONE.
    """
    for histories in unpack(batches):
        open_, certain, chances = (np.zeros(wanted.size, np.int64) for _ in range(3))
        for block in blocks(histories, np.ones(histories.owners.size, np.int64), EXPANDED // 20):
            for place, p in chances_of(Groups.of(block, follows.items), block, wanted, follows, windows):
                is_open = (p > 0) & (p < 1)
                open_ += np.bincount(place[is_open], minlength=wanted.size)
                certain += np.bincount(place[p == 1], minlength=wanted.size)
                chances += summed(place[is_open], np.rint(p[is_open] * ONE).astype(np.int64), wanted.size)
        some = (open_ > 0) | (certain > 0)
        columns = (wanted[some], open_[some], certain[some], chances[some])
        yield pa.record_batch([pa.array(column) for column in columns], names=["follows", "open", "certain", "chances"])


def summed(place: Ints, values: Ints, size: int) -> Ints:
    """The sum of the values of each place, exact: doubles hold the halves of the values, and the sums of a part."""
    high, low = np.divmod(values, HALF)
    halves = [np.bincount(place, weights=half, minlength=size).astype(np.int64) for half in (high, low)]
    return halves[0] * HALF + halves[1]


@dataclass(frozen=True)
class Groups:
    """The events by owner and item: `keys` (owner and item as one number, rising) and where each begins in `days`.

    `of_event` is the group of each event; `totals` the number of days of the owner, by group.
    """

    owners: Ints
    items: Ints
    keys: Ints
    begin: Ints
    sizes: Ints
    days: Ints
    of_event: Ints
    totals: Ints
    moments: Ints
    own_days: Histories

    @classmethod
    def of(cls, histories: Histories, items: int) -> Groups:
        every = np.flatnonzero(np.diff(histories.moments, prepend=-1))
        own_days = Histories(histories.owners[every], histories.days[every], histories.items[every])
        totals = np.bincount(own_days.owners)
        some = histories.where(histories.items != NOTHING)
        order = np.lexsort((some.days, some.items, some.owners))
        keys = (some.owners * items + some.items)[order]
        begin = np.flatnonzero(np.diff(keys, prepend=-1))
        sizes = np.diff(np.append(begin, keys.size))
        of_event = np.repeat(np.arange(begin.size), sizes)
        owners, days = some.owners[order][begin], some.days[order]
        return cls(
            owners=owners,
            items=some.items[order][begin],
            keys=keys[begin],
            begin=begin,
            sizes=sizes,
            days=days,
            of_event=of_event,
            totals=totals[owners],
            moments=of_event * histories.stride + days,
            own_days=own_days,
        )


def chances_of(
    groups: Groups, histories: Histories, wanted: Ints, follows: Follows, windows: Windows
) -> Iterator[tuple[Ints, Floats]]:
    """Places in `wanted`, and the probability that B follows A in a history that has both, for each window in turn."""
    if not groups.keys.size:
        return
    a, b, place = follows.parts(wanted)
    logs = log_factorials(int(groups.totals.max(initial=0)))
    same = same_days(histories, follows.items, np.unique(a * follows.items + b))
    for window in range(len(windows.first)):
        places = np.flatnonzero(place == window)
        pairs = a[places] * follows.items + b[places]
        in_window, of_a = covered(groups, histories.stride, windows.first[window], windows.last[window], windows.until)
        begin, end = (np.searchsorted(pairs, (groups.items + more) * follows.items) for more in (0, 1))
        end = np.where(in_window > 0, end, begin)
        for part in parts(end - begin):
            which, group = ranges(begin[part], end[part])
            group += part.start
            other, is_there = looked_up(groups, groups.owners[group] * follows.items + pairs[which] % follows.items)
            which, group = which[is_there], group[is_there]
            shared = shared_days(same, groups.owners[group] * follows.items**2 + pairs[which])
            rest = groups.totals[group] - groups.sizes[group]
            none = missed(logs, rest, in_window[group] - of_a[group], groups.sizes[other] - shared)
            none += missed(logs, groups.sizes[group], of_a[group], shared)
            yield places[which], 1 - np.exp(none)


def covered(groups: Groups, stride: int, first: int, last: int, until: int) -> tuple[Ints, Ints]:
    """How many days of its owner are in the window after any event of each group, and how many of its own days."""
    owners, days = groups.owners[groups.of_event], groups.days
    is_over = days + last < until
    begin, end = groups.own_days.between(owners, days + first, days + last)
    before = np.append(0, end[:-1])
    before[groups.begin] = 0
    new = np.where(is_over, np.maximum(0, end - np.maximum(begin, before)), 0)
    earliest = groups.of_event * stride + np.maximum(days - last, 0)
    latest = groups.of_event * stride + np.clip(days - first, -1, max(until - 1 - last, -1))
    is_hit = np.searchsorted(groups.moments, latest, side="right") > np.searchsorted(groups.moments, earliest)
    return np.add.reduceat(new, groups.begin), np.add.reduceat(is_hit.astype(np.int64), groups.begin)


def parts(sizes: Ints) -> Iterator[slice]:
    """All of them in parts of about EXPANDED in sum."""
    total = np.cumsum(sizes)
    place = 0
    while place < total.size:
        before = total[place - 1] if place else 0
        stop = max(place + 1, int(np.searchsorted(total, before + EXPANDED, side="right")))
        yield slice(place, stop)
        place = stop


def looked_up(groups: Groups, keys: Ints) -> tuple[Ints, Bools]:
    """The groups of those `keys` that there are, and which these are."""
    place, is_there = found_at(groups.keys, keys)
    return place[is_there], is_there


def same_days(histories: Histories, items: int, pairs: Ints) -> tuple[Ints, Ints]:
    """Owner and pair of items as one number, rising, and on how many days of the owner both are; of `pairs` alone."""
    begin, end = histories.between(histories.owners, histories.days, histories.days)
    found = [np.zeros(0, np.int64)]
    for part in parts(end - begin):
        other, one = ranges(begin[part], end[part])
        one += part.start
        a, b = histories.items[one], histories.items[other]
        pair = a * items + b
        kept = (a != b) & (a != NOTHING) & (b != NOTHING)
        kept[kept] = is_in(pair[kept], pairs)
        found.append(histories.owners[one[kept]] * items**2 + pair[kept])
    every = np.sort(np.concatenate(found))
    firsts = np.flatnonzero(np.diff(every, prepend=-1))
    return every[firsts], np.diff(np.append(firsts, every.size))


def shared_days(same: tuple[Ints, Ints], keys: Ints) -> Ints:
    """Of some owners and pairs, on how many days both items are."""
    known, n = same
    place, is_there = found_at(known, keys)
    return np.where(is_there, n[place], 0) if n.size else np.zeros(keys.size, np.int64)


def log_factorials(largest: int) -> Floats:
    """ln n! for n from 0 to `largest`."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, largest + 1)))])


def missed(logs: Floats, whole: Ints, marked: Ints, drawn: Ints) -> Floats:
    """ln of the probability that none of `drawn` things out of a `whole` is among the `marked` ones; -inf for 0."""
    is_possible = whole - marked >= drawn
    left = np.where(is_possible, whole - marked - drawn, 0)
    value = logs[whole - marked] - logs[left] - logs[whole] + logs[whole - drawn]
    value[(marked == 0) | (drawn == 0)] = 0.0  # exactly: nothing can be hit
    return np.where(is_possible, value, -np.inf)
