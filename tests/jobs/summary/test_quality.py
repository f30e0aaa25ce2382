"""The first page says what was refused."""

from __future__ import annotations

from conftest import Frame
from vitalfew.jobs.ingest.report import refused
from vitalfew.messages.words import ENGLISH
from vitalfew.report.answers import Said
from vitalfew.tables.logs import QUARANTINE


def spoken(said: Said) -> str:
    return said if isinstance(said, str) else said.text(ENGLISH)


def test_refused_rows_and_their_money_are_told_by_source(frame: Frame) -> None:
    drawn = frame(
        QUARANTINE,
        """
        source      | job         | reason      | amount | content
        order_lines | ingest      | x           |   7.50 | {}
        order_lines | ingest      | y           |      ~ | {}
        order_lines | ingest      | exact copy  | 900.00 | {}
        order_lines | orders      | z           |   2.00 | {}
        events      | timing      | z           |      ~ | {}
        events      | customer360 | z           |      ~ | {}
        """,
    )
    assert [(line.label, spoken(line.text)) for line in refused(drawn)] == [
        ("order_lines", "3 rows refused, 9.50 in all"),
        ("events", "1 row refused"),
    ]
    assert refused(drawn.where("false")) == []
