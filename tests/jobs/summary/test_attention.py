"""The summary on what has changed: alerts, and moves between groups."""

from __future__ import annotations

import pytest
from pages import Told, page, telling

from conftest import Frame
from vitalfew.jobs.alerts.kinds import KINDS
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.messages.sentences import row_in_words
from vitalfew.messages.words import Words

ATTENTION = "What needs attention now?"
MOVED = "Who has moved since the last look?"


@pytest.fixture
def told(frame: Frame) -> Told:
    return telling(frame)


TOTALS = """
    kind     | open | raised | high | ranked | closed | value_at_stake | action_code
    inactive   |    9 |      9 |    0 |      0 |      0 |         900.00 | inactive
    overdue  | 1234 |     10 |    2 |    297 |      5 |       54321.00 | overdue
    frequency_up   |    1 |      1 |    0 |      1 |      0 |        1000.50 | frequency_up
    churned  |    0 |      0 |    0 |      0 |      4 |           0.00 | churned
    returns  |    2 |      1 |    2 |      2 |      0 |         250.00 | returns
"""
ALERTS = """
    kind    | subject  | subject_id | status | severity | rank | value_at_stake | evidence_code | evidence_values                                 | action_code
    overdue | customer | ann        | open   | high     |    1 |         500.00 | overdue       | [silent=9, percentile=0.80, limit=2, gaps=1234] | ask_back
    overdue | customer | bob        | open   | high     |    2 |         400.00 | overdue       | [silent=8, percentile=0.80, limit=2, gaps=3]    | ask_back
    inactive  | customer | cat        | open   | medium   |    3 |        9000.00 | inactive | [silent=30, usual=9]                            | remind
    inactive  | customer | dan        | open   | low      |    ~ |       99000.00 | inactive | [silent=30, usual=9]                            | remind
    inactive  | customer | ann        | open   | high     |    ~ |         500.00 | inactive | [silent=9, usual=2]                             | remind
    overdue | customer | eve        | closed | high     |    ~ |       99000.00 | closed        | [was=inactive, silent=9, usual=2]                 | none
"""


@pytest.mark.both_engines
def test_open_alerts_come_by_kind_the_most_urgent_first_then_the_worst(told: Told) -> None:
    assert told(ATTENTION, alert_totals=TOTALS, alerts=ALERTS) == [
        (
            "do first",
            "3 of 4 customers and products with an alert (2 urgent)",
            'See the list: vitalfew show alerts --where "rank <= 100" --by value_at_stake',
        ),
        (
            "returns",
            "2 products (2 urgent, 1 new), sold for 250.00 in 90 days",
            "Find out why they come back before more is sent.",
        ),
        (
            "overdue",
            "1,234 customers (2 urgent, 10 new), 54,321.00 at stake",
            "Ask them back now, the most valuable first: they are later than their own purchase interval.",
        ),
        ("buying more often", "1 customer, worth 1,000.50 a year", "Thank them, and offer them the loyalty programme."),
        (
            "inactive",
            "9 customers, 900.00 at stake",
            "Ask back who is later than their own interval, remind the others; do not contact who always takes that long.",
        ),
        (
            "customer ann",
            "No order for 9 days, while 80% of this customer's gaps are at most 2 days; 500.00 at stake",
            "Ask them back now, with what they probably need: they are later than their own purchase interval.",
        ),
    ]


def test_how_sure_the_worst_alert_is_only_the_table_says_and_a_name_keeps_its_parentheses(told: Told) -> None:
    drawn = """
        kind    | subject | subject_id | status | severity | rank | value_at_stake | evidence_code | evidence_values                                                                      | action_code
        returns | product | hat        | open   | low      |    1 |          50.00 | returns       | [n=8, product=Hat (red), days=14, expected=1.0, weeks=26, chance=tiny, q=0.0000] | inspect_returns
    """
    assert told(ATTENTION, alert_totals=TOTALS, alerts=drawn)[-1] == (
        "product hat",
        "8 returns of Hat (red) in 14 days; 1.0 expected from the 26 weeks before; sold for 50.00 in 90 days",
        "Look at what came back and why before more is sent; check the description and the batch.",
    )


