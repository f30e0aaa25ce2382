"""The probabilities of a return by the customers' own gaps: fitted to the panel."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.clv.gap_returns import EDGE, LEAST_SCALE, LEAST_SILENCE, PER_UNIT, GapReturns
from vitalfew.algorithms.clv.gap_spread import CLASSES, ENOUGH, comebacks, cured
from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.jobs.next_purchase.panel import Known
from vitalfew.jobs.next_purchase.rhythm_panel import Gaps, gaps_in_order


def fit(gaps: Gaps, known: Known) -> GapReturns | None:
    """From the gaps of the customers of `known`; None where nobody came back."""
    has = gaps.n > 0
    if not has.any():
        return None
    n = gaps.n[has].astype(float)
    mean = gaps.total[has] / n
    free = (n - 1).sum()
    apart = (gaps.square[has] - gaps.total[has] * mean)[n > 1].sum()
    within = max(float(apart / free) if free else 0.0, LEAST_SCALE**2)
    between = max(float(mean.var()) - within * float((1 / n).mean()), LEAST_SCALE**2)
    common = GapReturns(float(mean.mean()), within, between, np.empty(0), np.empty(0))
    ended = np.zeros((len(CLASSES), 2 * EDGE))
    for before, total, square, gap in gaps_in_order(gaps):
        is_there = ~np.isnan(gap)
        of_each = (before[is_there], total[is_there], square[is_there])
        z = common.z(*of_each, np.exp(gap[is_there]))
        np.add.at(ended, (np.minimum(of_each[0], ENOUGH), binned(z)), 1.0)
    silent, more = np.zeros((len(CLASSES), 2 * EDGE)), np.zeros(len(CLASSES))
    grade = np.minimum(gaps.n, ENOUGH)
    np.add.at(
        silent,
        (grade, binned(common.z(gaps.n, gaps.total, gaps.square, known.silent.astype(np.float64) - LEAST_SILENCE))),
        1.0,
    )
    np.add.at(more, grade, np.maximum(gaps.n - ENOUGH, 0).astype(float))
    shares, leaving = cured(ended, silent, comebacks(silent, more))
    longer = np.hstack([np.ones((len(CLASSES), 1)), np.clip(1 - np.cumsum(shares, axis=1), 0.0, 1.0)])
    return GapReturns(common.mean, within, between, longer, leaving)


def binned(z: Floats) -> Ints:
    return np.floor(np.clip(z * PER_UNIT, -EDGE, EDGE - 0.5)).astype(np.int64) + EDGE
