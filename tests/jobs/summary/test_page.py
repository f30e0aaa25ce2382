"""The page as data: what is answered follows from the tables by rules, and what is not there is said in a line."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from conftest import Frame
from vitalfew.jobs.customer360.report import evidence
from vitalfew.jobs.customer360.tables import CUSTOMER360
from vitalfew.jobs.summary.page import GROUPS, PAGE_TABLES, page
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.messages.message import Message
from vitalfew.messages.words import LANGUAGES, Words
from vitalfew.report.html.render import html
from vitalfew.report.html.voice import Voice
from vitalfew.report.page import Page
from vitalfew.report.sections import Asked, Chart

DAY = date(2025, 3, 1)
ORDERS = """
    order_id | customer_id | ordered_on | kind   | net_amount
    1        | ann         | 2025-01-05 | sale   |     100.00
    2        | ann         | 2025-02-20 | sale   |      50.00
    3        | bob         | 2025-02-21 | sale   |      30.00
    4        | bob         | 2025-02-22 | return |     -10.00
    5        | cal         | 2025-03-01 | sale   |     999.00
"""
TOTALS = """
    scheme | previous_on | customers_before | customers_now | moved | moved_up | moved_down | entered | left | value_down | note_code
    rfm    | 2025-02-01  |              100 |           101 |    30 |       10 |         20 |       1 |    0 |     700.00 | compared
"""
MATRIX = """
    as_of      | scheme | previous_on | days | kind   | from_group | to_group  | customers | is_abnormal
    2025-03-01 | rfm    | 2025-02-01  |   28 | stayed | Champions  | Champions |        60 | false
    2025-03-01 | rfm    | 2025-02-01  |   28 | moved  | Champions  | At Risk   |        20 | false
    2025-03-01 | rfm    | 2025-02-01  |   28 | moved  | Lost       | Champions |        10 | false
"""
ALERTS = """
    kind       | subject  | subject_id | status | severity | value_at_stake | q_value | evidence_code | evidence_values                                 | action_code
    overdue    | customer | ann        | open   | high     |         100.00 |       ~ | overdue       | [silent=9, percentile=0.8, limit=5, gaps=7]     | ask_back
    spend_drop | customer | ann        | open   | low      |         500.00 |       ~ | spend_drop    | [orders=5, now=10.00, before=20.00, errors=3.4] | find_out
    spend_drop | customer | bob        | open   | low      |          70.00 |       ~ | spend_drop    | [orders=5, now=10.00, before=20.00, errors=2.5] | find_out
    inactive   | customer | cal        | open   | low      |          10.00 |       ~ | inactive      | [silent=90, usual=100]                          | leave_alone
"""
MOVES = """
    scheme | customer_id | previous_on | kind  | from_group | to_group | direction | value_now
    rfm    | ann         | 2025-02-01  | moved | Champions  | At Risk  | down      |     80.00
    rfm    | dan         | 2025-02-01  | moved | Champions  | At Risk  | down      |     60.00
    rfm    | eve         | 2025-02-01  | moved | Lost       | Promising| up        |     60.00
"""
WINDOWS = """
    subject  | gaps | nominal | split_on   | windows | came_back | inside | coverage | share_of_all
    customer | all  |     0.8 | 2025-01-01 |     100 |       100 |     72 |     0.72 |          0.7
"""
GRID = """
    dimension | member | weekday | hour | hours | orders | customers | times_average
    all       | all    |       1 |    ~ |    10 |     90 |        50 |           1.8
    all       | all    |       2 |    ~ |    10 |     10 |         3 |           0.2
"""
CONCENTRATION = """
    subject  | dimension | member | subjects | value   | top_share | subjects_for_target | share_for_target | gini | super_subjects | super_share
    customer | all       | all    |      100 | 1000.00 |       0.8 |                  20 |              0.2 |  0.7 |              0 |         0.0
"""
LORENZ = """
    subject  | dimension | member | percent | share_of_value
    customer | all       | all    |       0 |            0.0
    customer | all       | all    |      80 |            0.2
    customer | all       | all    |     100 |            1.0
