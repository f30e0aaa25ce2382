"""Past forecasts, compared with what came: the sums of all Arrow tables of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.evaluation import COUNTED, SUMMED, SUMS, covered, judged
from vitalfew.algorithms.demand.forecasts import METHODS, SEASONAL
from vitalfew.dataframes.staging import Stage


def judge(past: DataFrame, rows: int, methods: Sequence[str], asked: Sequence[float], stage: Stage) -> DataFrame:
    """The sums of `judged` of about so many rows, by class, method, span and weeks ahead."""
    means = F.array(*[F.col("means")[METHODS.index(name)] for name in methods])
    return summed(past.withColumn("means", means), rows, methods, asked, SEASONAL, stage)


def judge_by_week(past: DataFrame, rows: int, method: str, asked: Sequence[float], stage: Stage) -> DataFrame:
    """The same of one method, whose forecast of each week ahead is in `mean`."""
    means = past.withColumns({"means": F.col("mean"), "seasonal": F.col("mean")})
    return summed(means, rows, [method], asked, method, stage)


def summed(
    past: DataFrame, rows: int, methods: Sequence[str], asked: Sequence[float], by_week: str, stage: Stage
) -> DataFrame:
    needed = past.select(
        *("series", "class", "means", "seasonal", "actual", "scale", "total", "spread_week", "spread_sum")
    )
    work = partial(judged, methods=tuple(methods), asked=tuple(asked), by_week=by_week)
    found = stage.by_key(needed, "series", rows, work, SUMMED)
    keys = ("class", "method", "span", "weeks_ahead")
    return found.groupBy(*keys).agg(*[F.sum(name).alias(name) for name in SUMS])


def cover(past: DataFrame, origins: Sequence[int], asked: Sequence[float], stage: Stage) -> DataFrame:
    """The counts of `covered`, by class, span, widening, and whether of the newer half of the sorted `origins`."""
    middle = origins[(len(origins) - 1) // 2]
    needed = past.select("class", "origin", "mean", "actual", "spread_week", "spread_sum")
    work = partial(covered, asked=tuple(asked), middle=middle)
    found = stage.as_they_come(needed, work, COUNTED)
    keys = ("class", "span", "widening", "is_newer")
    return found.groupBy(*keys).agg(*[F.sum(name).alias(name) for name in ("forecasts", "inside")])
