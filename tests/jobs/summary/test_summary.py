"""The summary: the answers of all jobs in words, and as text for a terminal."""

from __future__ import annotations

import pytest
from pages import Told, page, telling
from pyspark.sql import Row

from conftest import Frame
from vitalfew import suite
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.transform import SUMMARISED
from vitalfew.report.text import as_text

VALUE = "Who brings the value?"
GROUPS = "Do groups of customers differ?"
SEGMENTS = "Which segments are there?"
ALIKE = "Which customers are alike?"
BASKETS = "What is bought together?"
NEXT = "What will a customer want next?"
TRUST = "Do the recommendations beat the obvious?"


@pytest.fixture
def told(frame: Frame) -> Told:
    """Label, text and action of the lines of one section."""
    return telling(frame)


CUSTOMERS = """
    subject  | subject_id | value  | share | rank | cumulative_share
    ---------+------------+--------+-------+------+-----------------
    customer | ann        | 600.00 |   0.6 |    1 |             0.6
    customer | bob        | 200.00 |   0.2 |    2 |             0.8
    customer | cat        | 200.00 |   0.2 |    3 |             1.0
    customer | dan        | -50.00 |   0.0 |    4 |             1.0
    product  | milk       | 950.00 |   1.0 |    1 |             1.0
"""


def test_who_reaches_the_target_exactly_is_counted_and_nobody_after(told: Told) -> None:
    (label, text, action), (top, held, _), products = told(VALUE, contribution=CUSTOMERS)
    assert (label, text) == ("80% of the value", "2 of 4 customers (50.0%) hold it")
    assert action is not None
    assert (top, held) == ("best 20%", "1 customer with 60.0% of the value")
    assert products == ("products", "1 of 1 product (100.0%) bring 80% of the value", "Never let these run out.")


def test_the_target_and_the_top_are_parameters(told: Told) -> None:
    params = SummaryParams(target_share=0.81, top_share=0.5)
    lines = told(VALUE, params, contribution=CUSTOMERS)
    assert lines[0][:2] == ("81% of the value", "3 of 4 customers (75.0%) hold it")
    assert lines[1][:2] == ("best 50%", "2 customers with 80.0% of the value")


def test_customers_without_any_value_are_said_to_have_none(told: Told) -> None:
    worthless = """
        subject  | subject_id | value | share | rank | cumulative_share
        customer | ann        |  0.00 |   0.0 |    1 |              0.0
        customer | bob        | -9.00 |   0.0 |    2 |              0.0
    """
    assert told(VALUE, contribution=worthless) == [("no value", "None of 2 customers has a value above zero.", None)]


CONCENTRATED = """
    subject  | dimension | member  | subjects | value  | share_of_value | mean_value | ratio_to_others | gini | gini_low | gini_high | super_subjects | super_share
    ---------+-----------+---------+----------+--------+----------------+------------+-----------------+------+----------+-----------+----------------+------------
    customer | all       | all     |        4 | 950.00 |            1.0 |     237.50 |               ~ |  0.5 |      0.4 |       0.6 |              1 |         0.6
    customer | is_member | true    |        2 | 800.00 |            0.8 |     400.00 |             5.3 |  0.2 |        ~ |         ~ |              0 |           ~
    customer | is_member | false   |        1 | 200.00 |            0.2 |     200.00 |             0.5 |  0.0 |        ~ |         ~ |              0 |           ~
    customer | is_member | unknown |        1 | -50.00 |              ~ |     -50.00 |               ~ |    ~ |        ~ |         ~ |              0 |           ~
    customer | region    | north   |        4 | 950.00 |            1.0 |     237.50 |               ~ |  0.5 |        ~ |         ~ |              0 |           ~
    product  | all       | all     |        1 | 950.00 |            1.0 |     950.00 |               ~ |  0.0 |        ~ |         ~ |              0 |           ~
"""


def test_inequality_is_told_with_its_interval_and_the_super_customers(told: Told) -> None:
    lines = told(VALUE, contribution=CUSTOMERS, concentration=CONCENTRATED)[2:-1]
    assert [line[:2] for line in lines] == [
        ("Gini coefficient", "0.500, between 0.400 and 0.600 (0: all bring the same; 1: one brings all)"),
        ("super customers", "1 customer with several times the value of the others; 60.0% of all value"),
    ]
    without = CONCENTRATED.replace("0.5 |      0.4 |       0.6 |              1 |         0.6", "~ | ~ | ~ | 2 | ~")
    lines = told(VALUE, contribution=CUSTOMERS, concentration=without)[2:-1]
    assert [line[:2] for line in lines] == [
        ("super customers", "2 customers with several times the value of the others"),
    ]
    plain = CONCENTRATED.replace("0.4 |       0.6 |              1 |", "~ | ~ | 0 |")
    lines = told(VALUE, contribution=CUSTOMERS, concentration=plain)[2:-1]
    assert [line[1] for line in lines] == ["0.500 (0: all bring the same; 1: one brings all)"]


