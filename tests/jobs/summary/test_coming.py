"""The summary on what is to come: the next purchases, and whether new customers stay."""

from __future__ import annotations

import pytest
from pages import Told, telling

from conftest import Frame
from vitalfew.jobs.summary.params import SummaryParams

COMING = "Who will come back, and what are they worth?"
STAYING = "Do new customers stay?"


@pytest.fixture
def told(frame: Frame) -> Told:
    return telling(frame)


CUSTOMERS = """
    customer_id | p_alive | status      | due_50_from | value_at_stake | model
    ann         |    1.00 | on schedule   | 2025-03-08  |           0.00 | bg_nbd
    bob         |    0.90 | on schedule   | 2025-03-09  |           1.00 | bg_nbd
    cat         |    0.60 | overdue | 2025-03-02  |        1000.00 | bg_nbd
    dan         |    0.40 | lapsed      | ~           |        2000.50 | bg_nbd
    eve         |    0.10 | first order | 2025-03-02  |           5.00 | bg_nbd
"""
FORECAST = """
    customer_id | horizon_days | expected_orders | expected_value
    ann         |           30 |             1.0 |          10.00
    ann         |          100 |             3.0 |          30.00
    bob         |          100 |           997.4 |        9970.25
    ann         |          365 |             9.0 |          90.00
"""
CHECKED = """
    model  | repeats | split_on   | predicted_orders | actual_orders
    bg_nbd | all     | 2024-12-01 |          1050.25 |          1000
    bg_nbd | 0       | 2024-12-01 |             50.0 |            10
    rhythm | all     | 2024-12-01 |           2000.0 |          1000
"""


def test_who_comes_back_what_it_brings_and_who_slips(told: Told) -> None:
    assert told(COMING, next_purchase=CUSTOMERS, purchase_forecast=FORECAST, purchase_calibration=CHECKED) == [
        ("still customers", "3 of 5 customers (60.0%), by the model", None),
        ("next 100 days", "1,000 orders with a value of 10,000.25", "Plan stock, staff and budget by it."),
        ("forecast check", "For the last 90 days it predicted 1,050 orders; actual: 1,000", None),
        (
            "about to order",
            "1 customer, most likely within about 7 days",
            "Offer them now what they usually buy.",
        ),
        (
            "overdue",
            "2 customers past the predicted window, 1 of them far past it; 3,000.50 likely lost within 365 days",
            "Contact them now, those with most at stake first.",
        ),
    ]


@pytest.mark.parametrize(("foretold", "is_planned"), [(1101, False), (1100, True), (900, True), (899, False)])
def test_nobody_is_told_to_plan_by_a_model_that_missed_what_came(told: Told, foretold: int, is_planned: bool) -> None:
    checked = CHECKED.replace("1050.25", f"{foretold}.0")
    lines = told(COMING, next_purchase=CUSTOMERS, purchase_forecast=FORECAST, purchase_calibration=checked)
    assert lines[1][0] == "next 100 days"
    assert (lines[1][2] or "").startswith("Plan stock") is is_planned


def test_the_horizon_is_a_parameter(told: Told) -> None:
    lines = told(COMING, SummaryParams(horizon_days=60), next_purchase=CUSTOMERS, purchase_forecast=FORECAST)
    assert lines[1][0] == "next 30 days"
    lines = told(COMING, SummaryParams(horizon_days=65), next_purchase=CUSTOMERS, purchase_forecast=FORECAST)
    assert lines[1][0] == "next 30 days"
    lines = told(COMING, SummaryParams(horizon_days=66), next_purchase=CUSTOMERS, purchase_forecast=FORECAST)
    assert lines[1][0] == "next 100 days"


def test_without_a_forecast_the_customers_are_told_and_no_horizon(told: Told) -> None:
    labels = [label for label, _, _ in told(COMING, next_purchase=CUSTOMERS)]
    assert labels == ["still customers", "about to order", "overdue"]
    assert told(COMING, next_purchase=CUSTOMERS)[-1][1].endswith("3,000.50 likely lost")


def test_where_nobody_ever_came_back_no_probability_is_told(told: Told) -> None:
    drawn = """
        customer_id | p_alive | status  | value_at_stake | model
        ann         |       ~ | unknown |           0.00 | rhythm
    """
    forecast = "customer_id | horizon_days | expected_orders | expected_value\nann | 90 | 0.0 | 0.00"
    lines = told(COMING, next_purchase=drawn, purchase_forecast=forecast)
    assert [line[:2] for line in lines] == [("next 90 days", "0 orders with a value of 0.00")]


