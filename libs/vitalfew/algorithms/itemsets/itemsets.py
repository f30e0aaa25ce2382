"""Frequent itemsets in the driver's memory, and where among them a given set is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.itemsets.mining import Sets
from vitalfew.dataframes.arrays import AnyInts as Ints


@dataclass(frozen=True)
class Itemsets:
    """Every set of items that is in enough of the baskets.

    `names` are the items by rank; `of_size[k - 1]` are the sets of k items, in the order of a trie: the set that a row
    continues, then the item it adds. `keys` are these two as one number, which makes a set easy to find.
    """

    baskets: int
    names: pa.Array
    of_size: tuple[Sets, ...]
    keys: tuple[Ints, ...]

    @property
    def count(self) -> int:
        return sum(sets.counts.size for sets in self.of_size)

    def find(self, ranks: Ints) -> Ints:
        """The rows among `of_size` of the sets that are the rows of a matrix, ranks descending.

        They have to be there: every part of a frequent set is frequent.
        """
        rows: Ints = ranks[:, 0].astype(np.int64)
        for size in range(1, ranks.shape[1]):
            rows = np.searchsorted(self.keys[size], rows * len(self.names) + ranks[:, size])
        return rows


def index(baskets: int, names: pa.Array, counts: Ints, larger: Mapping[int, Sets]) -> Itemsets:
    """Itemsets of all single items, with their `counts` by rank, and of the `larger` sets by size."""
    singles = Sets(np.arange(len(names))[:, np.newaxis], counts)
    found = Itemsets(baskets, names, (singles,), (np.arange(len(names)),))
    for size in sorted(larger):
        sets = larger[size]
        if not sets.counts.size:
            break
        keys = found.find(sets.ranks[:, :-1]) * len(names) + sets.ranks[:, -1]
        order = np.argsort(keys)
        found = Itemsets(
            baskets,
            names,
            (*found.of_size, Sets(sets.ranks[order], sets.counts[order])),
            (*found.keys, keys[order]),
        )
    return found


def named(names: pa.Array, ranks: Ints) -> pa.ListArray:
    """Each row of a matrix of ranks as the list of its items' names, sorted."""
    by_name = np.argsort(names.to_numpy(zero_copy_only=False), kind="stable")
    place = np.empty_like(by_name)
    place[by_name] = np.arange(by_name.size)
    rows, size = ranks.shape
    sorted_ranks = by_name[np.sort(place[ranks], axis=1)]
    return pa.ListArray.from_arrays(
        pa.array(np.arange(rows + 1) * size, pa.int32()), names.take(pa.array(sorted_ranks.ravel()))
    )
