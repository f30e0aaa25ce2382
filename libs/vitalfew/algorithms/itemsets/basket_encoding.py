"""Baskets of item names as compact numbers, so that the names are read and compared only once.

A chunk of some hundred thousand baskets becomes one row: the chunk's own dictionary of names with their counts, and
each basket as positions in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from vitalfew.dataframes.arrays import AnyInts as Ints

SCHEMA = (
    "names array<string>, n array<bigint>, basket_items array<bigint>, baskets bigint, oversized bigint, "
    "codes binary, lengths binary"
)
CHUNK = 1_000_000
"""Items that are packed at once."""


def pack(batches: Iterable[pa.RecordBatch], largest: int) -> Iterator[pa.RecordBatch]:
    """Rows of SCHEMA from batches whose first column is `array<string>`, the items of a basket.

    An item that stands twice in a basket, or is NULL, counts once or not at all. Empty baskets are no baskets; those of
    more than `largest` items are counted and left out. `n`: how many baskets have the item; `basket_items`: how many
    items these hold. `codes` and `lengths` leave out baskets of a single item: no set of two can come from them.
    """
    held: list[pa.ListArray] = []
    items = 0
    for batch in batches:
        held.append(batch.column(0))
        items += len(batch.column(0).flatten())
        if items >= CHUNK:
            yield pack_chunk(pa.concat_arrays(held), largest)
            held, items = [], 0
    if held:
        yield pack_chunk(pa.concat_arrays(held), largest)


def pack_chunk(column: pa.ListArray, largest: int) -> pa.RecordBatch:
    """One row of SCHEMA."""
    names, codes, lengths = encode(column.drop_null())
    kept = lengths <= largest
    codes, fitting = codes[np.repeat(kept, lengths)], lengths[kept]
    in_basket = np.repeat(fitting, fitting)
    n = np.bincount(codes, minlength=len(names))
    basket_items = np.bincount(codes, weights=in_basket, minlength=len(names)).astype(np.int64)
    row = {
        "names": one_list(names),
        "n": one_list(pa.array(n)),
        "basket_items": one_list(pa.array(basket_items)),
        "baskets": pa.array([np.count_nonzero(fitting)]),
        "oversized": pa.array([np.count_nonzero(~kept)]),
        "codes": pa.array([codes[in_basket > 1].astype(code_type(len(names))).tobytes()]),
        "lengths": pa.array([fitting[fitting > 1].astype(np.int32).tobytes()]),
    }
    return pa.record_batch(list(row.values()), names=list(row))


def one_list(values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)


def encode(column: pa.ListArray) -> tuple[pa.Array, Ints, Ints]:
    """A list column as its distinct names, the positions in them of each list's distinct items, ascending, and how
    many these are."""
    encoded = column.flatten().dictionary_encode()
    rows = np.repeat(np.arange(len(column)), np.diff(column.offsets.to_numpy()))
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if encoded.null_count:
        rows, codes = rows[codes >= 0], codes[codes >= 0]
    first_of_row = rows * len(encoded.dictionary)
    keys = np.sort(first_of_row + codes)
    codes = keys - first_of_row  # sorting moves nothing from one row to another
    new = np.diff(keys, prepend=-1) > 0
    if not new.all():
        rows, codes = rows[new], codes[new]
    return encoded.dictionary, codes, np.bincount(rows, minlength=len(column))


def code_type(names: int) -> np.dtype[np.unsignedinteger]:
    """The smallest type that numbers so many names."""
    return np.min_scalar_type(names)
