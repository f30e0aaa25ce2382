"""Chance without chance: numbers that depend on a seed, a purpose and the keys of a row, and on nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

Key = Column | str


@dataclass(frozen=True)
class Dice:
    """Draws for one seed. Two purposes are independent of each other; one purpose and key give one value."""

    seed: int

    def hash(self, purpose: str, *keys: Key) -> Column:
        """64 bits, as a signed bigint. The keys must be bigint: an int of the same value hashes to something else."""
        salt = hashlib.sha256(f"{self.seed}:{purpose}".encode()).digest()[:8]
        return F.xxhash64(*keys, F.lit(int.from_bytes(salt, "big", signed=True)).cast("bigint"))

    def below(self, bound: int, purpose: str, *keys: Key) -> Column:
        """A bigint from 0 to `bound` - 1."""
        return F.pmod(self.hash(purpose, *keys), F.lit(bound).cast("bigint"))

    def unit(self, purpose: str, *keys: Key) -> Column:
        """A double from 0 inclusive to 1 exclusive."""
        return unit(self.hash(purpose, *keys))

    def between(self, low: Column, high: Column, purpose: str, *keys: Key) -> Column:
        """A bigint from `low` to `high`, both inclusive."""
        return low + F.floor(self.unit(purpose, *keys) * (high - low + 1))

    def happens(self, probability: Column | float, purpose: str, *keys: Key) -> Column:
        """True with `probability`."""
        return self.unit(purpose, *keys) < probability


def unit(bits: Column) -> Column:
    """The upper 53 of 64 bits as a double in [0, 1): exact, so that engines agree on every bit."""
    return F.shiftrightunsigned(bits, 11).cast("double") * F.lit(2.0**-53)


def pick(draw: Column, shares: Sequence[float]) -> Column:
    """The index of the share that `draw`, in [0, 1), falls into."""
    index, reached = F.lit(0), 0.0
    for share in shares[:-1]:
        reached += share
        index = index + (draw >= F.lit(reached)).cast("int")
    return index


def lookup(index: Column, values: Sequence[object]) -> Column:
    """The value at `index`, from a list short enough for a CASE; NULL beyond its end."""
    found = F.when(index == 0, F.lit(values[0]))
    for position, value in enumerate(values[1:], start=1):
        found = found.when(index == position, F.lit(value))
    return found


def slots(weights: Sequence[float], total: int) -> list[int]:
    """Whole numbers in proportion to `weights` that sum to `total` exactly, by largest remainder."""
    exact = [weight * total / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: total - sum(whole)]:
        whole[i] += 1
    return whole