PROFILES_HEAD = (
    "dimension | cohort | may_be_older | return_days | observed_customers | returned_customers | returned_share "
    "| returned_share_of_others | q_value | is_different | horizon_months\n"
)
PROFILES = (
    PROFILES_HEAD
    + """
    all           | all     | true  | 90 | 1000 | 900 | 0.90 |    ~ |    ~ | false | 3
    first_month   | 2024-01 | true  | 90 |  800 | 790 | 0.99 | 0.60 |    ~ | false | 3
    first_month   | 2024-02 | false | 90 |  100 |  80 | 0.80 | 0.40 | 0.01 | true  | 3
    first_month   | 2024-03 | false | 90 |  100 |  40 | 0.40 | 0.80 | 0.02 | true  | 3
    first_month   | 2025-01 | false | 90 |    0 |   0 |    ~ | 0.60 |    ~ | false | 3
    first_product | tea     | false | 90 |  150 |  90 | 0.60 | 0.60 | 0.90 | false | 3
    first_product | other   | false | 90 |   50 |  45 | 0.90 | 0.50 | 0.03 | true  | 3
    first_channel | web     | false | 90 |   50 |  10 | 0.20 | 0.70 | 0.04 | true  | 3
"""
)
MONTHS = """
    dimension   | cohort  | months_since | observed_customers | active_customers | cumulative_value_per_customer
    first_month | 2024-01 |            3 |                800 |              800 |                          99.0
    first_month | 2024-02 |            3 |                100 |               70 |                          10.0
    first_month | 2024-02 |            2 |                100 |               90 |                           9.0
    first_month | 2024-03 |            3 |                300 |               30 |                          20.0
    first_month | 2025-01 |            3 |                  0 |                ~ |                             ~
    first_channel | 2024-02 |          3 |                100 |                1 |                           1.0
"""


def test_new_customers_are_those_who_are_new_for_certain(told: Told) -> None:
    come, later, better, worse, rarer = told(STAYING, cohort_profiles=PROFILES, cohorts=MONTHS)
    assert come[:2] == ("come back", "120 of 200 new customers (60.0%) bought again within 90 days")
    assert come[2] == "This is what a campaign for the second order has to beat."
    assert later == ("3 months later", "100 of 400 (25.0%) bought in that month; 17.50 each since they came", None)
    assert better == (
        "better",
        "customers who came in 2024-02: 80.0% came back, of the others 40.0%",
        "Find out what brought them (campaign, season, product) and do it again.",
    )
    assert (worse[0], worse[2]) == ("worse", "Find out what brought them before it is paid for again.")
    assert rarer == (
        "better",
        "customers whose first order was mostly something rarer: 90.0% came back, of the others 50.0%",
        "Look at who they are.",
    )


def test_that_cohorts_do_not_differ_is_said_where_they_were_compared(told: Told) -> None:
    alike = PROFILES.replace("| true  | 3", "| false | 3")
    lines = told(STAYING, cohort_profiles=alike)
    assert [label for label, _, _ in lines] == ["come back", "differences"]
    assert lines[1][1:] == (
        "no difference beyond chance by month, contents and channel of the first order",
        "Welcome all of them in the same way.",
    )
    by_month = alike.split("    first_product")[0]
    assert told(STAYING, cohort_profiles=by_month)[1][1] == "no difference beyond chance by month of the first order"


def test_where_all_may_be_older_all_customers_are_told(told: Told) -> None:
    drawn = PROFILES_HEAD + "all | all | true | 90 | 10 | 9 | 0.9 | ~ | ~ | false | 0"
    months = "dimension | cohort | months_since | observed_customers | active_customers | cumulative_value_per_customer"
    lines = told(STAYING, cohort_profiles=drawn, cohorts=f"{months}\nall | all | 0 | 10 | 10 | 5.0")
    assert [line[1] for line in lines] == ["9 of 10 customers (90.0%) bought again within 90 days"]


def test_that_it_is_too_early_is_said(told: Told) -> None:
    drawn = PROFILES_HEAD + "first_month | 2025-02 | false | 90 | 0 | 0 | ~ | ~ | ~ | false | 3"
    assert told(STAYING, cohort_profiles=drawn) == [
        ("too early", "No new customer has been one for 90 days yet.", None)
    ]
