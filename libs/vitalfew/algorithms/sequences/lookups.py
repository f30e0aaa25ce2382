"""Where keys are among others, on numpy arrays."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.sequences.tally import DENSE
from vitalfew.dataframes.arrays import Bools, Ints


def found_at(known: Ints, keys: Ints) -> tuple[Ints, Bools]:
    """The place of each of `keys` among those `known`, in rising order, and whether it is there: by a table where they
    lie close together, as to look into it costs far less than to search."""
    if not known.size:
        return np.zeros(keys.size, np.int64), np.zeros(keys.size, bool)
    width = int(known[-1] - known[0]) + 1
    if width > min(DENSE, 8 * keys.size):
        place = np.minimum(np.searchsorted(known, keys), known.size - 1)
        return place, known[place] == keys
    table = np.full(width + 1, -1, np.int32)  # the last is of what lies outside
    table[known - known[0]] = np.arange(known.size)
    offset = keys - known[0]
    found = table[np.where((offset >= 0) & (offset < width), offset, width)].astype(np.int64)
    return found, found >= 0


def is_in(keys: Ints, known: Ints) -> Bools:
    """Which of `keys` are among those `known`, which are in rising order."""
    return found_at(known, keys)[1]
