"""Who is slipping away: counted by status, class of value and next step, and nothing of few people."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from conftest import Frame
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_FORECAST
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.slipping import Counted, answer, by_class, by_status, by_step, counted, slipping
from vitalfew.messages.message import Message
from vitalfew.messages.words import Words
from vitalfew.report.page import PageSection
from vitalfew.report.sections import Asked, Chart

LEAST = 5
STATUSES = {"overdue": "ask", "lapsed": "win back", "on schedule": "wait", "first order": "second order"}


def group(
    status: str, customers: int, value_class: str | None = "A", stake: str = "10.00", step: str = "ask"
) -> Counted:
    return Counted(status, value_class, step, customers, Decimal(stake))


def said(text: Any) -> str:
    assert isinstance(text, Message)
    return text.text(Words("en", None)).replace("**", "")


def cells(found: list[Chart], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for chart in found for row in chart.rows]


@pytest.mark.parametrize(
    ("late", "others", "text"),
    [
        (0, 9, "Nobody is past the window in which they were expected."),
        (4, 9, "Fewer than 5 customers are past the window in which they were expected."),
        (
            5,
            9,
            "5 of 14 customers are past the window in which they were expected: 10.00 is likely to be lost within 365 days.",
        ),
        (
            5,
            5,
            "5 of 10 customers are past the window in which they were expected: 10.00 is likely to be lost within 365 days.",
        ),
        (
            5,
            4,
            "Nearly all customers are past the window in which they were expected: 10.00 is likely to be lost within 365 days.",
        ),
        (
            5,
            0,
            "5 of 5 customers are past the window in which they were expected: 10.00 is likely to be lost within 365 days.",
        ),
    ],
)
def test_the_answer_counts_no_few_people(late: int, others: int, text: str) -> None:
    found = [group("overdue", late)] if late else []
    found += [group("on schedule", others)] if others else []
    assert said(answer(found, 365, LEAST)) == text


def test_without_a_forecast_the_answer_names_no_horizon() -> None:
    assert said(answer([group("overdue", 9)], None, LEAST)).endswith("10.00 is likely to be lost.")


def test_a_class_of_which_few_are_late_is_hidden_with_what_would_give_it_away() -> None:
    whole = [group("on schedule", 50, name) for name in "ABC"]
    late = [group("overdue", n, name) for n, name in ((9, "A"), (6, "B"), (7, "C"))]
    assert cells(by_class([*whole, *late], LEAST), "code", "late", "customers") == [
        ("A", 9, 59),
        ("B", 6, 56),
        ("C", 7, 57),
    ]
    late[1] = group("overdue", 4, "B")
    assert cells(by_class([*whole, *late], LEAST), "code", "late") == [("A", 9)]


def test_statuses_of_few_are_said_together_with_the_others_who_are_late() -> None:
    found = [group("on schedule", 50), group("overdue", 33), group("lapsed", 4, stake="90.00")]
    shown = cells(by_status(found, LEAST), "status", "customers", "stake")
    assert [(said(status), n, stake) for status, n, stake in shown] == [
        ("overdue or far past it", 37, Decimal("100.00")),
        ("on schedule", 50, Decimal("10.00")),
    ]
    assert len(cells(by_status([*found, group("lapsed", 1)], LEAST), "status")) == 3


def test_next_steps_of_few_are_hidden() -> None:
    late = [group("overdue", 33), group("lapsed", 6, step="win back"), group("lapsed", 5, step="last try")]
    assert cells(by_step(late, LEAST), "customers") == [(33,), (5,), (6,)]
    assert by_step([*late[:2], group("lapsed", 4, step="last try")], LEAST)[0].rows[0]["customers"] == 33
    assert not by_step([late[0], group("lapsed", 1, step="win back")], LEAST)


def drawn(frame: Frame, rows: list[tuple[str, str, str, str | None]]) -> PageSection:
    """The section of customers with their status, value at stake and class (None: contribution does not know them)."""
    people = "customer_id | status | value_at_stake | next_step | silent_days | p_return_30\n"
    people += "".join(f"{who} | {status} | {stake} | {STATUSES[status]} | 9 | 0.5\n" for who, status, stake, _ in rows)
    classes = "subject | subject_id | abc\nproduct | c1 | A\n"
    classes += "".join(f"customer | {who} | {abc}\n" for who, _, _, abc in rows if abc)
    known = {
        "next_purchase": frame(NEXT_PURCHASE, people),
        "contribution": frame(CONTRIBUTION, classes),
        "purchase_forecast": frame(PURCHASE_FORECAST, "customer_id | horizon_days\nc1 | 30\nc1 | 90"),
    }
    return slipping(known, Asked(SummaryParams(), date(2025, 3, 1), min_group=LEAST))


def test_counts_are_those_of_a_naive_second_count(frame: Frame) -> None:
    chance = random.Random(5)
    rows = [
        (
            f"c{n}",
            chance.choice(list(STATUSES)),
            f"{chance.randrange(1, 9000) / 100:.2f}",
            chance.choice([*"AABC", None]),
        )
        for n in range(300)
    ]
    section = drawn(frame, rows)
    charts = {chart.code: chart for chart in section.charts}
    late = [row for row in rows if row[1] in ("overdue", "lapsed")]
    stake = sum(Decimal(row[2]) for row in late)
    assert said(section.answer) == (
        f"{len(late)} of 300 customers are past the window in which they were expected: "
        f"{stake:,.2f} is likely to be lost within 90 days."
    )
    by_abc, late_by_abc = Counter(row[3] for row in rows), Counter(row[3] for row in late)
    assert cells([charts["classes"]], "code", "late", "customers") == [(c, late_by_abc[c], by_abc[c]) for c in "ABC"]
    assert {n for (n,) in cells([charts["status"]], "customers")} == set(Counter(row[1] for row in rows).values())
    assert sum(n for (n,) in cells([charts["steps"]], "customers")) == len(late)
    first = sorted(late, key=lambda row: (-Decimal(row[2]), row[0]))[:10]
    assert cells([charts["stake"]], "customer_id", "value_at_stake") == [(row[0], Decimal(row[2])) for row in first]
    share = sum(Decimal(row[2]) for row in first) / stake
    assert said(section.action) == f"Start with the first 10 of the list: they hold {share:.0%} of it."


def test_where_nobody_is_known_it_is_said_which_job_would_know(frame: Frame) -> None:
    section = drawn(frame, [])
    assert said(section.answer).endswith("vitalfew run next_purchase")
    assert not section.charts


def test_who_brings_no_value_is_in_the_last_class(frame: Frame) -> None:
    people = frame(NEXT_PURCHASE, "customer_id | status | value_at_stake | next_step\nann | overdue | 1.00 | ask")
    classes = frame(CONTRIBUTION, "subject | subject_id | abc\ncustomer | ann | none")
    assert counted(people, classes) == [Counted("overdue", "C", "ask", 1, Decimal("1.00"))]
