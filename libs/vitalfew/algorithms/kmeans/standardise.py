"""Standardised values on the grid of `grid.py`: deviations from the mean, in units that matter equally."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.kmeans.exact_grid import on_grid
from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import AnalysisError


@dataclass(frozen=True)
class Spread:
    """Where the values of one column lie; shift and scale are rounded to what no order of summation can change."""

    rows: int
    shift: float
    scale: float
    is_constant: bool

    def standardised(self, value: Column, most: float) -> Column:
        """`value` in these units, on the grid, drawn in to ±`most`; 0 where the column is constant."""
        if self.is_constant:
            return F.lit(0.0)
        deviation = (value - F.lit(self.shift)) / F.lit(self.scale)
        return on_grid(F.least(F.greatest(deviation, F.lit(-most)), F.lit(most)))


def spreads(frame: DataFrame, values: Mapping[str, Column]) -> dict[str, Spread]:
    """The spread of each value over the rows, in one pass; AnalysisError where one is NULL, NaN or infinite."""
    figures = {
        "bad": lambda x: F.count_if(~F.coalesce(F.abs(x) < F.lit(math.inf), F.lit(False))),
        "mean": F.avg,
        "deviation": F.stddev_pop,
        "least": F.min,
        "most": F.max,
    }
    columns = [of(x).alias(f"{what}{i}") for i, x in enumerate(values.values()) for what, of in figures.items()]
    found = collect_rows(frame.agg(F.count("*").alias("n"), *columns), "means and deviations")[0]
    faults = [f"{name} in {found[f'bad{i}']:,}" for i, name in enumerate(values) if found[f"bad{i}"]]
    if faults:
        raise AnalysisError(
            f"Standardising: values are NULL, NaN or infinite: {', '.join(faults)} of {found['n']:,} rows. "
            "Correct the source, or leave the column out."
        )
    return {
        name: spread(found["n"], *(found[f"{what}{i}"] for what in ("mean", "deviation", "least", "most")))
        for i, name in enumerate(values)
    }


def spread(rows: int, mean: float, deviation: float, least: float, most: float) -> Spread:
    """Rounded: the scale to four digits, the shift to a thousandth part of the scale."""
    if rows == 0 or least == most:
        return Spread(rows, round(mean or 0.0, 6), 1.0, True)
    digits = 3 - math.floor(math.log10(deviation))
    return Spread(rows, round(mean, digits), rounded(deviation), False)


def rounded(scale: float) -> float:
    """To four significant digits."""
    return float(f"{scale:.4g}")


def signed_log(value: Column) -> Column:
    """sign(x) · ln(1 + |x|): a logarithm that takes zero and losses."""
    return F.signum(value) * F.log1p(F.abs(value))
