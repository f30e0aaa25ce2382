"""What the summary says of clusters."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import size


def clusters(profiles: DataFrame) -> list[Line]:
    """Each cluster with its size, its value and what to do, the highest value first; which are new, unless all are."""
    found = collect_rows(profiles.orderBy(F.desc("monetary"), "cluster"), "clusters")
    had_others = not all(row["is_new"] for row in found)
    return [
        Line(
            f"{row['cluster']}: {row['name']}",
            f"{size(row)}{'; new since the last run' if row['is_new'] and had_others else ''}",
            row["action"],
        )
        for row in found
    ] or missing("clusters")
