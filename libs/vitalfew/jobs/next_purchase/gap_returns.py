"""The probabilities of a return by the customers' own gaps: fitted to the panel, told of every customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.clv.gap_returns import EDGE, LEAST_SCALE, LEAST_SILENCE, PER_UNIT, GapReturns
from vitalfew.algorithms.clv.gap_spread import CLASSES, ENOUGH, comebacks, cured
from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.jobs.next_purchase.panel import Known
from vitalfew.jobs.next_purchase.rhythm_panel import Gaps, foretold

RETURNS = "returns_by_gaps"
NEEDED = ("gaps", "log_sum", "log_square", "silent_days")


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
    for before, total, square, gap in foretold(gaps):
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


def with_returns(known: DataFrame, found: GapReturns, days: Sequence[float]) -> DataFrame:
    """`known`, histories, with RETURNS: an array, the probability of an order within each of `days`."""
    names = known.columns
    kept = [f"`{field.name}` {field.dataType.simpleString()}" for field in known.schema.fields]

    def told(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            n, total, square, silent = (batch.column(names.index(name)).to_numpy() for name in NEEDED)
            each = found.probability(n.astype(np.int64), total, square, silent.astype(np.int64), days)
            cells = [*batch.columns, pa.array(list(each), pa.list_(pa.float64()))]
            yield pa.RecordBatch.from_arrays(cells, names=[*names, RETURNS])

    return known.mapInArrow(told, ", ".join([*kept, f"{RETURNS} array<double>"]))
