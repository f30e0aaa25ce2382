"""The fitted models of buying and leaving, applied to histories: what executors do, with numpy and pyarrow alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.clv import bg_nbd, pareto_nbd

WEEK = 7.0
HISTORY = ("repeats", "recency_days", "age_days")
COUNTING: dict[str, ModuleType] = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}


def by_model(known: DataFrame, model: str, values: list[float], days: Sequence[int]) -> DataFrame:
    """The distinct histories with p_alive and orders.

    Millions of customers share some ten thousands of histories, so these are scored, and joined to the customers on
    three integers; scoring every customer would cost tens of microseconds each.
    """
    distinct = known.select(*HISTORY).distinct()
    weeks = [day / WEEK for day in days]

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield with_score(batch, model, values, weeks)

    return distinct.mapInArrow(
        score, "repeats int, recency_days int, age_days int, p_alive double, orders array<double>"
    )


def with_score(batch: pa.RecordBatch, model: str, values: list[float], weeks: list[float]) -> pa.RecordBatch:
    """Histories, with p_alive and the orders expected within each of `weeks`."""
    module = COUNTING[model]
    x, t_x, age = (batch.column(position).to_numpy().astype(float) for position in range(3))
    history = (np.array(values), x, t_x / WEEK, age / WEEK)
    alive, orders = module.p_alive(*history), module.expected_purchases(*history, np.array(weeks))
    cells = [*batch.columns, pa.array(alive), pa.array(list(orders), pa.list_(pa.float64()))]
    return pa.RecordBatch.from_arrays(cells, names=[*HISTORY, "p_alive", "orders"])