"""
RFM = (
    "r | f | segment | monetary\n"
    + "5 | 5 | Champions | 90.00\n" * 6
    + "5 | 4 | Loyal | 9.00\n" * 2
    + "1 | 1 | Lost | 1.00\n" * 7
)
SEGMENTS = """
    segment   | customers | share_of_customers | monetary | share_of_monetary | mean_recency_days | mean_frequency | mean_monetary | action_code
    Champions |         6 |               0.40 |   540.00 |              0.96 |               4.0 |            9.0 |         90.00 | champions
    Lost      |         7 |               0.46 |     7.00 |              0.01 |             400.0 |            1.0 |          1.00 | lost
"""
RULES = """
    level   | antecedent | consequent | n  | n_antecedent | n_consequent | baskets | confidence | lift | is_significant | is_redundant
    product | [1]        | 2          | 50 |          100 |          100 |    1000 |        0.5 |  5.0 | true           | false
    product | [2]        | 1          | 50 |          100 |          100 |    1000 |        0.5 |  5.0 | true           | false
    product | [1]        | 3          | 40 |          100 |           90 |    1000 |        0.4 |  4.4 | true           | false
"""
PRODUCTS = """
    product_id | name                        | subcategory
    1          | <script>alert(1)</script>   | tea
    2          | "Cup" & 'saucer'            | cup
    3          | Tea (own brand) 5 OZ        | other
