"""How the gap that comes next is spread, and how likely none comes, from counts of gaps that ended and of silences.

Counts have a row for each class of known gaps (0, 1, 2, 3 or more) and a column for each bin of a standardised gap z.
"""

from __future__ import annotations

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Floats

ENOUGH = 3
"""Known gaps from which on one class holds all."""
CLASSES = range(ENOUGH + 1)
PSEUDO = 50.0
"""What the spread of z over all classes weighs in that of one class, in gaps."""
LEAST_LEAVING = 1e-4
ROUNDS = 100


def cumulative(counts: Floats) -> Floats:
    """The share of z below each edge of a bin, for each class; classes with few gaps lean on all."""
    leaning = counts + PSEUDO * counts.sum(axis=0) / max(counts.sum(), 1.0)
    shares = np.cumsum(leaning / leaning.sum(axis=1, keepdims=True), axis=1)
    return np.hstack([np.zeros((len(CLASSES), 1)), shares])


def still_open(seen: Floats) -> Floats:
    """The share of gaps that last longer than the middle of each bin."""
    return np.clip(1 - (seen[:, 1:] + seen[:, :-1]) / 2, 0.0, 1.0)


def comebacks(silent: Floats, more: Floats) -> Floats:
    """For each class, the customers who came back after that number of gaps."""
    customers = silent.sum(axis=1)
    return np.array([customers[c + 1 :].sum() if c < ENOUGH else more[ENOUGH] for c in CLASSES])


def leaving(silent: Floats, came_back: Floats, opened: Floats) -> Floats:
    """For each class, the likeliest probability of leaving after that number of gaps, given comebacks and silences."""
    found = []
    for c in CLASSES:

        def loss(leave: float, c: int = c) -> float:
            return -float(came_back[c] * np.log1p(-leave) + silent[c] @ np.log((1 - leave) * opened[c] + leave))

        found.append(
            float(scipy.optimize.minimize_scalar(loss, bounds=(LEAST_LEAVING, 1 - LEAST_LEAVING), method="bounded").x)
        )
    return np.array(found)


def with_silences(ended: Floats, silent: Floats, came_back: Floats) -> Floats:
    """As `cumulative`, with the gaps that have not ended yet; without them windows would be too early.

    The more so, the younger the customers are.
    """
    shares, _ = cured(ended, silent, came_back)
    return np.hstack([np.zeros((len(CLASSES), 1)), np.cumsum(shares, axis=1)])


def cured(ended: Floats, silent: Floats, came_back: Floats) -> tuple[Floats, Floats]:
    """For each class the share of the gaps in each bin, and the probability that none comes.

    A silence is a gap that has not ended yet, or the end: with what share each, and how long it would still last, is
    estimated together with the spread by expectation and maximisation (a cure model without an assumed form: Peng and
    Dear 2000).
    """
    leaning = PSEUDO * ended.sum(axis=0) / max(ended.sum(), 1.0)
    seen = ended * (came_back / np.maximum(ended.sum(axis=1), 1.0))[:, np.newaxis]
    return maximised(seen, silent, leaning)


def maximised(seen: Floats, silent: Floats, leaning: Floats) -> tuple[Floats, Floats]:
    """As `cured`, from gaps that ended and silences, by class and bin."""
    share = (seen + leaning) / (seen + leaning).sum(axis=1, keepdims=True)
    leave = np.full((len(seen), 1), 0.5)
    of_class = np.maximum(seen.sum(axis=1, keepdims=True) + silent.sum(axis=1, keepdims=True), 1.0)
    for _ in range(ROUNDS):
        longer = share[:, ::-1].cumsum(axis=1)[:, ::-1] - share / 2
        staying = silent * (1 - leave) * longer / ((1 - leave) * longer + leave)
        each = np.divide(staying, longer, out=np.zeros_like(staying), where=longer > 0)
        total = seen + leaning + share * (each.cumsum(axis=1) - each / 2)
        share = total / total.sum(axis=1, keepdims=True)
        came = seen.sum(axis=1, keepdims=True) + staying.sum(axis=1, keepdims=True)
        leave = np.clip(1 - came / of_class, LEAST_LEAVING, 1 - LEAST_LEAVING)
    return np.asarray(share), np.asarray(leave[:, 0])
