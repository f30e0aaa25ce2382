"""What the summary says of clusters."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.clusters.figures import evidence
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES, CLUSTER_PROFILES, CLUSTER_SCORES
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section
from vitalfew.report.shares import spend_share


def clusters(profiles: DataFrame) -> list[Line]:
    """Each cluster with its size, its value and what to do, the highest value first; which are new, unless all are."""
    found = collect_rows(profiles.orderBy(F.desc("monetary"), "cluster"), "clusters")
    had_others = not all(row["is_new"] for row in found)
    return [
        Line(
            message("clusters.label.cluster", cluster=row["cluster"], name=of_row(row, "name", CLUSTER_PROFILES)),
            fact(row, is_new=row["is_new"] and had_others),
            of_row(row, "action", CLUSTER_PROFILES),
            code=str(row["cluster"]),
            value=float(row["monetary"]),
            unit="money",
        )
        for row in found
    ] or missing("clusters")


def fact(row: Row, is_new: bool) -> Message:
    return message(
        "clusters.fact.cluster",
        customers=row["customers"],
        share=row["share_of_customers"],
        monetary=row["monetary"],
        spend=spend_share(row),
        age="new" if is_new else "known",
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("clusters", clusters(known["cluster_profiles"])),
    ]


REPORT = Report(
    "clusters",
    (CLUSTER_PROFILES,),
    sections,
    drawn=(
        CLUSTER_FEATURES,
        CLUSTER_SCORES,
    ),
    evidence=evidence,
)
