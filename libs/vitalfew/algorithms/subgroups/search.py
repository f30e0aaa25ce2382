"""Which groups differ from the rest, and not only as their parents do: found on one half, confirmed on the other.

The p of a group is the largest of those of its comparisons (intersection-union test; Berger, Technometrics 24, 1982):
with all others, and for each of its conditions, with who meets the other conditions and not this one; each time with
those of whom the same is known. So a group is no restatement of a larger one, nor of those of whom something is known.
Klosgen (1996) and Wrobel (1997) are the origin of such searches; Webb (Machine Learning 68, 2007) says why what is
found must be confirmed on rows that were not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.subgroups.descriptions import (
    BASE,
    OTHER,
    UNKNOWN,
    WHOLE,
    Conditions,
    Places,
    conditions_of,
)
from vitalfew.algorithms.subgroups.moments import Comparison, Moments, compare, divided
from vitalfew.dataframes.arrays import AnyInts, Bools, Floats, Ints

LEAST_LOG = -1e4
"""ln of a p that is 0 to the machine."""


@dataclass(frozen=True)
class Halves:
    """The groups by their keys, in order, and their moments on the half that is searched and on the other."""

    keys: Ints
    sets: Sequence[Places]
    found: Moments
    other: Moments

    @property
    def both(self) -> Moments:
        return self.found + self.other

    def places(self, keys: AnyInts) -> AnyInts:
        """Where these keys are; -1 where nobody is."""
        near = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[near] == keys, near, -1)


@dataclass(frozen=True)
class Tested:
    """All groups, in the order of `Halves.keys`: which are tested, how they differ from the rest, and what chance says.

    `p` is two-sided, of the half that is searched; `p_other` one-sided, of the same direction on the other.
    """

    is_tested: Bools
    rest: Comparison
    rest_other: Comparison
    p: Floats
    p_other: Floats


def codes_of(halves: Halves, position: int) -> Ints:
    found: Ints = halves.keys // BASE**position % BASE
    return found


def is_plain(halves: Halves) -> Bools:
    """Whether a group is of one attribute at least, and of no rare values taken together."""
    sizes = np.array([len(chosen) for chosen in halves.sets], np.int64)[halves.keys // WHOLE]
    plain: Bools = sizes > 0
    for position in range(int(sizes.max(initial=0))):
        plain &= (position >= sizes) | (codes_of(halves, position) != OTHER)
    return plain


def others(halves: Halves, side: Moments) -> Moments:
    """Of each group, all who are not in it and of whom the attributes are known for which it has a value.

    By inclusion and exclusion of those of whom one of them, two, or three are not known.
    """
    numbers = {chosen: number for number, chosen in enumerate(halves.sets)}
    of_set = halves.keys // WHOLE
    found = Moments(*(np.zeros(len(halves.keys)) for _ in range(3)))
    deepest = max((len(chosen) for chosen in halves.sets), default=0)
    for size in range(deepest + 1):
        for positions in combinations(range(deepest), size):
            are_there = np.array([len(chosen) > max(positions, default=-1) for chosen in halves.sets])[of_set]
            for position in positions:
                are_there &= codes_of(halves, position) != UNKNOWN
            unknown = np.array(
                [
                    numbers[tuple(chosen[position] for position in positions)]
                    if len(chosen) > max(positions, default=-1)
                    else 0
                    for chosen in halves.sets
                ],
                np.int64,
            )
            places = np.where(are_there, halves.places(unknown[of_set] * WHOLE), -1)
            found = found - side.at(places) if size % 2 else found + side.at(places)
    return found - side


def lefts(halves: Halves) -> Iterator[tuple[Callable[[Moments], Moments], Bools]]:
    """For each condition of the groups: who meets the others and not this one, of whom the value is known; and which

    groups have such a condition.
    """
    numbers = {chosen: number for number, chosen in enumerate(halves.sets)}
    of_set = halves.keys // WHOLE
    for position in range(max((len(chosen) for chosen in halves.sets), default=0)):
        has = np.array([position < len(chosen) for chosen in halves.sets])[of_set]
        without = [
            numbers[chosen[:position] + chosen[position + 1 :]] if position < len(chosen) else 0
            for chosen in halves.sets
        ]
        below, above = halves.keys % BASE**position, halves.keys % WHOLE // BASE ** (position + 1)
        code = codes_of(halves, position)
        parent = halves.places(np.array(without, np.int64)[of_set] * WHOLE + above * BASE**position + below)
        unknown = np.where(code == UNKNOWN, -1, halves.places(halves.keys - (code - UNKNOWN) * BASE**position))
        yield partial(left_of, parent=parent, unknown=unknown), has


def left_of(side: Moments, parent: AnyInts, unknown: AnyInts) -> Moments:
    return side.at(parent) - side - side.at(unknown)


def looked_at(halves: Halves, least: int, least_of_half: int, may: Bools) -> Tested:
    """Every group of `least` rows or more, `least_of_half` on each half, that `may` be looked at; no other is tested.

    The rest, and what is left of each parent, must be as many.
    """
    sides = (halves.found, halves.other)
    are_enough = enough(sides, least, least_of_half) & may & is_plain(halves)
    rests = [others(halves, side) for side in sides]
    rest, rest_other = (compare(side, other) for side, other in zip(sides, rests, strict=True))
    are_enough &= enough(rests, least, least_of_half) & ~np.isnan(rest.p_value)
    signs = np.sign(rest.difference)
    p, p_other = rest.p_value, one_sided(rest_other, signs)
    for left, has in lefts(halves):
        parts = [left(side) for side in sides]
        here, there = (compare(side, part) for side, part in zip(sides, parts, strict=True))
        same = enough(parts, least, least_of_half) & (np.sign(here.difference) == signs) & ~np.isnan(here.p_value)
        p = np.where(has, np.maximum(p, np.where(same, here.p_value, 1.0)), p)
        p_other = np.where(has, np.maximum(p_other, one_sided(there, signs)), p_other)
    return Tested(are_enough, rest, rest_other, np.where(are_enough, p, np.nan), p_other)


def enough(sides: Sequence[Moments], least: int, least_of_half: int) -> Bools:
    found, other = sides
    result: Bools = (found.n + other.n >= least) & (found.n >= least_of_half) & (other.n >= least_of_half)
    return result


def one_sided(comparison: Comparison, signs: Floats) -> Floats:
    """The p of a difference of this sign; 1 where none can be told."""
    towards = comparison.towards(signs)
    return np.where(np.isnan(towards), 1.0, towards)


def q_values(p: Floats) -> Floats:
    """Benjamini and Hochberg's, of all that are not NaN."""
    result = np.full(len(p), np.nan)
    is_there = ~np.isnan(p)
    with np.errstate(divide="ignore"):
        result[is_there] = np.exp(log_false_discovery_rate(np.maximum(np.log(p[is_there]), LEAST_LOG)))
    return result


