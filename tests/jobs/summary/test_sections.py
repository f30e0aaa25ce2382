"""The report is data: each line of the summary names its job, its code, and the number that matters with its unit."""

from __future__ import annotations

from datetime import date

from pages import page

from conftest import Frame
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.transform import REPORTS, SUMMARISED, sections
from vitalfew.messages.catalogue import group
from vitalfew.report.sections import Asked

SEGMENTS = """
    segment   | customers | share_of_customers | monetary | share_of_monetary | mean_recency_days | mean_frequency | mean_monetary | action_code
    Champions |         3 |               0.75 |   900.50 |              0.90 |               4.0 |            9.0 |        300.17 | champions
    Lost      |         1 |               0.25 |   100.00 |              0.10 |             400.0 |            1.0 |        100.00 | lost
"""


def test_a_line_has_its_number_its_unit_its_job_and_a_code(frame: Frame) -> None:
    first, second = (row for row in page(frame, rfm_segments=SEGMENTS) if row["job"] == "rfm")
    assert [first[name] for name in ("code", "value", "unit")] == ["Champions", 900.5, "money"]
    assert [second[name] for name in ("code", "value", "unit", "label")] == ["Lost", 100.0, "money", "Lost"]


def test_a_line_without_a_number_has_the_code_of_its_question(frame: Frame) -> None:
    line = next(row for row in page(frame) if row["job"] == "clusters")
    assert [line[name] for name in ("code", "value", "unit")] == ["clusters", None, None]


def test_every_question_is_asked_by_one_report_and_has_words(frame: Frame) -> None:
    frames = {table.name: frame(table, (table.key or tuple(table.columns))[-1]) for table in SUMMARISED}
    asked = [section.question for _, section in sections(frames, Asked(SummaryParams(), date(2025, 3, 1)))]
    assert asked == list(group("questions")) == list(group("questions", "zh"))
    assert len({report.job for report in REPORTS}) == len(REPORTS)