def test_members_are_set_against_the_others(told: Told) -> None:
    assert told(GROUPS, concentration=CONCENTRATED) == [
        ("members", "2 customers, 80.0% of the value; 400.00 each (5.30 times the others)", None),
        (
            "not members",
            "1 customer, 20.0% of the value; 200.00 each (0.50 times the others)",
            "Invite the best of them to join.",
        ),
        ("not known", "1 customer; -50.00 each", None),
        ("region north", "4 customers, 100.0% of the value; 237.50 each", None),
    ]


def test_segments_come_with_size_value_and_action_the_highest_value_first(told: Told) -> None:
    drawn = """
        segment   | customers | share_of_customers | monetary | share_of_monetary | mean_recency_days | mean_frequency | mean_monetary | action_code | action_values
        Own name  |         3 |               0.75 |   -10.00 |                 ~ |             200.4 |            1.0 |         -3.33 | custom      | [advice=Let go.]
        Champions |         1 |               0.25 |  2000.00 |             0.995 |               2.0 |           12.5 |       2000.00 | champions   | []
    """
    assert told(SEGMENTS, rfm_segments=drawn) == [
        (
            "Champions",
            "1 customer (25.0%), 2,000.00 (99.5% of all spend); silent for 2 days, 12.5 orders, 2,000.00 each",
            "Reward them, offer them new products first, and ask them for reviews and referrals.",
        ),
        ("Own name", "3 customers (75.0%), -10.00; silent for 200 days, 1.0 orders, -3.33 each", "Let go."),
    ]


CLUSTERS = """
    cluster | name_code | name_values                             | customers | share_of_customers | monetary | share_of_monetary | is_new | action_code | action_values
    1       | traits    | [traits=[{"code":"frequency_high"}]]    |         3 |               0.75 |    10.00 |               0.1 | false  | keep        | [time=none, monetary=3.33]
    2       | traits    | [traits=[{"code":"frequency_low"},{"code":"value","values":{"attribute":"region","value":"north"}}]] | 1 | 0.25 | 90.00 | 0.9 | true | next_order | [time=none, frequency=1.0]
"""


def test_clusters_come_with_their_names(told: Told) -> None:
    assert told(ALIKE, cluster_profiles=CLUSTERS) == [
        (
            "2: infrequent, region north",
            "1 customer (25.0%), 90.00 (90.0% of all spend); new since the last run",
            "Win the next order while they remember the last: 1.0 orders each so far.",
        ),
        (
            "1: frequent",
            "3 customers (75.0%), 10.00 (10.0% of all spend)",
            "Keep them, by first access and thanks rather than discounts: each has spent 3.33.",
        ),
    ]


def test_in_a_first_run_no_cluster_is_called_new(told: Told) -> None:
    assert "new" not in str(told(ALIKE, cluster_profiles=CLUSTERS.replace("false", "true")))


NAMES = """
    product_id | name         | subcategory
    a          | Ale    Brown | beer
    b          | Bread        | bread
    c          | Cheese       | cheese
    d          | Dates        | dates
    e          | Ale Pale     | beer
"""
RULES_HEAD = "level | antecedent | consequent | n | n_antecedent | lift | is_significant | is_redundant\n"


