"""Frequent sets of one group of items, by projection on flat numpy arrays.

A set grows from its rarest item towards more frequent ones (FP-Growth's conditional databases, without the tree).
All sets of one size grow in one vectorised step while they fit into memory, and part by part beyond that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vitalfew.dataframes.arrays import AnyInts as Ints

"""A one-dimensional array of whole numbers; a matrix where the text says so."""

STEP = 2_000_000
"""Elements that are gathered at once: large enough for numpy to be fast, small enough for any machine."""


@dataclass(frozen=True)
class Baskets:
    """Weighted rows of ranks (0 is the most frequent item), ascending and distinct in each row.

    Row i is `ranks[bounds[i]:bounds[i + 1]]` and stands for `weights[i]` equal baskets.
    """

    ranks: Ints
    bounds: Ints
    weights: Ints

    @property
    def lengths(self) -> Ints:
        return np.diff(self.bounds)


@dataclass(frozen=True)
class Sets:
    """Sets of one size: a matrix of ranks, descending in each row, and in how many baskets each is."""

    ranks: Ints
    counts: Ints

    def reaching(self, floor: int) -> Sets:
        enough = self.counts >= floor
        return Sets(self.ranks[enough], self.counts[enough])


class Harvest:
    """The sets found so far, of every size.

    `floor` is the count that a set must reach. It rises as soon as more than `most_sets` sets would have to be kept,
    to the least count that no more than so many reach: sets of equal count stay or go together.
    """

    def __init__(self, floor: int, most_sets: int, longest: int) -> None:
        self.floor = floor
        self.longest = longest
        self._most_sets = most_sets
        self._parts: list[Sets] = []
        self._held = 0

    def add(self, sets: Sets) -> None:
        self._parts.append(sets)
        self._held += sets.counts.size
        if self._held > 2 * self._most_sets:  # twice, so that the work of cutting stays in proportion
            self._cut()

    def by_size(self) -> dict[int, Sets]:
        """What remains in the end: at most `most_sets` sets, all that reach `floor`."""
        self._cut()
        sizes = sorted({part.ranks.shape[1] for part in self._parts})
        return {size: together([part for part in self._parts if part.ranks.shape[1] == size]) for size in sizes}

    def _cut(self) -> None:
        if self._held <= self._most_sets:
            return
        counts = np.concatenate([part.counts for part in self._parts])
        self.floor = max(self.floor, affordable_floor(counts, self._most_sets))
        kept = (part.reaching(self.floor) for part in self._parts)
        self._parts = [part for part in kept if part.counts.size]
        self._held = sum(part.counts.size for part in self._parts)


def affordable_floor(counts: Ints, most: int) -> int:
    """The least count that at most `most` of `counts` reach; 0 where all may stay."""
    if counts.size <= most:
        return 0
    first_out = counts.size - most - 1
    return int(np.partition(counts, first_out)[first_out]) + 1


def together(parts: list[Sets]) -> Sets:
    return Sets(np.concatenate([part.ranks for part in parts]), np.concatenate([part.counts for part in parts]))


def mine(baskets: Baskets, roots: Ints, supports: Ints, harvest: Harvest) -> None:
    """Harvest every frequent set of two items or more whose rarest item is one of `roots`.

    `roots` are ranks in ascending order; `supports` are the counts of all ranks. The harvest begins with the most
    frequent items, so that a floor that has to rise does so early.
    """
    node_of_rank = np.full(supports.size, -1, np.int32)
    node_of_rank[roots] = np.arange(roots.size)
    singles = Sets(roots[:, np.newaxis].astype(baskets.ranks.dtype), supports[roots])
    grow(baskets, node_of_rank[baskets.ranks], singles, supports.size, harvest)


def grow(baskets: Baskets, nodes: Ints, sets: Sets, width: int, harvest: Harvest) -> None:
    """Harvest every frequent set that extends one of `sets` by more frequent items.

    `nodes` gives, for each element of `baskets`, the row of `sets` that ends in it; -1 where none does. What stands
    before the element in its row is then a basket of that set's conditional database. `width` is the number of ranks.
    """
    if sets.ranks.shape[1] >= harvest.longest:
        return
    lengths = baskets.lengths
    starts = np.repeat(baskets.bounds[:-1], lengths)
    before = np.arange(nodes.size) - starts
    live = np.flatnonzero((before > 0) & (nodes >= 0))
    live = live[sets.counts[nodes[live]] >= harvest.floor]  # it may have risen since they were counted
    volumes = np.bincount(nodes[live], weights=before[live], minlength=sets.counts.size).astype(np.int64)
    weights = np.repeat(baskets.weights, lengths)
    for first, last, chosen in split(live, nodes, volumes):
        rows, bounds = slices(baskets.ranks, starts[chosen], before[chosen])
        databases = Baskets(rows, bounds, weights[chosen])
        extended = Sets(sets.ranks[first:last], sets.counts[first:last])
        extend(databases, nodes[chosen] - first, extended, width, harvest)


def split(live: Ints, nodes: Ints, volumes: Ints) -> Iterator[tuple[int, int, Ints]]:
    """Ranges of nodes of about STEP in volume, each with those of `live` whose node is in it."""
    ranges = list(pieces(volumes, STEP))
    if len(ranges) == 1:
        yield *ranges[0], live
        return
    piece_of_node = np.searchsorted([last for _, last in ranges], np.arange(volumes.size), side="right")
    piece_of_live = piece_of_node.astype(np.uint16)[nodes[live]]  # 16 bits: numpy sorts them in linear time
    live = live[np.argsort(piece_of_live, kind="stable")]
    edges = np.concatenate([[0], np.cumsum(np.bincount(piece_of_live, minlength=len(ranges)))])
    for piece, (first, last) in enumerate(ranges):
        yield first, last, live[edges[piece] : edges[piece + 1]]


def extend(baskets: Baskets, parents: Ints, sets: Sets, width: int, harvest: Harvest) -> None:
    """Count every extension of `sets` by one item, harvest those that are frequent, and go on from them.

    `baskets` are the conditional databases of all sets; row i belongs to row `parents[i]` of `sets`.
    """
    lengths = baskets.lengths
    keys = np.repeat(parents.astype(np.int64) * width, lengths) + baskets.ranks
    frequent, counts, nodes = frequent_keys(keys, np.repeat(baskets.weights, lengths), harvest.floor)
    if not frequent.size:
        return
    ranks = np.column_stack([sets.ranks[frequent // width], (frequent % width).astype(sets.ranks.dtype)])
    grown = Sets(ranks, counts)
    harvest.add(grown)
    kept = nodes >= 0
    left = np.concatenate([[0], np.cumsum(kept)])[baskets.bounds]
    long = np.diff(left) > 1  # a row of one item has been counted and can grow no further
    kept &= np.repeat(long, lengths)
    bounds = np.concatenate([[0], np.cumsum(np.diff(left)[long])])
    grow(Baskets(baskets.ranks[kept], bounds, baskets.weights[long]), nodes[kept], grown, width, harvest)


def frequent_keys(keys: Ints, weights: Ints, floor: int) -> tuple[Ints, Ints, Ints]:
    """The keys whose weights sum to `floor` at least, ascending; their sums; and for each element of `keys` its
    position among them, or -1."""
    highest = int(keys.max(initial=-1)) + 1
    if highest > 4 * keys.size + STEP // 2:  # too sparse to count in an array as long as the highest key
        found, keys = np.unique(keys, return_inverse=True)
    else:
        found = np.arange(highest)
    # Sums of doubles are exact up to 2 ** 53, and bincount knows no other weights.
    counts = np.bincount(keys, weights=weights, minlength=found.size).astype(np.int64)
    frequent = np.flatnonzero(counts >= floor)
    position = np.full(found.size, -1, np.int32)
    position[frequent] = np.arange(frequent.size)
    return found[frequent], counts[frequent], position[keys]


def slices(flat: Ints, starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """`flat[start:start + length]` of every pair, joined, and the bounds of the pieces."""
    bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    positions = np.arange(bounds[-1])
    positions += np.repeat(starts - bounds[:-1], lengths)
    return flat[positions], bounds


def pieces(sizes: Ints, limit: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of `sizes`, each of `limit` in sum or little more, or of one element that alone is larger."""
    before = np.cumsum(sizes) - sizes
    edges = np.flatnonzero(np.diff(before // limit, prepend=-1, append=-1)) if sizes.size else np.zeros(0, np.int64)
    for first, last in pairwise(edges.tolist()):
        if sizes[first:last].any():
            yield first, last