"""
DRAWINGS = {
    "orders": ORDERS,
    "segment_move_totals": TOTALS,
    "segment_move_matrix": MATRIX,
    "segment_moves": MOVES,
    "alerts": ALERTS,
    "purchase_windows": WINDOWS,
    "timing_grid": GRID,
    "concentration": CONCENTRATION,
    "lorenz": LORENZ,
    "rfm": RFM,
    "rfm_segments": SEGMENTS,
    "rules": RULES,
    "products": PRODUCTS,
}


@pytest.fixture(scope="module")
def drawn(frame: Frame) -> Page:
    """The page of the tables drawn here."""
    return made(frame, DRAWINGS)


def made(frame: Frame, drawings: dict[str, str]) -> Page:
    frames = {
        table.name: frame(table, drawings.get(table.name, (table.key or tuple(table.columns))[-1]))
        for table in PAGE_TABLES
    }
    return page(frames, Asked(SummaryParams(), DAY, min_group=5))


def charts(found: Page) -> dict[str, Chart]:
    return {chart.code: chart for section in found.sections for chart in section.charts}


def said(message: Any) -> str:
    assert isinstance(message, Message)
    return message.text(Words("en", None)).replace("**", "")


def test_the_first_screen_counts_what_was_before_the_day_and_what_is_new(drawn: Page) -> None:
    shown = [(said(each.text), each.change and said(each.change)) for each in drawn.figures]
    assert shown == [
        ("5 Jan 2025 – 22 Feb 2025", "4 days with orders"),
        ("2", "+1 since 1 Feb 2025"),
        ("3", "+2 since 1 Feb 2025"),
        ("170.00", "70.00 of it since 1 Feb 2025"),
    ]


def test_things_to_do_name_each_customer_once_and_say_how_sure_they_are(drawn: Page) -> None:
    things = [(each.code, str(each.amount), each.sure, said(each.because)) for each in drawn.to_do]
    assert things == [
        ("overdue", "100.00", 2, "72% of such windows held in the test, 80% were meant to"),
        ("spend_drop", "70.00", 2, "beyond 2.5 standard errors"),
        ("down", "60.00", 2, "one comparison; some return by themselves"),
    ]
    assert said(drawn.to_do[0].what) == "Ask back 1 customer far later than usual"
    assert said(drawn.to_do[0].why).endswith("This is urgent.")


def test_answers_follow_from_the_numbers(drawn: Page) -> None:
    answers = {each.code: said(each.answer) for each in drawn.sections if isinstance(each.answer, Message)}
    assert answers["value"].startswith("20 of 100 customers bring 80% of the value: it is in few hands")
    assert answers["segments"] == "6 Champions (40% of customers) bring 96% of the spend."
    assert answers["moved"] == "30 of 100 customers changed group since 1 Feb 2025: 10 up, 20 down."
    assert answers["hours"] == "No hour stands out beyond chance: customers buy evenly over the week."
    assert answers["rules"].startswith("Who buys <script>alert(1)</script> is 5.0 times as likely as others to buy ")
    assert answers["computed"] == "No run has been published for this day."


def test_titles_follow_from_the_numbers(drawn: Page) -> None:
    titles = {code: said(chart.title) for code, chart in charts(drawn).items()}
    assert titles["moves"] == "20 of 80 best customers fell back in 28 days"
    assert titles["best"].endswith("about as much as the rule of 80/20 says, or more")
    assert titles["week"] == "Orders are spread over the week"


def test_groups_of_few_people_are_not_drawn(drawn: Page) -> None:
    cells = charts(drawn).get("cells")
    assert cells is None or all(row["customers"] >= 5 for row in cells.rows)
    assert [row["orders"] for row in charts(drawn)["week"].rows] == [90, None]


def test_a_pair_is_drawn_once_with_its_names(drawn: Page) -> None:
    rows = charts(drawn)["rules"].rows
    assert [(row["given_name"], row["then_name"], row["baskets"]) for row in rows] == [
        ("<script>alert(1)</script>", "\"Cup\" & 'saucer'", 50),
        ("<script>alert(1)</script>", "Tea (own brand) 5 OZ", 40),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_escaped_on_the_page(drawn: Page, language: str) -> None:
    text = html(drawn, Words(language, "EUR"))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert len(text.encode()) < 300_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_result_every_question_is_asked_and_says_why_there_is_no_answer(
    frame: Frame, language: str
) -> None:
    empty = made(frame, {})
    text = html(empty, Words(language, None))
    answers = re.findall(r'<p class="answer">(.*?)</p>', text)
    assert [each.code for each in empty.sections] == ["refused", "quality", "computed", "open"]
    assert len(answers) == len(empty.sections)
    assert all(answers)
    assert not empty.to_do
    assert empty.to_do_none is not None
    assert [each.code for each in empty.to_do_none] == ["unknown", "not_looked"], "nobody has looked yet"
    open_rows = charts(empty)["open"].rows
    assert len(open_rows) > 20
    segments = next(row["why"] for row in open_rows if row["question"].code == "segments")
    assert (segments.key, segments.values) == ("page.nothing.yet", {"job": "rfm", "least": "5"})


def test_what_has_an_answer_stands_in_its_group_and_what_has_none_is_listed_once(drawn: Page) -> None:
    groups = [each.group for each in drawn.sections]
    assert [*dict.fromkeys(groups)] == [group for group in GROUPS if group in groups], "no group is torn apart"
    assert groups[-1] == "basis"
    codes = [each.code for each in drawn.sections]
    listed = [row["question"].code for row in charts(drawn)["open"].rows]
    assert "staying" in listed
    assert not {*codes} & {*listed}
    contents = html(drawn, Words("en", None)).split('<nav class="toc"')[1].split("</nav>")[0]
    assert re.findall(r"<h2>(.*?)</h2>", contents) == [
        "What to do",
        "Your customers",
        "Products and times",
        "What this rests on",
    ]
    assert len(re.findall(r'<a href="#', contents)) == len(codes)


def test_what_to_do_is_no_command(drawn: Page) -> None:
    """A manager reads it."""
    assert not [each.code for each in drawn.sections if "vitalfew" in Voice(Words("en", None)).text(each.action)]


def test_where_alerts_were_looked_for_and_none_is_open_nothing_is_urgent(frame: Frame) -> None:
    looked = "    as_of | fitted_on | part | name | position | value\n    2025-03-01 | 2025-03-01 | seen | orders | 0 | 5.0\n"
    assert (none := made(frame, {"alert_fit": looked}).to_do_none) is not None
    assert [each.code for each in none] == ["nothing", "no_alerts"]


@pytest.mark.parametrize(
    ("least", "answer"), [(2, "2 customers are quality-seeking (66.7%): they spent 90.00."), (3, "")]
)
def test_the_answer_on_prices_is_the_group_that_brings_most_if_it_is_not_too_small(
    frame: Frame, least: int, answer: str
) -> None:
    people = """
    customer_id | price_type | action_code | accounts | net_amount
    a | quality-seeking | quality_seeking | 1 | 40.00
    b | quality-seeking | quality_seeking | 1 | 50.00
    c | balanced | balanced | 1 | 500.00
    """
    found = evidence({"customer360": frame(CUSTOMER360, people)}, Asked(SummaryParams(), DAY, min_group=least))
    assert [said(each.answer) for each in found] == ([answer] if answer else [])