def test_the_strongest_rules_are_significant_told_once_and_named(told: Told) -> None:
    drawn = (
        RULES_HEAD
        + """
        product | [b]    | nameless | 90 | 100 | 99.0 | true  | false
        product | [a]    | e        | 90 | 100 | 80.0 | true  | false
        product | [a]    | d        | 90 | 100 | 70.0 | false | false
        product | [a]    | d        | 90 | 100 | 60.0 | true  | true
        product | [a]    | d        | 29 | 100 | 50.0 | true  | false
        beer    | [a]    | d        | 90 | 100 | 40.0 | true  | false
        product | [a, b] | c        | 30 |  60 | 8.25 | true  | false
        product | [c]    | a        | 50 | 100 |  8.0 | true  | false
        product | [d]    | e        | 40 | 100 |  2.0 | true  | false
        product | [e]    | d        | 40 | 100 |  0.5 | true  | false
    """
    )
    assert told(BASKETS, rules=drawn, products=NAMES) == [
        (
            "1.",
            "Customers who buy Ale Brown and Bread are 8.3 times as likely to add Cheese: in 30 of 60 baskets",
            "Offer Cheese beside Ale Brown and Bread.",
        ),
        (
            "2.",
            "Customers who buy Dates are 2.0 times as likely to add Ale Pale: in 40 of 100 baskets",
            "Offer Ale Pale beside Dates.",
        ),
    ]
    assert len(told(BASKETS, SummaryParams(rules=1), rules=drawn, products=NAMES)) == 1
    assert told(BASKETS, SummaryParams(rules=0), rules=drawn, products=NAMES) == []
    other = told(BASKETS, SummaryParams(rule_level="beer"), rules=drawn, products=NAMES)
    assert [line[2] for line in other] == ["Offer Dates beside Ale Brown."]


def test_where_no_product_has_a_name_rules_go_by_the_ids(told: Told) -> None:
    drawn = RULES_HEAD + "product | [x, y, z] | w | 40 | 100 | 2.0 | true  | false"
    assert told(BASKETS, rules=drawn)[0][2] == "Offer w beside x, y and z."


def test_that_no_rule_is_strong_is_said(told: Told) -> None:
    drawn = RULES_HEAD + "product | [a] | b | 4 | 100 | 2.0 | true  | false"
    assert told(BASKETS, rules=drawn) == [
        ("no rule", "No rule of level product is significant and holds in 30 baskets.", None)
    ]


RECOMMENDED = """
    customer_id | rank | product_id | reason_code | reason_values
    bob         |    2 | x          | once        | [since=9]
    bob         |    1 | a          | often       | [gap=3, since=2]
    cat         |    1 | b          | once        | [since=9]
    aaa         |    1 | c          | once        | [since=9]
"""


def test_the_example_is_the_customer_of_highest_value_who_has_recommendations(told: Told) -> None:
    assert told(NEXT, recommendations=RECOMMENDED, contribution=CUSTOMERS, products=NAMES) == [
        ("customer", "bob, number 2 by value (200.00)", "Show them these, in this order."),
        ("1.", "Ale Brown: Bought every 3 days, last 2 days ago.", None),
        ("2.", "x: Bought once, 9 days ago.", None),
    ]


def test_the_example_can_be_chosen_and_needs_no_known_value(told: Told) -> None:
    assert told(NEXT, SummaryParams(customer_id="cat"), recommendations=RECOMMENDED)[0][1] == "cat"
    assert told(NEXT, recommendations=RECOMMENDED)[0][1] == "aaa"
    nobody = told(NEXT, SummaryParams(customer_id="eve"), recommendations=RECOMMENDED)
    assert nobody[0][:2] == ("nothing", "There are no recommendations for customer eve.")
    assert told(NEXT)[0][:2] == ("nothing", "There are no recommendations for any customer.")


EVALUATED = """
    method       | k  | split_on   | customers | hit_rate | precision | recall | ndcg  | is_baseline | is_published
    repeat       | 10 | 2025-02-01 |      1234 |      0.8 |      0.30 |   0.10 | 0.350 | false       | false
    blend        | 10 | 2025-02-01 |      1234 |      0.9 |      0.31 |   0.11 | 0.409 | false       | true
    blend        |  5 | 2025-02-01 |      1234 |      0.8 |      0.35 |   0.08 | 0.450 | false       | true
    discovery    |  1 | 2025-02-01 |      1230 |      0.047 |   0.05 |   0.01 | 0.047 | false       | true
    new and popular | 1 | 2025-02-01 |   1230 |      0.039 |   0.04 |   0.01 | 0.039 | true        | false
    most popular | 10 | 2025-02-01 |      1234 |      0.5 |      0.10 |   0.05 | 0.185 | true        | false
    buy again    | 10 | 2025-02-01 |      1234 |      0.7 |      0.29 |   0.09 | 0.394 | true        | false
"""


