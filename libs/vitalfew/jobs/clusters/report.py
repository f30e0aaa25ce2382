"""What the summary says of clusters."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.clusters.tables import CLUSTER_PROFILES
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import size
from vitalfew.report.sections import Asked, Report, Section


def clusters(profiles: DataFrame) -> list[Line]:
    """Each cluster with its size, its value and what to do, the highest value first; which are new, unless all are."""
    found = collect_rows(profiles.orderBy(F.desc("monetary"), "cluster"), "clusters")
    had_others = not all(row["is_new"] for row in found)
    return [
        Line(
            f"{row['cluster']}: {row['name']}",
            f"{size(row)}{'; new since the last run' if row['is_new'] and had_others else ''}",
            row["action"],
            code=str(row["cluster"]),
            value=float(row["monetary"]),
            unit="money",
        )
        for row in found
    ] or missing("clusters")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("clusters", clusters(known["cluster_profiles"])),
    ]


REPORT = Report("clusters", (CLUSTER_PROFILES,), sections)
