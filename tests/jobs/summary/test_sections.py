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
    segment   | customers | share_of_customers | monetary | share_of_monetary | mean_recency_days | mean_frequency | mean_monetary | action
    Champions |         3 |               0.75 |   900.50 |              0.90 |               4.0 |            9.0 |        300.17 | Thank.
    Lost      |         1 |               0.25 |   100.00 |              0.10 |             400.0 |            1.0 |        100.00 | Let go.
"""
LORENZ = """
    subject  | dimension | member | percent | share_of_value
    customer | all       | all    |       0 |            0.0
    customer | all       | all    |      50 |            0.8
    customer | all       | all    |     100 |            1.0
    product  | all       | all    |      50 |            0.6
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


def test_charts_come_with_their_rows_and_name_their_table(frame: Frame) -> None:
    drawn = {"rfm_segments": SEGMENTS, "lorenz": LORENZ}
    frames = {
        table.name: frame(table, drawn.get(table.name, (table.key or tuple(table.columns))[-1])) for table in SUMMARISED
    }
    found = sections(frames, Asked(SummaryParams(), date(2025, 3, 1)))
    charts = {chart.code: chart for _, section in found for chart in section.charts}
    assert set(charts) == {"segments", "lorenz"}
    assert [row[charts["segments"].x] for row in charts["segments"].rows] == ["Champions", "Lost"]
    assert [(row["percent"], row["share_of_value"]) for row in charts["lorenz"].rows] == [
        (0, 0.0),
        (50, 0.8),
        (100, 1.0),
    ]
    for chart in charts.values():
        assert chart.table in frames
        assert {chart.x, chart.y} <= set(frames[chart.table].columns)