def test_more_than_five_kinds_are_folded(told: Told) -> None:
    head = "kind | open | raised | high | ranked | closed | value_at_stake | action_code\n"
    kinds = ["vip_returned", "complaints", "churn_risk", "spend_drop", "overdue", "inactive"]
    drawn = head + "\n".join(f"{kind} | 3 | 3 | 0 | 3 | 0 | 10.00 | {kind}" for kind in kinds)
    lines = told(ATTENTION, alert_totals=drawn)
    shown = ["best customers back", "complaints", "at risk of leaving", "spending less", "less urgent"]
    assert [label for label, _, _ in lines] == shown
    assert lines[-1][1:] == ("overdue 3, inactive 3", "See them all: vitalfew show alert_totals")
    five = "\n".join(drawn.splitlines()[:-1])
    assert [label for label, _, _ in told(ATTENTION, alert_totals=five)][-1] == "overdue"


def test_however_many_kinds_are_open_each_is_named_in_both_languages(frame: Frame) -> None:
    head = "kind | open | raised | high | ranked | closed | value_at_stake | action_code\n"
    drawn = head + "\n".join(f"{kind} | 1{n} | 0 | 0 | 0 | 0 | 10.00 | {kind}" for n, kind in enumerate(KINDS))
    line = next(row for row in page(frame, alert_totals=drawn) if row["label"] == "less urgent")
    assert line["text_code"] == "alerts.less_urgent.of_6"
    assert line["text"] == (
        "at risk of leaving 14, spending less 15, overdue 16, buying more often 17, inactive 18, churned 19"
    )
    in_chinese = row_in_words(line, SUMMARY, Words("zh"))
    assert in_chinese["text"].startswith("流失风险 14、客单价下降 15、逾期未购 16")
    assert (in_chinese["section"], in_chinese["label"]) == ("01. 现在需要关注什么？", "其他预警")


def test_that_all_alerts_are_settled_is_said(told: Told) -> None:
    settled = "kind | open | raised | high | ranked | closed | value_at_stake\nchurned | 0 | 0 | 0 | 0 | 4 | 0.00"
    assert told(ATTENTION, alert_totals=settled)[0][0] == "nothing"


SEGMENT_MOVES = """
    scheme       | previous_on | customers_before | customers_now | moved | moved_up | moved_down | entered | value_down
    clusters     | 2025-02-01  |              100 |           102 |     7 |        0 |          0 |       2 |       0.00
    rfm          | 2025-02-01  |              100 |           102 |    30 |       12 |         18 |       2 |    1234.50
    contribution | 2025-02-01  |              100 |           100 |     5 |        5 |          0 |       0 |       0.00
"""
FLOWS = """
    scheme   | kind    | from_group | to_group  | direction | customers | value_before | value_now | expected | is_abnormal | action_code
    rfm      | moved   | Champions  | At Risk   | down      |        20 |      5000.00 |   4000.00 |      3.2 | true        | down_more
    rfm      | moved   | Loyal      | Champions | up        |        50 |      9000.00 |   9000.00 |     50.0 | false       | as_expected
    clusters | entered | (new)      | 1: early  | ~         |         2 |         0.00 |     70.00 |      9.0 | true        | entered_fewer
    clusters | moved   | 1: early   | 2: late   | ~         |         0 |         0.00 |      0.00 |      9.0 | true        | moved_fewer
"""


