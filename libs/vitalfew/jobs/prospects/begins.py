"""Since when something is written down: what is older is not known, and a stray date is no beginning."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows

SPAN_DAYS = 30
MOST_SPANS = 2000
LEAST_PART = 0.01
"""Of the busiest span: a span with less is no beginning."""
LONGEST_GAP = 24
"""Spans without anything: what lies before more of them is a clock that was wrong."""


def begin_ago(days: DataFrame, name: str) -> int | None:
    """How many days ago the column `name` of `days`, in days before as_of, begins in earnest; None where it is empty.

    The farthest day of the first span that has LEAST_PART of the rows of the busiest, no further back than a gap.
    """
    span = F.least(F.floor(F.col(name) / F.lit(SPAN_DAYS)), F.lit(MOST_SPANS)).cast("int").alias("span")
    known = days.where(F.col(name).isNotNull()).groupBy(span)
    rows = collect_rows(known.agg(F.count(F.lit(1)).alias("n"), F.max(name).alias("ago")), "days by span")
    busiest = max((row["n"] for row in rows), default=0)
    begin = last = None
    for row in sorted(rows, key=lambda row: row["span"]):
        if last is not None and row["span"] - last > LONGEST_GAP:
            break
        last = row["span"]
        if row["n"] >= LEAST_PART * busiest:
            begin = row["ago"]
    return begin
