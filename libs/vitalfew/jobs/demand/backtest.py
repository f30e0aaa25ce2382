"""Forecasts from past days, compared with what came; and those of today by the methods that did best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.classes import CLASSES, demand_class
from vitalfew.algorithms.demand.dispersion import with_dispersion
from vitalfew.algorithms.demand.forecasts import METHODS, SEASONAL, YEARS, at_origins
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.demand.params import DemandParams


def past_origins(weeks: int, params: DemandParams) -> list[int]:
    """The last weeks known on the past days from which is forecast, the oldest first."""
    found = [weeks - params.horizon_weeks * number for number in range(1, params.backtest_origins + 1)]
    return sorted(week for week in found if week >= params.min_history_weeks)


def forecast(demands: DataFrame, origins: Sequence[int], weeks: int, params: DemandParams, stage: Stage) -> DataFrame:
    """`at_origins` of past days and of today, of products with a sale in active_weeks; with class and dispersion."""
    found = stage(at_origins(demands, [*origins, weeks], params.horizon_weeks, weeks))
    classed = found.withColumn("class", demand_class(F.col("interval"), F.col("variation")))
    return stage(with_dispersion(classed.where(F.col("origin") - F.col("last_week") < params.active_weeks)))


def tried(origins: Sequence[int]) -> list[str]:
    """The methods that can be compared: that of a year ago only where some past day has two years before it."""
    return [name for name in METHODS if name != SEASONAL or max(origins, default=0) >= YEARS]


def asked(params: DemandParams) -> tuple[float, float, float]:
    """The quantiles: both ends of the interval, and the median."""
    tail = (1 - params.confidence) / 2
    return tail, 0.5, 1 - tail


def with_spreads(found: DataFrame, params: DemandParams) -> DataFrame:
    """Dispersions of a week and of the sum of all weeks ahead, these taken to be independent of each other."""
    return found.withColumns(
        {"spread_week": F.col("dispersion"), "spread_sum": F.col("dispersion") / F.lit(params.horizon_weeks)}
    )


def by_method(found: DataFrame, methods: Mapping[str, str], params: DemandParams) -> DataFrame:
    """The columns `method`, and `mean`: the forecast of each week ahead by it."""
    method = by_class(methods)
    means = F.lit(None).cast("array<double>")
    for name in sorted({*methods.values()}):
        flat = F.array_repeat(F.col("means")[METHODS.index(name)], params.horizon_weeks)
        means = F.when(method == name, F.col("seasonal") if name == SEASONAL else flat).otherwise(means)
    return found.withColumns({"method": method, "mean": means})


def by_class(values: Mapping[str, str] | Mapping[str, float]) -> Column:
    """The value of the class of a row."""
    found = F.lit(values[CLASSES[-1]])
    for name in CLASSES[:-1]:
        found = F.when(F.col("class") == name, F.lit(values[name])).otherwise(found)
    return found