def standard_deviation(everybody: Moments) -> Floats:
    return np.sqrt(divided(everybody.scatter, everybody.n - 1))


@dataclass(frozen=True)
class Members:
    """Which rows of a sample are in a group, and which are the others with whom it is compared."""

    inside: Bools
    others: Bools


def members(rows: Ints, conditions: Conditions) -> Members:
    """`rows` has the codes of each attribute of a sample."""
    inside, known = np.ones(rows.shape[1], np.bool_), np.ones(rows.shape[1], np.bool_)
    for attribute, code in conditions:
        inside &= rows[attribute] == code
        if code != UNKNOWN:
            known &= rows[attribute] != UNKNOWN
    return Members(inside, known & ~inside)


def distinct(order: Sequence[int], of: Mapping[int, Members], most: float, at_most: int) -> list[int]:
    """Of groups in `order`, the first of each few that are nearly the same rows, or nearly the others; `at_most`.

    Nearly: their Jaccard index is above `most`. A group and its others say the same.
    """
    kept: list[int] = []
    for place in order:
        if len(kept) == at_most:
            break
        own = of[place].inside
        if all(max(jaccard(own, of[one].inside), jaccard(own, of[one].others)) <= most for one in kept):
            kept.append(place)
    return kept


def apart(halves: Halves, order: Sequence[int], least: int, least_of_half: int, significance: float) -> list[int]:
    """Of groups in `order`, those that differ also from the others of whom no group of the same attributes was named.

    Where one of five regions spends more, the other four spend less than the rest: they say nothing of their own. Nor
    do all values of an attribute get into a list, so that who has none of them are read from the total.
    """
    sides = (halves.found, halves.other)
    rests = [others(halves, side) for side in sides]
    named: dict[int, list[int]] = {}
    kept = []
    for place in order:
        before = named.setdefault(int(halves.keys[place]) // WHOLE, [])
        inside = np.array([one for one in before if is_compared(halves, place, one)], np.int64)
        left = [rest.at(np.array([place])) - side.at(inside).together for rest, side in zip(rests, sides, strict=True)]
        now, own = compare(halves.found.at(np.array([place])), left[0]), halves.found.at(np.array([place]))
        then = compare(own, rests[0].at(np.array([place])))
        is_same = np.sign(now.difference) == np.sign(then.difference)
        if not before or (enough(left, least, least_of_half) & is_same & (now.p_value <= significance))[0]:
            kept.append(place)
            before.append(place)
    return kept


def is_compared(halves: Halves, place: int, other: int) -> bool:
    """Whether another group of the same attributes is among those with whom a group is compared."""
    conditions = zip(described(halves, place), described(halves, other), strict=True)
    return all(own == UNKNOWN or code != UNKNOWN for (_, own), (_, code) in conditions)


def jaccard(one: Bools, other: Bools) -> float:
    either = np.count_nonzero(one | other)
    return float(np.count_nonzero(one & other) / either) if either else 0.0


def described(halves: Halves, place: int) -> Conditions:
    return conditions_of(int(halves.keys[place]), halves.sets)
