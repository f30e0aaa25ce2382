"""Passes over the purchases of customers, in executors: milestones judged, and milestones inferred."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.milestones import posterior
from vitalfew.algorithms.milestones.distributions import Fit
from vitalfew.algorithms.milestones.posterior import JUDGED, SCORED, Clear
from vitalfew.dataframes.staging import Stage

AT_ONCE = 5_000
"""Customers whose months are in memory at a time: some megabytes for each table of months."""


def judge(known: DataFrame, fits: Sequence[Fit], clear: Clear, stage: Stage) -> DataFrame:
    """JUDGED, staged: of customers with `codes`, `days`, `fold` and the true `place`; several rows of one key."""
    return stage.as_they_come(known, in_slices(lambda rows: posterior.judged(rows, fits, clear)), JUDGED)


def score(
    unknown: DataFrame, fit: Fit, method: str, damping: float, level: float, today: int, stage: Stage
) -> DataFrame:
    """SCORED, staged: of customers with `customer_id`, `codes` and `days`."""
    work = in_slices(lambda rows: posterior.scored(rows, fit, method, damping, level, today))
    return stage.as_they_come(unknown, work, SCORED)


def in_slices(work: Callable[[pa.Table], pa.Table]) -> Callable[[pa.Table], pa.Table]:
    """`work` on a few thousand rows at a time."""

    def each(rows: pa.Table) -> pa.Table:
        starts = range(0, rows.num_rows, AT_ONCE)
        return pa.concat_tables([work(rows.slice(start, AT_ONCE)) for start in starts])

    return each
