"""Sums of runs of equal keys on Arrow columns, exact to the last digit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vitalfew.dataframes.arrays import Bools, Ints
from vitalfew.errors import AnalysisError

HALF, DIGITS = 32, 18
LOW_HALF = 2**HALF - 1


def starts(keys: Ints) -> Ints:
    """Where each run of equal `keys` begins."""
    if not keys.size:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))


def unscaled(column: pa.Array) -> Ints:
    """Decimals of at most 18 digits as whole numbers of their least unit; NULL is 0."""
    words = np.frombuffer(column.buffers()[1], np.int64).reshape(-1, 2)[column.offset : column.offset + len(column), 0]
    return np.where(known(column), words, 0) if column.null_count else words


def known(column: pa.Array) -> Bools:
    """Which values are not NULL."""
    found: Bools = column.is_valid().to_numpy(zero_copy_only=False)
    return found


def sums(
    values: Ints,
    begins: Ints,
    type_: pa.Decimal128Type,
    is_null: Bools | None = None,
    refusal: str = "a sum has more digits than its type",
) -> pa.Array:
    """The sum of each run of `values`, as decimals of `type_` in their unit; NULL where `is_null`.

    In two halves where 64 bits may not hold the sum; 128 do. AnalysisError, saying `refusal`, for more digits than the
    type has, where these are 18.
    """
    if not begins.size:
        return pa.array([], type_)
    words = np.empty((begins.size, 2), np.int64)
    if max(int(values.max()), -int(values.min())) * values.size < 2**63:
        words[:, 0] = np.add.reduceat(values, begins)
        words[:, 1] = words[:, 0] >> 63
    else:
        add_halves(values, begins, words.view(np.uint64))
    if type_.precision <= DIGITS and is_long(words, type_.precision):
        raise AnalysisError(refusal)
    valid = None if is_null is None else pa.array(~is_null).buffers()[1]
    return pa.Array.from_buffers(type_, begins.size, [valid, pa.py_buffer(words)])


def add_halves(values: Ints, begins: Ints, words: npt.NDArray[np.uint64]) -> None:
    """Fill `words` (low half, high half) with the sums of runs of numbers of any size."""
    high = np.add.reduceat(values >> HALF, begins)
    low = np.add.reduceat(values & LOW_HALF, begins).astype(np.uint64)
    words[:, 0] = (high.astype(np.uint64) << np.uint64(HALF)) + low
    words[:, 1] = (high >> HALF).astype(np.uint64) + (words[:, 0] < low)


def any_of(flags: Bools, begins: Ints) -> Bools:
    """Whether a flag of each run is true."""
    return np.logical_or.reduceat(flags, begins) if begins.size else np.empty(0, np.bool_)


def is_long(words: Ints, digits: int) -> bool:
    """Whether a number of 128 bits (low half, high half) has more than so many digits, of at most 18."""
    low, high = words[:, 0], words[:, 1]
    return bool(((high != low >> 63) | (low >= 10**digits) | (low <= -(10**digits))).any())
