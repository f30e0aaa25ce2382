"""The fitted models of buying and leaving, applied to histories: what executors do, with numpy and pyarrow alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.clv import bg_nbd, mbg_nbd, pareto_nbd
from vitalfew.algorithms.clv.activity import Clock
from vitalfew.algorithms.clv.gap_returns import GapReturns
from vitalfew.dataframes.arrays import Floats

WEEK = 7.0
HISTORY = ("repeats", "recency_days", "age_days")
RETURNS = "returns_by_gaps"
NEEDED = ("gaps", "log_sum", "log_square", "silent_days")
COUNTING: dict[str, ModuleType] = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd, "mbg_nbd": mbg_nbd}


def ahead(clock: Clock | None, on: int, days: Sequence[int]) -> Floats:
    """How long so many days from the day `on` are, in weeks of the calendar or of activity time."""
    ends = np.array([0, *days]) + on - 1
    passed = ends.astype(float) if clock is None else clock.at(ends)
    return np.asarray((passed[1:] - passed[0]) / WEEK)


def in_weeks(recency: Floats, age: Floats, on: int, clock: Clock | None) -> tuple[Floats, Floats]:
    """t_x and T, from days, as of the day `on`."""
    if clock is None:
        return recency / WEEK, age / WEEK
    first = (on - 1 - age).astype(np.int64)
    began = clock.at(first)
    now = clock.at(np.array([on - 1]))
    return (clock.at(first + recency.astype(np.int64)) - began) / WEEK, (now - began) / WEEK


def by_model(
    known: DataFrame, model: str, values: list[float], days: Sequence[int], on: int = 0, clock: Clock | None = None
) -> DataFrame:
    """The distinct histories with p_alive and orders, as of the day `on` (since 1970).

    Millions of customers share some ten thousands of histories, so these are scored, and joined to the customers on
    three integers; scoring every customer would cost tens of microseconds each.
    """
    distinct = known.select(*HISTORY).distinct()
    weeks = ahead(clock, on, days).tolist()

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield with_score(batch, model, values, weeks, on, clock)

    return distinct.mapInArrow(
        score, "repeats int, recency_days int, age_days int, p_alive double, orders array<double>"
    )


def with_score(
    batch: pa.RecordBatch,
    model: str,
    values: list[float],
    weeks: list[float],
    on: int = 0,
    clock: Clock | None = None,
) -> pa.RecordBatch:
    """Histories, with p_alive and the orders expected within each of `weeks`."""
    module = COUNTING[model]
    x, t_x, age = (batch.column(position).to_numpy().astype(float) for position in range(3))
    history = (np.array(values), x, *in_weeks(t_x, age, on, clock))
    alive, orders = module.p_alive(*history), module.expected_purchases(*history, np.array(weeks))
    cells = [*batch.columns, pa.array(alive), pa.array(list(orders), pa.list_(pa.float64()))]
    return pa.RecordBatch.from_arrays(cells, names=[*HISTORY, "p_alive", "orders"])


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
