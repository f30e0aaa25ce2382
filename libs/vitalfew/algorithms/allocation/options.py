"""Options on the driver: what each of many could get, what that is worth, and what it uses of each limit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vitalfew.dataframes.arrays import Bools, Floats, Ints, Matrix


@dataclass(frozen=True)
class Options:
    """One row an option, those of one taker next to each other, and among these in the order in which ties are broken.

    `starts`: where the options of each taker begin. `values`: what each is worth. `uses`: a row for each limit, what
    each option uses of it, at least 0. `ties`: which of two options of one worth comes first. `rooms`: how many
    options a taker may get, by taker. `followers`: options that are given by the same rule and use nothing (such as
    those of takers who are held out for comparison): they have no part in the value.
    """

    starts: Ints
    values: Floats
    uses: Matrix
    ties: Ints
    rooms: Ints
    followers: Bools

    @cached_property
    def takers(self) -> Ints:
        """Of each option, the number of its taker."""
        return np.repeat(np.arange(self.starts.size), self.counts)

    @cached_property
    def counts(self) -> Ints:
        """How many options each taker has."""
        return np.diff(np.append(self.starts, self.values.size))

    @cached_property
    def is_single(self) -> bool:
        """Whether nobody may get more than one."""
        return bool(self.rooms.size == 0 or self.rooms.max() <= 1)

    def reduced(self, prices: Floats) -> Floats:
        """What each option is worth when what it uses is paid for, limit by limit in their order."""
        found = self.values.copy()
        for price, use in zip(prices, self.uses, strict=True):
            found -= price * use
        return found

    def best(self, reduced: Floats) -> Bools:
        """The options that each taker would choose: the best, as many as there is room for, if worth more than nothing.

        Ties go to the earlier option.
        """
        if not reduced.size:
            return np.zeros(0, np.bool_)
        if not self.is_single:
            order = np.lexsort((np.arange(reduced.size), -reduced, self.takers))
            place = np.empty(reduced.size, np.int64)
            place[order] = np.arange(reduced.size) - np.repeat(self.starts, self.counts)
            return (place < self.rooms[self.takers]) & (reduced > 0)
        most = np.maximum.reduceat(reduced, self.starts)
        numbers = np.arange(reduced.size)
        first = np.minimum.reduceat(np.where(reduced == most[self.takers], numbers, reduced.size), self.starts)
        chosen = np.zeros(reduced.size, np.bool_)
        chosen[first[(most > 0) & (self.rooms > 0)]] = True
        return chosen
