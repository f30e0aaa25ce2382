"""Columns of texts and of lists, on Arrow arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitalfew.dataframes.arrays import Bools, Ints


@dataclass(frozen=True)
class Ranked:
    """Texts as ranks, in their order or in none, -1 for NULL, and the text of each rank."""

    ranks: Ints
    texts: pa.Array

    def null_last(self) -> Ints:
        """The ranks, with NULL after all texts: for the least of several."""
        return np.where(self.ranks < 0, len(self.texts), self.ranks)

    def text(self, ranks: Ints) -> pa.Array:
        """The texts of `ranks`; NULL for those that are none."""
        return self.texts.take(pa.array(ranks, mask=(ranks < 0) | (ranks >= len(self.texts))))

    def in_order(self) -> Ranked:
        """The same, in the order of the bytes of the texts."""
        order = pc.array_sort_indices(self.texts)
        rank_of_code = np.full(len(order) + 1, -1)  # the last is that of NULL, whose code is -1
        rank_of_code[order.to_numpy()] = np.arange(len(order))
        return Ranked(rank_of_code[self.ranks], self.texts.take(order))


def coded(column: pa.Array) -> Ranked:
    """`column` in no order: enough to tell texts apart, and cheaper."""
    encoded = column.dictionary_encode()
    return Ranked(encoded.indices.fill_null(-1).to_numpy().astype(np.int64), encoded.dictionary)


def ranked(column: pa.Array) -> Ranked:
    """`column` in the order of its bytes."""
    return coded(column).in_order()


def lists(values: pa.Array, lengths: Ints, is_null: Bools | None = None) -> pa.Array:
    """Lists of so many `values` each, one after the other; NULL where `is_null`, which then is empty."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    missing = None if is_null is None else np.append(is_null, False)
    return pa.ListArray.from_arrays(pa.array(offsets, mask=missing), values)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """`column` in one piece."""
    found = column.combine_chunks()
    return found if isinstance(found, pa.Array) else pa.concat_arrays(found.chunks)
