"""The probability of an order within so many days, calibrated on earlier days, with the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.jobs.next_purchase.origins import Origin

RETURN_DAYS = (30, 90, 365)
BINS, GROUPS = 24, 10
LEAST, MOST = 0.001, 0.999
FEWEST_ORIGINS = 2
FREQUENCIES, RECENCIES = 5, 5
WEIGHT = 5.0
"""The mean of all weighs as much as so many customers in the rate of a bin."""


@dataclass(frozen=True)
class Curve:
    """Points between which the probability is read off: rising scores (orders expected) and probabilities."""

    scores: Floats
    probabilities: Floats

    def of(self, scores: Floats) -> Floats:
        return np.interp(scores, self.scores, self.probabilities)

    def column(self, score: Column) -> Column:
        """As `of`."""
        points = list(zip(self.scores.tolist(), self.probabilities.tolist(), strict=True))
        rising = F.lit(points[-1][1])
        for (x0, y0), (x1, y1) in reversed(list(pairwise(points))):
            between = F.lit(y0) + (score - F.lit(x0)) * F.lit((y1 - y0) / (x1 - x0))
            rising = F.when(score <= F.lit(x1), between).otherwise(rising)
        return F.when(score.isNull(), None).when(score <= F.lit(points[0][0]), F.lit(points[0][1])).otherwise(rising)


def curve(scores: Floats, came: Floats) -> Curve:
    """Isotonic regression of `came` (0 or 1) on bins of `scores` that hold equally many customers."""
    order = np.argsort(scores, kind="stable")
    edges = np.unique(np.searchsorted(scores[order], np.quantile(scores, np.linspace(0, 1, BINS + 1)[:-1])))
    rank = np.searchsorted(edges, np.arange(len(scores)), side="right") - 1
    n = np.bincount(rank).astype(float)
    x = np.bincount(rank, weights=scores[order]) / n
    hits = np.bincount(rank, weights=came[order])
    y = np.clip(isotonic((hits + WEIGHT * came.mean()) / (n + WEIGHT), n), LEAST, MOST)
    keep = np.concatenate([[True], np.diff(x) > 0])
    return Curve(x[keep], y[keep])


def isotonic(y: Floats, weight: Floats) -> Floats:
    """The nearest values to `y` that never fall (pool adjacent violators)."""
    blocks: list[list[float]] = []
    for value, mass in zip(y.tolist(), weight.tolist(), strict=True):
        blocks.append([value, mass, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            v, m, k = blocks.pop()
            u, w, j = blocks.pop()
            blocks.append([(u * w + v * m) / (w + m), w + m, j + k])
    return np.array([value for value, _, count in blocks for _ in range(int(count))])


@dataclass(frozen=True)
class Calibrated:
    """Of one horizon: the curve of today, the rows of PURCHASE_RELIABILITY, and whether it is published."""

    curve: Curve
    rows: list[dict[str, Any]]
    is_published: bool


def calibrated(origins: Sequence[Origin], horizons: Sequence[int], model: str) -> dict[int, Calibrated]:
    """For each of RETURN_DAYS that was measured from two origins or more."""
    found = {}
    for days in RETURN_DAYS:
        column = list(horizons).index(days)
        seen = [each for each in origins if each.measured[column] and model in each.orders]
        if len(seen) >= FEWEST_ORIGINS:
            found[days] = one(seen, column, days, model)
    return found


def one(seen: Sequence[Origin], column: int, days: int, model: str) -> Calibrated:
    scores = [each.orders[model][:, column] for each in seen]
    came = [(each.came[:, column] > 0).astype(float) for each in seen]
    groups = [table_group(each) for each in seen]
    by_curve, by_table = [], []
    for position in range(len(seen)):
        others = [n for n in range(len(seen)) if n != position]
        x, y = (np.concatenate([part[n] for n in others]) for part in (scores, came))
        by_curve.append(curve(x, y).of(scores[position]))
        by_table.append(rates(np.concatenate([groups[n] for n in others]), y)[groups[position]])
    predicted, table, actual = (np.concatenate(part) for part in (by_curve, by_table, came))
    brier, of_table = (float(np.mean((each - actual) ** 2)) for each in (predicted, table))
    rows = reliability(predicted, actual, days, len(seen), brier, of_table)
    return Calibrated(curve(np.concatenate(scores), np.concatenate(came)), rows, brier <= of_table)


def table_group(origin: Origin) -> Ints:
    """The cell of each customer in a table of recency (fifths) by frequency (0, 1, 2, 3, 4 or more repeats)."""
    silent = origin.known.silent
    edges = np.quantile(silent, np.linspace(0, 1, RECENCIES + 1)[1:-1])
    return np.asarray(np.searchsorted(edges, silent) * FREQUENCIES + np.minimum(origin.known.repeats, FREQUENCIES - 1))


def rates(group: Ints, came: Floats) -> Floats:
    """The share that came, of every cell of the table."""
    size = FREQUENCIES * RECENCIES
    n, hits = np.bincount(group, minlength=size), np.bincount(group, weights=came, minlength=size)
    return np.asarray((hits + WEIGHT * came.mean()) / (n + WEIGHT))


def reliability(
    predicted: Floats, actual: Floats, days: int, origins: int, brier: float, of_table: float
) -> list[dict[str, Any]]:
    """Rows of PURCHASE_RELIABILITY: tenths of the customers by what was predicted."""
    order = np.argsort(predicted, kind="stable")
    rows = []
    for number, part in enumerate(np.array_split(order, GROUPS), start=1):
        if len(part):
            rows.append(
                {
                    "horizon_days": days,
                    "tenth": number,
                    "customers": len(part),
                    "predicted": float(predicted[part].mean()),
                    "actual": float(actual[part].mean()),
                    "origins": origins,
                    "brier": brier,
                    "brier_of_table": of_table,
                    "is_published": brier <= of_table,
                }
            )
    return rows


def columns(found: Mapping[int, Calibrated], orders: Mapping[int, Column]) -> list[Column]:
    """p_return_30, p_return_90 and p_return_365, each at least that of the shorter one; NULL where not measured."""
    told: list[Column] = []
    shorter: list[Column] = []
    for days in RETURN_DAYS:
        if days not in found or not found[days].is_published:
            told.append(F.lit(None).cast("double").alias(f"p_return_{days}"))
            continue
        own = found[days].curve.column(orders[days])
        raised = reduce(lambda a, b: F.greatest(a, b), [*shorter, own])
        shorter.append(own)
        told.append(raised.alias(f"p_return_{days}"))
    return told
