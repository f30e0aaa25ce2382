"""What the summary says of segments."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.segment_names import segment_name
from vitalfew.jobs.rfm.figures import evidence
from vitalfew.jobs.rfm.tables import RFM, RFM_SEGMENTS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section
from vitalfew.report.shares import spend_share


def segments(rfm_segments: DataFrame) -> list[Line]:
    """Each segment with its size, its value and what to do, the highest value first."""
    found = collect_rows(rfm_segments.orderBy(F.desc("monetary"), "segment"), "segments")
    return [
        Line(
            segment_name(row["segment"]),
            fact(row),
            of_row(row, "action", RFM_SEGMENTS),
            code=row["segment"],
            value=float(row["monetary"]),
            unit="money",
        )
        for row in found
    ] or missing("rfm")


def fact(row: Row) -> Message:
    return message(
        "rfm.fact.segment",
        customers=row["customers"],
        share=row["share_of_customers"],
        monetary=row["monetary"],
        spend=spend_share(row),
        silent=row["mean_recency_days"],
        orders=row["mean_frequency"],
        each=row["mean_monetary"],
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("segments", segments(known["rfm_segments"])),
    ]


REPORT = Report(
    "rfm",
    (RFM_SEGMENTS,),
    sections,
    drawn=(RFM,),
    evidence=evidence,
)
