"""The page says what the tables say, in sentences that fit a terminal."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import DataFrame

from conftest import Frame
from vitalfew.algorithms.staging import recompute
from vitalfew.analyses.summary import SummaryParams, as_text, summary
from vitalfew.tables import ALL

TABLES = (
    "products",
    "concentration",
    "rfm_segments",
    "rules",
    "cluster_profiles",
    "recommendations",
    "recommendation_evaluation",
    "contribution",
)
PRODUCTS = "product_id | name \n t | Green   tea \n c | Cup \n x | ~"
CONCENTRATION = """
    subject  | dimension | member | subjects | value   | share_of_value | mean_value | top_share | top_share_low | top_share_high | subjects_for_target | share_for_target | gini | super_subjects
    customer | all       | all    |     1000 | 5000.00 |              1 |       5.00 |      0.68 |          0.66 |           0.70 |                 327 |            0.327 | 0.63 |             41
    customer | is_member | true   |      400 | 4000.00 |            0.8 |      10.00 |       0.5 |          0.4  |            0.6 |                 200 |             0.5  | 0.5  |              9
    customer | is_member | false  |      600 | 1000.00 |            0.2 |       1.67 |       0.5 |          0.4  |            0.6 |                 300 |             0.5  | 0.5  |              9
    product  | all       | all    |        3 |    0.00 |              ~ |       0.00 |         ~ |             ~ |              ~ |                   ~ |                ~ |    ~ |              0
"""
SEGMENTS = """
    segment   | customers | share_of_customers | monetary | share_of_monetary | mean_recency_days | mean_frequency | action
    Lost      |       900 |                0.9 |   500.00 |               0.1 |             200.4 |            1.2 | Let go.
    Champions |       100 |                0.1 |  4500.00 |               0.9 |               3.0 |           30.0 | Reward them.
"""
RULES = """
    level    | antecedent | consequent | n  | n_antecedent | confidence | lift | p_value | is_significant | is_redundant
    product  | [t]        | c          | 20 |           40 |        0.5 |  3.0 |    1e-9 | true           | false
    product  | [c]        | t          | 20 |           80 |       0.25 |  3.0 |    1e-9 | true           | false
    product  | [x]        | t          |  9 |           10 |        0.9 |  2.0 |     0.0 | true           | false
    product  | [x]        | c          |  9 |           10 |        0.9 |  9.0 |     0.2 | false          | false
    product  | [t, x]     | c          |  9 |           10 |        0.9 |  8.0 |    1e-3 | true           | true
    category | [a]        | b          |  9 |           10 |        0.9 | 99.0 |    1e-3 | true           | false
"""
CLUSTERS = """
    cluster | name     | customers | share_of_customers | monetary | share_of_monetary | action
    1       | frequent |       700 |                0.7 |  1000.00 |               0.2 | Keep on.
"""
RECOMMENDATIONS = """
    customer_id | rank | product_id | reason
    ann         |    2 | x          | popular among Champions
    ann         |    1 | c          | because of Green tea: 3.0 times as likely
    bob         |    1 | t          | bought every 12 days, last 14 days ago
"""
EVALUATION = """
    method    | k  | customers | hit_rate | precision | ndcg | is_baseline | is_published
    buy again | 10 |      1998 |     0.81 |      0.34 | 0.39 | true        | false
    blend     | 10 |      1998 |     0.82 |      0.36 | 0.42 | false       | true
"""
CONTRIBUTION = """
    subject  | subject_id | rank
    customer | bob        |    1
    customer | ann        |    2
"""
DRAWN = (PRODUCTS, CONCENTRATION, SEGMENTS, RULES, CLUSTERS, RECOMMENDATIONS, EVALUATION, CONTRIBUTION)


def page(frame: Frame, params: SummaryParams | None = None, **instead: DataFrame) -> list[Any]:
    frames = [instead.get(name) or frame(ALL[name], drawing) for name, drawing in zip(TABLES, DRAWN, strict=True)]
    made = summary(*frames, params=params or SummaryParams(), as_of=date(2025, 1, 31), stage=recompute)
    return made[0].collect()


def lines(rows: list[Any], word: str) -> list[str]:
    found = sorted((r for r in rows if word in r["section"]), key=lambda r: int(r["position"]))
    return [f"{r['label']}: {r['text']}" for r in found]


def test_every_question_is_answered_in_figures_of_the_tables(frame: Frame) -> None:
    rows = page(frame)
    assert lines(rows, "value?") == [
        "customers: 327 of 1,000 customers (32.7 %) hold 80 % of the value; the top 20 % hold 68.0 % (66.0 % to 70.0 %); "
        "Gini coefficient 0.63; 41 bring at least three times what the others bring on average.",
        "non-members: 600 customers bring 20.0 % of the value, 1.67 each on average.",
        "members: 400 customers bring 80.0 % of the value, 10.00 each on average.",
    ]
    assert lines(rows, "Who are they")[0].startswith(
        "Champions: 100 customers (10.0 %), 4,500.00 (90.0 % of the value)"
    )
    assert lines(rows, "alike") == ["1: frequent: 700 customers (70.0 %), 20.0 % of the value."]
    assert lines(rows, "trusted")[0] == (
        "blend (published): nDCG 0.4200, a hit for 82.0 % of 1,998 customers, precision 36.0 % at 10."
    )


def test_the_strongest_rules_are_significant_not_redundant_and_stand_once(frame: Frame) -> None:
    assert lines(page(frame), "together") == [
        "Green tea → Cup: 3.0 times as likely; 50.0 % of 40 baskets, p = 1e-09.",
        "x → Green tea: 2.0 times as likely; 90.0 % of 10 baskets, p < 1e-300.",
    ]
    assert lines(page(frame, SummaryParams(rules=0)), "together") == []


def test_the_example_is_the_customer_of_most_value_or_the_one_asked_for(frame: Frame) -> None:
    assert lines(page(frame), "next") == ["customer bob, 1.: Green tea: bought every 12 days, last 14 days ago"]
    assert lines(page(frame, SummaryParams(customer_id="ann")), "next") == [
        "customer ann, 1.: Cup: because of Green tea: 3.0 times as likely",
        "customer ann, 2.: x: popular among Champions",
    ]


def test_where_nothing_is_published_it_says_so(frame: Frame) -> None:
    evaluation = frame(ALL["recommendation_evaluation"], EVALUATION.replace("true\n", "false\n"))
    none = frame(ALL["recommendations"], RECOMMENDATIONS).where("false")
    rows = page(frame, recommendation_evaluation=evaluation, recommendations=none)
    assert lines(rows, "trusted")[-1].startswith("verdict: No method beats the baselines")
    assert lines(rows, "next") == []


def test_results_that_are_missing_leave_their_question_out(frame: Frame) -> None:
    empty = {name: frame(ALL[name], drawn).where("false") for name, drawn in zip(TABLES, DRAWN, strict=True)}
    assert page(frame, **empty) == []


def test_the_text_has_every_section_in_order_and_fits_100_columns(frame: Frame) -> None:
    text = as_text(page(frame)).splitlines()
    heads = [line for line in text if line.isupper()]
    assert [head.split()[0] for head in heads] == ["HOW", "WHO", "WHAT", "WHICH", "WHAT", "CAN"]
    assert max(map(len, text)) <= 100
    assert "    > Reward them." in text
