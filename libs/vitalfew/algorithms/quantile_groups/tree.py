"""A tree of groups of like rows, by the values of their attributes.

Perlich, Rosset, Lawrence and Zadrozny (KDD 2007) adapt regression trees to quantiles: splits are those of the mean, and
a leaf gives a quantile. Values of an attribute are ordered by their mean response; the best cut of that order is the
best of all splits in two (Breiman et al. 1984, theorem 4.5). Rows whose value is not known part no groups: that
somebody knows it may itself follow from the response. They are left out of the gain, and go where more of the others
are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Bools, Ints

Value = str | None
DEVIATIONS = 2
"""Of chi-square, above its mean: what chance gains in one of fifty tries."""


@dataclass(frozen=True)
class Split:
    """Rows whose `attribute` has one of `values` go to the node `inside`, all others to `outside`."""

    attribute: str
    values: tuple[Value, ...]
    inside: int
    outside: int


@dataclass(frozen=True)
class Tree:
    """Its nodes by number, 0 being that of all rows: the parent of each, the split of each that has one, and the values
    that its rows may have, of attributes that some split looked at."""

    parents: tuple[int | None, ...]
    splits: Mapping[int, Split]
    allowed: tuple[Mapping[str, tuple[Value, ...]], ...]

    @property
    def leaves(self) -> list[int]:
        """The nodes without a split, in the order of their numbers."""
        return [node for node in range(len(self.parents)) if node not in self.splits]

    def path(self, node: int) -> list[int]:
        """The nodes from the root to `node`."""
        parent = self.parents[node]
        return [node] if parent is None else [*self.path(parent), node]

    def below(self, node: int) -> list[int]:
        """The leaves that `node` is on the path to."""
        return [leaf for leaf in self.leaves if node in self.path(leaf)]


@dataclass(frozen=True)
class Codes:
    """An attribute of rows: the place of each row's value among `values`."""

    values: Sequence[Value]
    places: Ints


@dataclass(frozen=True)
class Found:
    """The best split of some rows: which side has fewer of them, and by how much it lowers the squared error."""

    attribute: str
    values: tuple[Value, ...]
    is_inside: Bools
    gain: float
    surplus: float


def coded(values: Sequence[Value], most: int, other: str) -> Codes:
    """The `most` frequent values (ties by name) and None; the rest as `other`."""
    counts: dict[Value, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    known = sorted((value for value in counts if value is not None), key=lambda value: (-counts[value], value))
    kept: list[Value] = [*sorted(known[:most])]
    kept += [other] if len(known) > most and other not in kept else []
    kept += [None] if None in counts else []
    places = {value: place for place, value in enumerate(kept)}
    rest = places.get(other, 0)
    return Codes(kept, np.array([places.get(value, rest) for value in values], np.int64))


def grow(attributes: Mapping[str, Codes], response: Ints, most_leaves: int, least: int) -> Tree:
    """The tree with at most `most_leaves` of at least `least` rows each, the split that gains most first.

    A split must gain more than chance: n ln(SSE before / after) is above the upper end of chi-square with one degree of
    freedom for each value but one. `response` is whole numbers: sums are exact, in whatever order rows come.
    """
    parents: list[int | None] = [None]
    splits: dict[int, Split] = {}
    allowed: list[dict[str, tuple[Value, ...]]] = [{}]
    rows = {0: np.arange(len(response))}
    best = {0: best_split(attributes, response, rows[0], least)}
    while len(parents) - len(splits) < most_leaves:
        open_nodes = {node: found for node, found in best.items() if found is not None}
        if not open_nodes:
            break
        node, found = min(open_nodes.items(), key=lambda item: (-item[1].gain, item[0]))
        inside, outside = len(parents), len(parents) + 1
        splits[node] = Split(found.attribute, found.values, inside, outside)
        parents += [node, node]
        before = allowed[node].get(found.attribute, tuple(attributes[found.attribute].values))
        rest = tuple(value for value in before if value not in found.values)
        mine = tuple(value for value in before if value in found.values)
        allowed += [{**allowed[node], found.attribute: mine}, {**allowed[node], found.attribute: rest}]
        rows |= {inside: rows[node][found.is_inside], outside: rows[node][~found.is_inside]}
        best[node] = None
        best |= {child: best_split(attributes, response, rows[child], least) for child in (inside, outside)}
    return Tree(tuple(parents), splits, tuple(allowed))


def best_split(attributes: Mapping[str, Codes], response: Ints, rows: Ints, least: int) -> Found | None:
    """The split of these rows that gains most; None where none gains more than chance would."""
    if len(rows) < 2 * least:
        return None
    found = [split_by(name, codes, response[rows], codes.places[rows], least) for name, codes in attributes.items()]
    better = [each for each in found if each is not None and each.surplus > 0]
    return min(better, key=lambda each: (-each.gain, each.attribute), default=None)


def split_by(name: str, codes: Codes, response: Ints, places: Ints, least: int) -> Found | None:
    """The best split by one attribute: one cut of its known values in the order of their mean response."""
    unknown = [place for place, value in enumerate(codes.values) if value is None]
    is_known = ~np.isin(places, unknown)
    known = response[is_known]
    counts = np.bincount(places[is_known], minlength=len(codes.values))
    sums = np.bincount(places[is_known], weights=known, minlength=len(codes.values))
    there = [place for place in range(len(counts)) if counts[place]]
    if len(there) < 2:
        return None
    order = sorted(there, key=lambda place: (sums[place] / counts[place], place))
    n, total = len(known), float(known.sum())
    left_n, left_sum = np.cumsum(counts[order])[:-1], np.cumsum(sums[order])[:-1]
    right_n, right_sum = n - left_n, total - left_sum
    gains = left_sum**2 / left_n + right_sum**2 / right_n - total**2 / n
    gains[(left_n < least) | (right_n < least)] = -np.inf
    cut = int(np.argmax(gains))
    gain = float(gains[cut])
    if not gain > 0:
        return None
    is_left_smaller = left_n[cut] <= right_n[cut]
    chosen = order[: cut + 1] if is_left_smaller else order[cut + 1 :]
    error = float((known.astype(np.float64) ** 2).sum()) - total**2 / n
    left = error - gain
    evidence = math.inf if left <= error * 1e-12 else n * math.log(error / left)
    freedom = len(there) - 1
    surplus = evidence - freedom - DEVIATIONS * math.sqrt(2 * freedom) - DEVIATIONS
    values = tuple(codes.values[place] for place in sorted(chosen))
    return Found(name, values, np.isin(places, chosen), gain, surplus)
