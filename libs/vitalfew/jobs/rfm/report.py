"""What the summary says of segments."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import money, size


def segments(rfm_segments: DataFrame) -> list[Line]:
    """Each segment with its size, its value and what to do, the highest value first."""
    found = collect_rows(rfm_segments.orderBy(F.desc("monetary"), "segment"), "segments")
    return [
        Line(
            row["segment"],
            f"{size(row)}; {row['mean_recency_days']:.0f} days silent, {row['mean_frequency']:.1f} orders, "
            f"{money(row['mean_monetary'])} each",
            row["action"],
        )
        for row in found
    ] or missing("rfm")