def test_moves_are_told_by_scheme_then_the_unusual_flows(told: Told) -> None:
    assert told(MOVED, segment_move_totals=SEGMENT_MOVES, segment_move_matrix=FLOWS) == [
        (
            "segment",
            "30 of 100 customers (30%) changed since 1 Feb 2025: 12 up, 18 down with 1,234.50; 2 new",
            "Write to those who went down, the most valuable first.",
        ),
        ("ABC class", "5 of 100 customers (5%) changed since 1 Feb 2025: 5 up, 0 down with 0.00", None),
        ("cluster", "7 of 100 customers (7%) changed since 1 Feb 2025; 2 new", None),
        (
            "unusual",
            "20 customers, worth 5,000.00, went from segment Champions to At Risk, more than the 3 expected",
            "Ask the most valuable of them what went wrong, and make them an offer this week.",
        ),
        (
            "unusual",
            "2 customers, worth 70.00, are new in cluster 1: early, fewer than the 9 expected",
            "Find out why fewer new customers begin like this.",
        ),
    ]


def test_a_flow_that_has_dried_up_has_no_worth(told: Told) -> None:
    dried = FLOWS.splitlines()[1] + "\n" + FLOWS.splitlines()[-1 if FLOWS.splitlines()[-1].strip() else -2]
    assert told(MOVED, segment_move_totals=SEGMENT_MOVES, segment_move_matrix=dried)[-1][1] == (
        "0 customers went from cluster 1: early to 2: late, fewer than the 9 expected"
    )


def test_without_a_look_before_nothing_is_said(told: Told) -> None:
    first = SEGMENT_MOVES.replace("2025-02-01", "~").replace("100 |           10", "0 | 10")
    assert told(MOVED, segment_move_totals=first) == []
    gone = "scheme | previous_on | customers_before | customers_now | moved\nrfm | 2025-02-01 | 9 | 0 | 0"
    assert told(MOVED, segment_move_totals=gone) == []


def test_where_nobody_was_there_before_no_share_is_told(told: Told) -> None:
    drawn = """
        scheme | previous_on | customers_before | customers_now | moved | moved_up | moved_down | entered | value_down
        rfm    | 2025-02-01  |                0 |             3 |     0 |        0 |          0 |       3 |       0.00
    """
    assert told(MOVED, segment_move_totals=drawn)[0][1] == "0 of 0 customers changed since 1 Feb 2025; 3 new"


TESTED = """
    kind      | rule     | claim       | compared_with  | horizon_days | compared_rate | matched_rate | lift | reason       | is_raised
    overdue   | standard | spends_less | equally_silent | 30           | 0.43          | 0.42         | 0.01 | no_lift      | false
    overdue   | strict   | spends_less | equally_silent | 30           | 0.714         | 0.634        | 0.08 | has_lift     | true
    churned   | standard | stays_away  | less_silent    | 30           | 0.5           | 0.5          | 0.0  | no_lift      | false
    inactive  | standard | stays_away  | less_silent    | 30           | ~             | ~            | ~    | too_few      | true
    returns   | standard | nothing     | nobody         | 30           | ~             | ~            | ~    | not_measured | true
"""


def test_each_kind_says_whether_it_is_proved_and_one_without_lift_that_it_is_not_reported(told: Told) -> None:
    lines = {label: text for label, text, _ in told(ATTENTION, alert_totals=TOTALS, alert_evaluation=TESTED)}
    assert lines["overdue"] == (
        "1,234 customers (2 urgent, 10 new), 54,321.00 at stake; less than half of the usual spend of 71% of those "
        "named, and of 63% of the others who were silent for as long and worth as much, in 30 days"
    )
    assert lines["inactive"] == "9 customers, 900.00 at stake; not proved on this shop: too few cases so far"
    assert lines["returns"].endswith("; not tested on earlier days")
    assert lines["buying more often"].endswith("; not proved on this shop: too few cases so far")
    assert lines["churned"] == (
        "not reported on this shop: those named stay away in 50% of cases, the others who were worth as much and less "
        "silent in 50% (30 days)"
    )
    only = told(ATTENTION, alert_evaluation=TESTED)
    assert [label for label, _, _ in only] == ["nothing", "churned"]
    nobody = "part | name | position | value\nseen | customers | 0 | 0.0"
    said = told(ATTENTION, alert_evaluation=TESTED, alert_fit=nobody)
    assert said[0][:2] == ("nothing", "No order names a customer: there are no alerts of customers.")
