"""Figures that jobs estimated beside those that were planted: how far off, and how often the interval holds them."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def estimates(rows: DataFrame, confidence: str) -> str:
    """`rows` (estimate, low, high, planted): how many, mean of estimate less planted, and coverage of the interval."""
    off = F.col("estimate") - F.col("planted")
    (row,) = rows.agg(
        F.count(F.lit(1)).alias("n"),
        F.avg(off).alias("bias"),
        F.avg(F.abs(off)).alias("error"),
        F.avg(F.col("planted").between(F.col("low"), F.col("high")).cast("double")).alias("coverage"),
    ).collect()
    if not row["n"]:
        return "0 compared"
    return (
        f"{row['n']:,} compared, off by {row['error']:.3f} on average (bias {row['bias']:+.3f}), "
        f"intervals of {confidence} hold {row['coverage']:.1%}"
    )


def ratio(rows: DataFrame) -> str:
    """`rows` (estimate, planted): how many, and the estimates together for one planted."""
    (row,) = rows.agg(F.count(F.lit(1)), F.sum("estimate"), F.sum("planted")).collect()
    return f"{row[0]:,} compared, {float(row[1]) / float(row[2]):.3f} of the planted" if row[0] else "0 compared"


def percent(rows: DataFrame, condition: str) -> str:
    """Share of `rows` for which `condition` holds."""
    (row,) = rows.agg(F.count(F.lit(1)), F.avg(F.expr(condition).cast("double"))).collect()
    return f"{row[1]:.1%} of {row[0]:,}" if row[0] else "none"
