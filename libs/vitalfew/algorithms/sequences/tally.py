"""Counts by key, of many blocks, on numpy arrays."""

from __future__ import annotations

import numpy as np

from vitalfew.dataframes.arrays import Ints

DENSE = 2**25
"""With no more keys than that, each has its place in an array: adding sorts nothing."""
HELD = 4_000_000
"""Counts that are held before they are added up, where keys are too many for that."""


class Tally:
    """How often each key was counted; keys are whole numbers below `size`."""

    def __init__(self, size: int) -> None:
        self.dense = np.zeros(size, np.int32) if size <= DENSE else None
        self.held: list[tuple[Ints, Ints]] = []
        self.count = 0

    def add(self, keys: Ints, n: Ints) -> None:
        """`n` more of each of `keys`, of which none is twice."""
        if self.dense is not None:
            self.dense[keys] += n.astype(np.int32)
            return
        self.held.append((keys, n))
        self.count += keys.size
        if self.count > HELD and len(self.held) > 1:
            self.held = [self.summed()]
            self.count = self.held[0][0].size // 2  # what was added up is not added up again at once

    @property
    def is_dense(self) -> bool:
        """Whether each key has its place: what is counted in vain then costs less than to leave it out."""
        return self.dense is not None

    def add_one(self, keys: Ints) -> None:
        """One more of each of `keys`, of which none is twice."""
        if self.dense is None:
            self.add(keys, np.ones(keys.size, np.int64))
        else:
            self.dense[keys] += 1

    def result(self, wanted: Ints | None = None) -> tuple[Ints, Ints]:
        """The keys that were counted, in rising order, and how often; of those `wanted` alone, in rising order too."""
        if self.dense is None:
            return self.summed()
        keys = np.flatnonzero(self.dense) if wanted is None else wanted[self.dense[wanted] > 0]
        return keys, self.dense[keys].astype(np.int64)

    def summed(self) -> tuple[Ints, Ints]:
        if not self.held:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing
        keys, n = (np.concatenate(column) for column in zip(*self.held, strict=True))
        distinct, which = np.unique(keys, return_inverse=True)
        return distinct, np.bincount(which, weights=n, minlength=distinct.size).astype(np.int64)


def once_each(keys: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """The distinct keys in rising order, and how many owners have each."""
    if not keys.size:
        return keys, keys
    base = owners.min()
    width = int(owners.max() - base) + 1
    both = np.sort(keys * width + (owners - base))
    both = both[np.diff(both, prepend=-1) > 0] // width  # numpy's unique hashes, which is far slower here
    firsts = np.flatnonzero(np.diff(both, prepend=-1))
    return both[firsts], np.diff(np.append(firsts, both.size))


def may_reach(keys: Ints, n: Ints, least: tuple[int, int], histories: int) -> tuple[Ints, Ints]:
    """The keys whose share of these histories is as large as `least` is of all, and how many of all may have them.

    `least`: a count of all histories, and how many these are. What reaches a count in all reaches its share in one part
    of them at least (Savasere, Omiecinski & Navathe, VLDB 1995): so candidates are few, and none is missed.
    """
    floor, total = least
    at_most = n * total // max(histories, 1)
    kept = at_most >= floor
    return keys[kept], at_most[kept]
