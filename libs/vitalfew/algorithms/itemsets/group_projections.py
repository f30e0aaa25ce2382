"""What each group of items needs to know of each basket, on Arrow batches: its part of the work of FP-Growth.

A basket becomes ranks (0 is the most frequent item). A group that owns some of its items needs the prefix up to the
last of them, for a set is mined where its rarest item is owned (PFP: Li, Wang, Zhang, Zhang & Chang, RecSys 2008).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitalfew.algorithms.itemsets.basket_encoding import code_type
from vitalfew.algorithms.itemsets.mining import Baskets, pieces, slices
from vitalfew.dataframes.arrays import AnyInts as Ints

SCHEMA = "grp int, ranks binary, lengths binary, weights binary"
EMITTED = 4_000_000
"""Elements of prefixes that leave at once."""


def shard(batches: Iterable[pa.RecordBatch], names: pa.Array, group_of: Ints, groups: int) -> Iterator[pa.RecordBatch]:
    """Rows of SCHEMA from rows of packed baskets: names, codes, lengths. `names` are the frequent items by rank."""
    for batch in batches:
        for row in range(batch.num_rows):
            local, codes, lengths = (batch.column(name)[row] for name in ("names", "codes", "lengths"))
            merged = merge(rank(local.values, codes.as_buffer(), lengths.as_buffer(), names))
            owners, positions, needed = prefixes(merged, group_of, groups)
            for first, last in pieces(needed, EMITTED):
                part = slice(first, last)
                ranks, bounds = slices(merged.ranks, merged.bounds[positions[part]], needed[part])
                yield pack(owners[part], Baskets(ranks, bounds, merged.weights[positions[part]]))


def rank(local: pa.Array, codes: pa.Buffer, lengths: pa.Buffer, names: pa.Array) -> Baskets:
    """Packed baskets as ranks; items that are not in `names` are left out, and then baskets with fewer than two."""
    rank_of_code = pc.index_in(local, value_set=names.cast(local.type)).fill_null(-1).to_numpy(zero_copy_only=False)
    ranks = rank_of_code[np.frombuffer(codes, code_type(len(local)))]
    rows = np.repeat(np.arange(lengths.size // 4), np.frombuffer(lengths, np.int32))
    known = ranks >= 0
    rows, ranks = rows[known], ranks[known]
    several = np.bincount(rows, minlength=1)[rows] > 1
    rows, ranks = rows[several], ranks[several]
    first_of_row = rows * len(names)
    ranks = np.sort(first_of_row + ranks) - first_of_row
    lengths_left = np.bincount(rows, minlength=1)
    bounds = to_bounds(lengths_left[lengths_left > 0])
    return Baskets(ranks.astype(code_type(len(names))), bounds, np.ones(bounds.size - 1, np.int64))


def merge(baskets: Baskets) -> Baskets:
    """Equal baskets as one, with a weight: each is the key of an Arrow dictionary, its ranks as bytes."""
    width = baskets.ranks.dtype.itemsize
    buffers = [None, pa.py_buffer((baskets.bounds * width).astype(np.int32)), pa.py_buffer(baskets.ranks)]
    counted = pc.value_counts(pa.BinaryArray.from_buffers(pa.binary(), baskets.weights.size, buffers))
    rows = counted.field("values")
    bounds = np.frombuffer(rows.buffers()[1], np.int32)[: len(rows) + 1].astype(np.int64) // width
    ranks = np.frombuffer(rows.buffers()[2] or b"", baskets.ranks.dtype)
    return Baskets(ranks[: bounds[-1]], bounds, counted.field("counts").to_numpy())


def prefixes(baskets: Baskets, group_of: Ints, groups: int) -> tuple[Ints, Ints, Ints]:
    """For each group in turn: which group, which basket, and how long the prefix that the group needs of it is.

    Prefixes of one item are left out: no set of two can come from them.
    """
    count = baskets.weights.size
    rows = np.repeat(np.arange(count), baskets.lengths)
    positions = np.arange(baskets.ranks.size) - baskets.bounds[rows]
    last = np.zeros(groups * count, np.int32)
    last[group_of[baskets.ranks] * count + rows] = positions  # ascending in each row, so that the last one stays
    needed = np.flatnonzero(last)
    return needed // max(count, 1), needed % max(count, 1), last[needed] + 1


def pack(owners: Ints, baskets: Baskets) -> pa.RecordBatch:
    """One row of SCHEMA for each group; `owners` are ascending."""
    groups, firsts = np.unique(owners, return_index=True)
    edges = [*firsts.tolist(), owners.size]
    rows = [slice(first, last) for first, last in pairwise(edges)]
    lengths = baskets.lengths.astype(np.int32)
    columns = {
        "grp": pa.array(groups, pa.int32()),
        "ranks": [baskets.ranks[baskets.bounds[row.start] : baskets.bounds[row.stop]].tobytes() for row in rows],
        "lengths": [lengths[row].tobytes() for row in rows],
        "weights": [baskets.weights[row].tobytes() for row in rows],
    }
    return pa.record_batch([pa.array(column) for column in columns.values()], names=list(columns))


def unpack(batches: Iterable[pa.RecordBatch], dtype: np.dtype[np.unsignedinteger]) -> dict[int, Baskets]:
    """Rows of SCHEMA as the baskets of each group."""
    held: dict[int, list[Baskets]] = {}
    for batch in batches:
        for group, ranks, lengths, weights in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            bounds = to_bounds(np.frombuffer(lengths, np.int32))
            baskets = Baskets(np.frombuffer(ranks, dtype), bounds, np.frombuffer(weights, np.int64))
            held.setdefault(group, []).append(baskets)
    return {group: join(held.pop(group)) for group in list(held)}


def join(parts: list[Baskets]) -> Baskets:
    lengths = np.concatenate([part.lengths for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    return Baskets(np.concatenate([part.ranks for part in parts]), to_bounds(lengths), weights)


def to_bounds(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
