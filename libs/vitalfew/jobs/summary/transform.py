"""The answers of all jobs on one page, each with what to do next."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import DataFrame

from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.reports import REPORTS, SUMMARISED, sections
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.messages.message import by_key
from vitalfew.messages.sentences import said
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.answers import Line, as_message
from vitalfew.report.sections import Asked

__all__ = ["REPORTS", "SUMMARISED", "SummaryParams", "sections", "summary"]


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
