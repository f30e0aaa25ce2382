"""From prices to an allocation that keeps to every limit: options by what they are worth at the prices, as they fit."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.allocation.options import Options
from vitalfew.dataframes.arrays import Bools, Floats


def allocated(options: Options, limits: Floats, prices: Floats) -> Bools:
    """Which options are given: by `reduced` worth, the highest first, each that is worth something and still fits.

    Ties go by `ties`. A follower is given where it would fit, and uses nothing.
    """
    reduced = options.reduced(prices)
    candidates = np.flatnonzero((options.values > 0) & (options.uses <= limits[:, None]).all(axis=0))
    order = candidates[np.lexsort((candidates, options.ties[candidates], -reduced[candidates]))]
    left, rooms = limits.tolist(), options.rooms.tolist()
    needs = [
        [(number, use) for number, use in enumerate(uses) if use > 0] for uses in options.uses[:, order].T.tolist()
    ]
    given = np.zeros(options.values.size, np.bool_)
    for option, taker, needed, follows in zip(
        order.tolist(), options.takers[order].tolist(), needs, options.followers[order].tolist(), strict=True
    ):
        if rooms[taker] > 0 and all(use <= left[number] for number, use in needed):
            given[option] = True
            rooms[taker] -= 1
            for number, use in needed if not follows else ():
                left[number] -= use
    return given


def value_of(options: Options, given: Bools) -> float:
    """What is given is worth, followers left out."""
    return float(options.values[given & ~options.followers].sum())
