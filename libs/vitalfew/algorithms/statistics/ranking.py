"""How well a score ranks those with an outcome before those without, with an error for rows of the same person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Auc:
    """The area under the ROC curve, and by row its part of what the area is off by chance."""

    value: float
    influence: Floats


def auc(score: Floats, outcome: Bools) -> Auc | None:
    """The chance that a row with the outcome has the larger score, ties counting half; None where all are of one kind.

    `influence` are the placement values of DeLong, DeLong & Clarke-Pearson (Biometrics 44, 1988), about their means.
    """
    hits, misses = int(outcome.sum()), int((~outcome).sum())
    if not hits or not misses:
        return None
    placed = np.where(outcome, placements(score, score[~outcome]), 1 - placements(score, score[outcome]))
    value = float(placed[outcome].mean())
    return Auc(value, (placed - value) / np.where(outcome, hits, misses))


def placements(score: Floats, others: Floats) -> Floats:
    """For each score the share of `others` below it, those alike counting half."""
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, score, side=side) for side in ("left", "right"))
    return np.asarray((below + up_to) / (2 * len(ordered)), dtype=np.float64)


def clustered_error(influence: Floats, who: Ints) -> float:
    """The standard error of a sum of influences, rows of one of `who` (from 0) counting as one (Obuchowski 1997)."""
    return float(np.sqrt(np.sum(np.bincount(who, weights=influence) ** 2)))


def lift_of_first(score: Floats, outcome: Bools, share: float) -> float | None:
    """Outcomes among the `share` of rows with the largest scores, by those expected of as many; None without any.

    Rows with the score at the edge count as much as there is place for them.
    """
    place = share * len(score)
    if not outcome.any() or place < 1:
        return None
    edge = np.sort(score)[::-1][int(np.ceil(place)) - 1]
    above, at = score > edge, score == edge
    found = outcome[above].sum() + outcome[at].sum() * (place - above.sum()) / at.sum()
    return float(found / (share * outcome.sum()))
