"""A small allocation made better: two takers at a time change what they get, while that is worth more and fits."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.allocation.options import Options
from vitalfew.dataframes.arrays import Bools, Floats

MOST_OPTIONS = 800
"""All pairs of options are looked at: of more options the work is not worth it, as one taker weighs little there."""
LEAST_GAIN = 1e-9


def exchanged(options: Options, limits: Floats, given: Bools) -> Bools:
    """`given`, with the best exchange made again and again: two takers, each of whom then gets another option or none.

    As it is where a taker may get several options, or where there are too many.
    """
    own = np.flatnonzero(~options.followers & (options.values > 0))
    if not options.is_single or own.size > MOST_OPTIONS or not own.size:
        return given
    takers, here = np.unique(options.takers[own], return_inverse=True)
    number = np.append(here, np.arange(takers.size))  # each option, then none for each taker
    values = np.append(options.values[own], np.zeros(takers.size))
    uses = np.concatenate([options.uses[:, own], np.zeros((limits.size, takers.size))], axis=1)
    now = np.arange(own.size, values.size)
    for place in np.flatnonzero(given[own]):
        now[here[place]] = place
    is_pair = number[:, None] < number[None, :]
    while True:
        rise = values - values[now[number]]
        more = uses - uses[:, now[number]]
        left = limits - uses[:, now].sum(axis=1)
        both = np.where(is_pair, rise[:, None] + rise[None, :], 0.0)
        for use, rest in zip(more, left, strict=True):
            both[use[:, None] + use[None, :] > rest] = 0.0
        best = int(both.argmax())
        if both.flat[best] <= LEAST_GAIN:
            break
        for place in np.unravel_index(best, both.shape):
            now[number[place]] = place
    found = given & options.followers
    found[own[now[now < own.size]]] = True
    return found
