"""Which cluster of today is which of last time: centres paired so that all of them together move least."""

from __future__ import annotations

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Matrix


def match(centres: Matrix, before: Matrix, limit: float) -> list[int | None]:
    """For each centre the row of `before` that it continues, or None where none is within `limit`.

    Hungarian assignment (Kuhn 1955) of least total distance, in which staying unmatched costs as much as `limit`: a
    centre that hardly moved keeps its partner even where giving it up would let two others match. Both in the same
    units.
    """
    distances = np.sqrt(np.square(centres[:, None, :] - before[None, :, :]).sum(axis=2))
    rows, columns = scipy.optimize.linear_sum_assignment(np.minimum(distances, limit))
    found: list[int | None] = [None] * len(centres)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        found[row] = column if distances[row, column] <= limit else None
    return found
