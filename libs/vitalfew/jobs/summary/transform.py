"""The answers of all jobs on one page, each with what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pyspark.sql import DataFrame

from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.affinity import report as affinity
from vitalfew.jobs.alerts import report as alerts
from vitalfew.jobs.baskets import report as baskets
from vitalfew.jobs.clusters import report as clusters
from vitalfew.jobs.cohorts import report as cohorts
from vitalfew.jobs.contribution import report as contribution
from vitalfew.jobs.customer360 import report as customer360
from vitalfew.jobs.ingest import report as ingest
from vitalfew.jobs.next_purchase import report as next_purchase
from vitalfew.jobs.recommendations import report as recommendations
from vitalfew.jobs.rfm import report as rfm
from vitalfew.jobs.segment_moves import report as segment_moves
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.jobs.timing import report as timing
from vitalfew.messages.message import by_key
from vitalfew.messages.sentences import said
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.answers import Line, as_message
from vitalfew.report.sections import Asked, Report, Section
from vitalfew.tables import Table
from vitalfew.tables.sources import PRODUCTS

__all__ = ["REPORTS", "SUMMARISED", "SummaryParams", "sections", "summary"]

REPORTS: tuple[Report, ...] = (
    alerts.REPORT,
    ingest.REPORT,
    contribution.REPORT,
    rfm.REPORT,
    segment_moves.REPORT,
    clusters.REPORT,
    customer360.REPORT,
    next_purchase.REPORT,
    cohorts.REPORT,
    timing.REPORT,
    baskets.REPORT,
    affinity.REPORT,
    recommendations.REPORT,
)
"""What each job has to say, in the order of the page."""

SUMMARISED: tuple[Table, ...] = (PRODUCTS, *(table for report in REPORTS for table in report.tables))
"""What the summary is made of."""


def summary(
    *, params: SummaryParams, as_of: date, stage: Stage = UNSTAGED, words: Words = ENGLISH, **known: DataFrame
) -> tuple[DataFrame]:
    """SUMMARY, from frames of SUMMARISED by their names; of a result that is missing it says which job makes it.

    A question to which there is nothing to say is left out, and the next has its number.
    """
    del stage  # results are small, and each is read once
    answered = [(job, section) for job, section in sections(known, Asked(params, as_of, words)) if section.facts]
    rows = [
        {
            **said("section", "summary.heading.section", words, number=f"{number:02d}", question=section.question),
            "question": section.question,
            "position": position,
            "job": job,
            **line_columns(line, words),
            "code": line.code or section.question,
        }
        for number, (job, section) in enumerate(answered, start=1)
        for position, line in enumerate(section.facts, start=1)
    ]
    return (local_table(SUMMARY, rows, beside=known["products"]),)


def line_columns(line: Line, words: Words) -> dict[str, Any]:
    """The columns of SUMMARY that a line fills."""
    texts = {name: as_message(getattr(line, name)) for name in ("label", "text", "action")}
    return {
        "value": line.value,
        "unit": line.unit,
        **{column: value for name, each in texts.items() for column, value in by_key(name, each, words).items()},
    }


def sections(known: Mapping[str, DataFrame], asked: Asked) -> Iterator[tuple[str, Section]]:
    """Every section of the report with the job that it is of, in the order of the page."""
    for report in REPORTS:
        for section in report.sections(known, asked):
            yield report.job, section
