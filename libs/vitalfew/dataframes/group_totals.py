"""Rows beside the totals of all rows, or of all rows of their group."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame


def beside_totals(frame: DataFrame, totals: Sequence[Column], within: Sequence[str] = ()) -> DataFrame:
    """`frame` with the aggregates `totals` of all its rows; with `within`, of the rows alike in these columns."""
    if not within:
        return frame.crossJoin(frame.agg(*totals))
    return frame.join(frame.groupBy(*within).agg(*totals), on=list(within), how="inner")