def test_the_verdict_names_what_is_published_and_what_it_beats(told: Told) -> None:
    verdict, places, *scores = told(TRUST, recommendation_evaluation=EVALUATED)
    assert verdict == (
        "yes",
        "The method blend is published: nDCG at 10 is 0.409 against 0.394 (buy again), 0.185 (most popular); measured "
        "on the purchases of 1,234 customers from 1 Feb 2025 on, which the methods had not seen",
        "Send them.",
    )
    assert places[:2] == (
        "new to them",
        "After the list 1 place is kept for products new to the customer: 4.7% of the customers bought what stood there, "
        "3.9% would have bought of the bestsellers new to them",
    )
    assert [label for label, _, _ in scores] == [
        "blend",
        "repeat",
        "buy again (baseline)",
        "most popular (baseline)",
    ]
    assert scores[1][1] == "nDCG 0.350, hit rate 80.0%, precision 30.0%, recall 10.0%"
    other = EVALUATED.replace("0.409 | false       | true", "0.409 | false | false")
    other = other.replace("0.350 | false       | false", "0.350 | false | true")
    repeat = told(TRUST, recommendation_evaluation=other)
    assert repeat[0][1].startswith("The method repeat is published")


def test_that_nothing_beats_the_baselines_is_said(told: Told) -> None:
    verdict = told(TRUST, recommendation_evaluation=EVALUATED.replace(" true\n", " false\n"))[0]
    assert verdict[0] == "no"
    assert verdict[1].startswith(
        "No method beats both baselines, so nothing is recommended; measured on the purchases of 1,234"
    )


@pytest.mark.both_engines
def test_what_is_not_there_is_named_with_the_job_that_makes_it(frame: Frame) -> None:
    rows = page(frame)
    runs = [row["action"] for row in rows if row["label"] == "nothing yet"]
    jobs = "alerts contribution rfm clusters customer360 next_purchase cohorts timing baskets affinity sequences influence lifecycle voice recommendations"
    assert runs == [f"If it has not run: vitalfew run {job}" for job in jobs.split()]
    assert len(rows) == 17


def test_questions_are_numbered_as_they_stand_and_sort_as_texts(frame: Frame) -> None:
    sections = [row["section"] for row in page(frame)]
    assert [section.split(". ")[0] for section in sections] == [f"{number:02d}" for number in range(1, 18)]
    assert sections[0] == "01. What needs attention now?"
    assert not any("Who has moved" in section for section in sections)
    assert as_text(page(frame)).startswith("1. What needs attention now?\n-----")


def test_every_job_is_on_the_page_and_the_page_comes_last() -> None:
    jobs = suite.chosen(["all"])
    assert jobs[-1].name == "summary"
    answering = [job for job in jobs if any(table.kind == "result" for table in job.writes)]
    unheard = [job.name for job in answering[:-1] if not any(table in SUMMARISED for table in job.writes)]
    assert unheard == []
    assert [read.table for read in jobs[-1].reads.values()] == list(SUMMARISED)
    assert all(read.optional for read in jobs[-1].reads.values())


def test_the_text_fits_100_columns_and_loses_no_word(frame: Frame) -> None:
    rows = page(
        frame,
        contribution=CUSTOMERS,
        concentration=CONCENTRATED,
        recommendation_evaluation=EVALUATED,
        rfm_segments="segment | customers | share_of_customers | monetary | share_of_monetary | mean_recency_days | "
        "mean_frequency | mean_monetary | action_code | action_values\n"
        f"{'very long name ' * 9} | 3 | 0.75 | 10.00 | 0.1 | 2.0 | 1.0 | 3.33 | custom | [advice={'do this ' * 20}]",
    )
    text = as_text(rows)
    assert max(len(line) for line in text.splitlines()) <= 100
    said = [word for row in rows for word in f"{row['label']} {row['text']} {row['action'] or ''}".split()]
    headings = [word for section in {row["section"] for row in rows} for word in section.removeprefix("0").split()]
    shown = [word for word in text.split() if word != "→" and set(word) != {"-"}]
    assert sorted(shown) == sorted(said + headings)


def test_the_text_stands_in_columns() -> None:
    rows = [
        Row(section="2. Then?", position=1, label="one", text="first", action=None),
        Row(section="1. What?", position=2, label="b", text="second", action="Act."),
        Row(section="1. What?", position=1, label="long label", text="first", action=None),
    ]
    assert as_text(rows) == (
        "1. What?\n"
        "--------\n"
        "  long label  first\n"
        "  b           second\n"
        "              → Act.\n"
        "\n"
        "2. Then?\n"
        "--------\n"
        "  one  first"
    )
    assert as_text([]) == ""
