"""Columns of counts that vary: quantiles and shortages of many rows, in Arrow batches with numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.demand.negative_binomial import quantiles, shortage
from vitalfew.dataframes.arrays import Floats


@dataclass(frozen=True)
class Ask:
    """A new column `name`, from the columns of the mean and the dispersion of a count, and of what is asked of it."""

    name: str
    mean: str
    dispersion: str
    of: str


Compute = Callable[[Floats, Floats, Floats], Floats]


def with_quantiles(frame: DataFrame, asks: Sequence[Ask]) -> DataFrame:
    """`frame` with a column `bigint` for each of `asks`: the quantile at the probability in the column `of`.

    NULL where one of its columns is.
    """
    return with_columns(frame, asks, quantile, "bigint")


def quantile(mean: Floats, dispersion: Floats, probability: Floats) -> Floats:
    return quantiles(mean, dispersion, probability[:, None])[:, 0].astype(np.float64)


def with_shortages(frame: DataFrame, asks: Sequence[Ask]) -> DataFrame:
    """`frame` with a column `double` for each of `asks`: by how much the count exceeds the column `of` on average."""
    return with_columns(frame, asks, shortage, "double")


def with_columns(frame: DataFrame, asks: Sequence[Ask], compute: Compute, type_: str) -> DataFrame:
    kept = [f"`{field.name}` {field.dataType.simpleString()}" for field in frame.schema.fields]
    ddl = ", ".join([*kept, *(f"`{ask.name}` {type_}" for ask in asks)])

    def added(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            new = [answer(batch, ask, compute, type_) for ask in asks]
            names = [*batch.schema.names, *(ask.name for ask in asks)]
            yield pa.RecordBatch.from_arrays([*batch.columns, *new], names=names)

    return frame.mapInArrow(added, ddl)


def answer(batch: pa.RecordBatch, ask: Ask, compute: Compute, type_: str) -> pa.Array:
    given = [numbers(batch.column(name)) for name in (ask.mean, ask.dispersion, ask.of)]
    is_known = ~np.isnan(given[0] + given[1] + given[2])
    found = np.zeros(len(is_known))
    found[is_known] = compute(*[each[is_known] for each in given])
    return pa.array(found, mask=~is_known).cast(pa.int64() if type_ == "bigint" else pa.float64())


def numbers(column: pa.Array) -> Floats:
    """A column of numbers; NULL is NaN."""
    values: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return values
