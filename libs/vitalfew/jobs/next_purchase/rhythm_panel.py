"""The rhythm of `gap_model` and `due_windows` on a panel, with numpy: the same numbers, without asking an engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.clv.gap_returns import LEAST_SCALE, LEAST_SILENCE
from vitalfew.algorithms.clv.gap_spread import CLASSES, ENOUGH, comebacks, cumulative, leaving, still_open
from vitalfew.algorithms.clv.gap_statistics import FIRST, statistics
from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.jobs.next_purchase.gap_model import EDGE, PER_UNIT
from vitalfew.jobs.next_purchase.panel import Known, Panel


@dataclass(frozen=True)
class Gaps:
    """Of each customer: how many gaps, the sums of their logarithms and of the squares, the first three, the last."""

    n: Ints
    total: Floats
    square: Floats
    firsts: list[Floats]
    last: Floats


def expected(gaps: Gaps, known: Known, ends: Floats) -> tuple[Floats, Floats] | None:
    """P(alive) of each customer, and purchases within each of `ends` days (column); None where nobody came back."""
    has = gaps.n > 0
    if not has.any():
        return None
    n = gaps.n[has].astype(float)
    mean = gaps.total[has] / n
    free = (n - 1).sum()
    apart = (gaps.square[has] - gaps.total[has] * mean)[n > 1].sum()
    within = max(apart / free if free else 0.0, LEAST_SCALE**2)
    centre_of_all = round(float(mean.mean()), 9)
    between = max(float((mean**2).mean() - mean.mean() ** 2 - within * (1 / n).mean()), LEAST_SCALE**2)
    spread = (round(within, 9), round(between, 9))
    gap_of_all = round(float((known.recency[has] / n).mean()), 9)
    opened, left = counted(gaps, known, centre_of_all, spread)
    missing = np.maximum(ENOUGH - gaps.n, 0)
    gap = (known.recency + missing * gap_of_all) / np.maximum(gaps.n, ENOUGH)
    grade = np.minimum(gaps.n, ENOUGH)
    stays = (1 - left[grade]) * opened[grade, silence_bin(gaps, known, centre_of_all, spread) + EDGE]
    alive = stays / (stays + left[grade])
    leave = float(left[ENOUGH])
    lasting = (1 - (1 - leave) ** (ends[np.newaxis, :] / gap[:, np.newaxis])) / leave
    return alive, alive[:, np.newaxis] * lasting


def counted(gaps: Gaps, known: Known, centre_of_all: float, spread: tuple[float, float]) -> tuple[Floats, Floats]:
    """For each class of known gaps: the share of gaps longer than each bin, and the probability of leaving."""
    ended = np.zeros((len(CLASSES), 2 * EDGE))
    for n, total, square, gap in gaps_in_order(gaps):
        is_there = ~np.isnan(gap)
        of_each = (n[is_there], total[is_there], square[is_there])
        place = binned((gap[is_there] - centre(*of_each[:2], centre_of_all)) / scale(*of_each, spread))
        np.add.at(ended, (np.minimum(n[is_there], ENOUGH), place + EDGE), 1.0)
    silent, more = np.zeros((len(CLASSES), 2 * EDGE)), np.zeros(len(CLASSES))
    grade = np.minimum(gaps.n, ENOUGH)
    np.add.at(silent, (grade, silence_bin(gaps, known, centre_of_all, spread) + EDGE), 1.0)
    np.add.at(more, grade, np.maximum(gaps.n - ENOUGH, 0).astype(float))
    opened = still_open(cumulative(ended))
    return opened, leaving(silent, comebacks(silent, more), opened)


def gaps_in_order(gaps: Gaps) -> list[tuple[Ints, Floats, Floats, Floats]]:
    """The first three gaps and the last, NaN where there is none, each with number, sum and squares of those before."""
    none = np.zeros(len(gaps.n))
    first, second, third = gaps.firsts
    last = np.where(gaps.n > ENOUGH, gaps.last, np.nan)
    return [
        (0 * gaps.n, none, none, first),
        (0 * gaps.n + 1, first, first**2, second),
        (0 * gaps.n + 2, first + second, first**2 + second**2, third),
        (gaps.n - 1, gaps.total - last, gaps.square - last**2, last),
    ]


def gaps_before(panel: Panel, known: Known) -> Gaps:
    """The gaps of the customers of `known`."""
    seen = panel.is_sale & (panel.day < known.on)
    offsets = np.concatenate([[0], np.cumsum(known.repeats + 1)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(panel.day[seen]))
    cells = [each.to_numpy(zero_copy_only=False) for each in statistics(lists)]
    n, _, _, total, square, *rest = cells
    return Gaps(n.astype(np.int64), total, square, rest[:FIRST], rest[FIRST])


def centre(n: Ints, total: Floats, of_all: float) -> Floats:
    return np.asarray((total + np.maximum(ENOUGH - n, 0) * of_all) / np.maximum(n, ENOUGH))


def scale(n: Ints, total: Floats, square: Floats, spread: tuple[float, float]) -> Floats:
    within, between = spread
    apart = np.maximum(square - total**2 / np.maximum(n, 1), 0.0)
    own = (apart + ENOUGH * within) / (np.maximum(n - 1, 0) + ENOUGH)
    return np.asarray(np.maximum(np.sqrt(own + np.maximum(ENOUGH - n, 0) / ENOUGH * between), LEAST_SCALE))


def silence_bin(gaps: Gaps, known: Known, of_all: float, spread: tuple[float, float]) -> Ints:
    aim = centre(gaps.n, gaps.total, of_all)
    return binned((np.log(known.silent - LEAST_SILENCE) - aim) / scale(gaps.n, gaps.total, gaps.square, spread))


def binned(z: Floats) -> Ints:
    return np.floor(np.clip(z * PER_UNIT, -EDGE, EDGE - 0.5)).astype(np.int64)
