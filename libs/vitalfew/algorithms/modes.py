"""The most frequent item of each group.

SQL would count every pair of group and item, and there are nearly as many pairs as items; sorting codes in numpy takes
two thirds of the time of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def modes(frame: DataFrame, group: str, items: str, weights: str, *, partitions: int) -> DataFrame:
    """One row per `group` that has an item, with the item in most of its rows, under the names of these columns.

    Ties go by the sum of the item's weights, then by the item. `items` is an array of strings, distinct in a row,
    `weights` an array of as many decimals. Each partition is held in memory whole, so give enough of them.
    """

    rows = frame.select(group, items, weights).repartition(partitions, group)
    return rows.mapInArrow(modes_of_partition, f"`{group}` string, `{items}` string")


def modes_of_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The modes of the groups of one partition, which holds every row of them."""
    held = [batch for batch in batches if batch.num_rows]
    if held:
        yield from mode_of_each(pa.Table.from_batches(held)).to_batches()


def mode_of_each(rows: pa.Table) -> pa.Table:
    """The first two columns of `rows` (group, items, weights), with one item for each group that has any."""
    who = rows.column(0).combine_chunks().dictionary_encode()
    lists = rows.column(1).combine_chunks()
    what, items = positions(lists.flatten())
    if not len(what):
        return rows.select([0]).append_column(rows.column_names[1], rows.column(0)).slice(0, 0)
    sizes = np.diff(lists.offsets.to_numpy())
    pair = np.repeat(who.indices.to_numpy().astype(np.int64), sizes) * len(items) + what
    weight = unscaled(rows.column(2).combine_chunks().flatten())

    order = np.argsort(pair)
    pair, weight = pair[order], weight[order]
    start = np.flatnonzero(np.diff(pair, prepend=-1))
    pair, count, weight = pair[start], np.diff(start, append=len(pair)), np.add.reduceat(weight, start)

    first = np.flatnonzero(np.diff(pair // len(items), prepend=-1))
    is_best = heaviest(count, first, np.ones(len(pair), dtype=bool))
    is_best = heaviest(weight, first, is_best)
    best = np.minimum.reduceat(np.where(is_best, pair, np.iinfo(np.int64).max), first)
    chosen = [who.dictionary.take(pa.array(best // len(items))), items.take(pa.array(best % len(items)))]
    return pa.Table.from_arrays(chosen, names=rows.column_names[:2])


def positions(strings: pa.Array) -> tuple[Ints, pa.Array]:
    """The position of each string among the distinct ones, and these, sorted."""
    encoded = strings.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return position[encoded.indices.to_numpy()], encoded.dictionary.take(pa.array(order))


def unscaled(decimals: pa.Array) -> Ints:
    """Decimals as whole numbers of their last digit: the low half of each 128 bits, which 18 digits fit into."""
    words = np.frombuffer(decimals.buffers()[1], dtype=np.int64)
    return words[2 * decimals.offset : 2 * (decimals.offset + len(decimals)) : 2]


def heaviest(values: Ints, first: Ints, among: Bools) -> Bools:
    """Whether each value is the largest among those chosen in its segment; segments begin at `first`."""
    chosen = np.where(among, values, np.iinfo(np.int64).min)
    largest = np.repeat(np.maximum.reduceat(chosen, first), np.diff(first, append=len(values)))
    found: Bools = among & (values == largest)
    return found
