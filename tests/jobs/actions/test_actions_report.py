"""What people read of the plan: in both languages, with honest words on what is assumed, and without small groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from planned import AS_OF, EUROS, LAPSED, NEW, customer, local, params, planned
from pyspark.sql import DataFrame, SparkSession

from vitalfew.jobs.actions.report import REPORT
from vitalfew.jobs.actions.tables import ACTION_PLAN, PLAN_LIMITS, PLAN_TOTALS
from vitalfew.messages.message import Message
from vitalfew.messages.words import Words
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked

SETTINGS: dict[str, Any] = {
    "actions": {
        "win_back": {"uplift": 0.1, "channels": ["email", "owl"], "channel_uplift": {"owl": 0.3}},
        "second_order": {"uplift": 0.1, "channels": ["email"], "capacity": 30},
    },
    "channels": {"email": {"cost": 0.5, "capacity": 50}, "owl": {"cost": 1.0, "capacity": 3}},
    "budget": 1000,
    "hold_out": 0.1,
}


@pytest.fixture(scope="module")
def known(spark: SparkSession) -> dict[str, DataFrame]:
    rows = [customer(f"c{n}", **(LAPSED if n % 2 else NEW), expected_amount=Decimal(20 + n % 7)) for n in range(120)]
    return planned(spark, params(**SETTINGS), next_purchase=rows)


def said(known: dict[str, DataFrame], words: Words = EUROS, least: int = 5) -> dict[str, tuple[str, str]]:
    """By label, the text and the advice."""
    (section,) = REPORT.sections(known, Asked(None, AS_OF, words, least))
    return {text(line.label, words): (text(line.text, words), text(line.action, words)) for line in section.facts}


def text(words_of: Message | str | None, words: Words) -> str:
    return words_of.text(words) if isinstance(words_of, Message) else words_of or ""


def test_the_report_says_what_the_plan_brings_what_holds_it_back_and_what_is_assumed(
    known: dict[str, DataFrame],
) -> None:
    found = said(known)
    assert found["the plan"][0].startswith("53 customers get an action until 7 Apr 2025: expected gain €")
    assert "Send the list" in found["the plan"][1]
    assert found["what is assumed"][0].startswith("all of the expected gain rests on assumptions")
    assert "would come back for one more" in found["one more"][0]
    assert found["win back (e-mail)"][0].split(" customers")[0].isdigit()
    assert "win back (owl)" not in found, "three customers are too few"
    assert found["small groups"][0] == "3 more actions are of groups too small to be shown"
    assert "Check consent" in found["consents"][1]
    assert found["held out"][1] == "Do not contact the control arm."


def test_the_page_has_the_actions_and_the_limits_with_their_prices(known: dict[str, DataFrame]) -> None:
    (evidence,) = REPORT.evidence(known, Asked(None, AS_OF, EUROS, 5))
    actions, limits = evidence.charts
    assert evidence.answer.text(EUROS).startswith("**53 customers get an action** until 7 Apr 2025: expected gain €")
    assert evidence.answer.text(EUROS).endswith("All of it is assumed, nothing is measured yet.")
    *shown, others = actions.rows
    assert {text(row["channel"], EUROS) for row in shown} == {"e-mail"}
    assert (text(others["action"], EUROS), others["channel"]) == ("others, of few customers each", None)
    assert min(row["customers"] for row in actions.rows) >= 5, "nobody is read from a row, nor from the total"
    assert sum(row["customers"] for row in actions.rows) == 53, "the rows add up to what the answer says"
    prices = [float(row["price"] or 0) for row in limits.rows]
    assert prices == sorted(prices, reverse=True)
    assert prices[0] > 0
    budget = next(row for row in limits.rows if text(row["limit"], EUROS) == "budget")
    assert text(budget["capacity"], EUROS).startswith("€"), "money, where the others are numbers"
    assert all(row["measured_gain"] is None for row in actions.rows), "a dash, as nothing was measured"
    assert {text(row["limit"], EUROS) for row in limits.rows} == {"owl", "e-mail", "second order", "budget"}


def test_it_is_said_in_chinese_too(known: dict[str, DataFrame]) -> None:
    found = said(known, Words("zh", "CNY"))
    assert found["计划"][0].startswith("2025年4月7日前安排53 位会员：花费 ¥")
    assert "挽回（邮件）" in found


TOTAL: dict[str, Any] = {
    "until": AS_OF,
    "customers": 40,
    "possible": 30,
    "planned": 12,
    "explored": 1,
    "held_out": 0,
    "resting": 1,
    "without_consent": 9,
    "overlapping": 1,
    "cost": Decimal(5),
    "expected_gain": Decimal(9),
    "value": Decimal(4),
    "bound": Decimal(4),
    "gap": 0.0,
    "passes": 1,
    "consents_known": False,
    "harmful": [],
    "missing": [],
}


def test_an_empty_plan_says_why_and_no_plan_says_nothing(spark: SparkSession, known: dict[str, DataFrame]) -> None:
    group: dict[str, Any] = {"tier": "regular", "action": "nothing", "channel": "none", "eligible": 1, "customers": 1}
    none = {"customers": 1, "possible": 1, "planned": 0, "explored": 0, "without_consent": 0, "overlapping": None}
    made = {
        "action_plan": local(spark, ACTION_PLAN, [group]),
        "plan_limits": local(spark, PLAN_LIMITS, []),
        "plan_totals": local(spark, PLAN_TOTALS, [{**TOTAL, **none}]),
    }
    found = said(made)
    assert found["the plan"][0] == (
        "no action until 1 Apr 2025: of 1 customer, 1 could get one, 1 was contacted lately, and 0 have given no consent"
    )
    assert {*found} == {"the plan", "consents"}
    assert REPORT.evidence(made, Asked(None, AS_OF, EUROS, 5)) == []
    nothing = {name: frame.limit(0) for name, frame in known.items()}
    (section,) = REPORT.sections(nothing, Asked(None, AS_OF, EUROS, 5))
    assert list[Line](section.facts) == []


def test_each_sentence_counts_what_its_money_is_of_and_does_not_say_what_is_not_so(spark: SparkSession) -> None:
    group: dict[str, Any] = {"tier": "regular", "channel": "email", "explored": 0, "held_out": 0}
    money: dict[str, Any] = {"cost": Decimal(2), "expected_gain": Decimal(4), "measured_gain": Decimal(0)}
    sizes = {"win_back": 13, "review": 4, "nothing": 10}
    plan = [{**group, **money, "action": name, "eligible": size, "customers": size} for name, size in sizes.items()]
    made = {
        "action_plan": local(spark, ACTION_PLAN, plan),
        "plan_limits": local(spark, PLAN_LIMITS, []),
        "plan_totals": local(spark, PLAN_TOTALS, [TOTAL]),
    }
    found = said(made)
    assert found["the plan"][0].startswith("13 customers get"), "their money has those in it who get one by chance"
    assert found["small groups"][0].startswith("4 more actions are"), "of 13 customers, four get two"
    assert "10 customers get nothing: 1 was contacted lately, 9 have given no consent" in found["no action"][0]
    assert "everybody was left out" in found["consents"][0]
    assert "nobody can tell later" in found["held out"][0]
    assert found["earlier plans"][0].startswith("1 contact of earlier plans")
    (evidence,) = REPORT.evidence(made, Asked(None, AS_OF, EUROS, 13))
    assert evidence.answer.text(EUROS).startswith("**13 customers get an action**")
    chinese = said(made, Words("zh", "CNY"))
    assert "其中1 位近期已联系过，9 位没有授权" in chinese["不安排"][0]
    assert "排除了所有人" in chinese["联系授权"][0]
