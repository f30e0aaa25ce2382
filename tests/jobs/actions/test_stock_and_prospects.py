"""No more is suggested of a product than there is; who has not bought yet is asked for the first order."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from planned import AS_OF, customer, params, planned
from pyspark.sql import SparkSession

SUGGEST = {"next_product": {"uplift": 0.1, "channels": ["email"]}}
FIRST = {"first_order": {"uplift": 0.01, "channels": ["email"]}}
NAMES = ("ann", "bob", "cat", "dan", "eve")
LIKED = [
    {"customer_id": name, "product_id": product, "rank": rank, "method": "rules"}
    for name in NAMES
    for rank, product in enumerate(("tea", "cup"), start=1)
]
BUYERS = [
    customer(name, expected_amount=Decimal(10 * place), p_return_30=0.5) for place, name in enumerate(NAMES, start=1)
]


def counted(product: str, on_hand: int, days_ago: int = 1, **given: Any) -> dict[str, Any]:
    day = AS_OF - timedelta(days=days_ago)
    return {"product_id": product, "day": day, "on_hand": Decimal(on_hand), **given}


def suggested(spark: SparkSession, stock: list[dict[str, Any]], **settings: Any) -> dict[str, str]:
    asked = params(actions=SUGGEST, **settings)
    made = planned(spark, asked, next_purchase=BUYERS, recommendations=LIKED, stock=stock)
    return {row["customer_id"]: row["item"] for row in made["customer_actions"].collect()}


def test_what_is_sold_out_gives_way_to_the_next_recommendation(spark: SparkSession) -> None:
    assert suggested(spark, [counted("tea", 0)]) == dict.fromkeys(NAMES, "cup")


def test_what_is_not_counted_counts_as_there(spark: SparkSession) -> None:
    assert suggested(spark, [counted("mug", 0)]) == dict.fromkeys(NAMES, "tea")


def test_the_last_count_is_what_counts_and_one_below_nothing_is_nothing(spark: SparkSession) -> None:
    assert set(suggested(spark, [counted("tea", 0, days_ago=9), counted("tea", 50)]).values()) == {"tea"}
    assert set(suggested(spark, [counted("tea", 50, days_ago=9), counted("tea", -3)]).values()) == {"cup"}


def test_what_is_counted_on_the_day_itself_or_later_is_not_known_yet(spark: SparkSession) -> None:
    later = [counted("tea", 50, days_ago=9), counted("tea", 0, days_ago=0), counted("tea", 0, days_ago=-3)]
    assert set(suggested(spark, later).values()) == {"tea"}
    assert set(suggested(spark, later[1:]).values()) == {"tea"}, "not counted yet"


@pytest.mark.parametrize(("lead_time_days", "item"), [(3, "tea"), (7, "cup"), (None, "cup")])
def test_what_comes_within_the_period_is_there(spark: SparkSession, lead_time_days: int | None, item: str) -> None:
    coming = counted("tea", 0, on_order=Decimal(50), lead_time_days=lead_time_days)
    assert set(suggested(spark, [coming]).values()) == {item}


def test_no_more_is_suggested_than_there_is_and_those_whose_order_brings_most_come_first(spark: SparkSession) -> None:
    # Each is taken to buy 0.5 + 0.1 of a unit: two units are enough for three.
    assert suggested(spark, [counted("tea", 2)]) == dict.fromkeys(("cat", "dan", "eve"), "tea")


def test_who_is_held_out_takes_units_like_all_others(spark: SparkSession) -> None:
    assert set(suggested(spark, [counted("tea", 2)], hold_out=0.9)) == {"cat", "dan", "eve"}


def test_who_said_yes_to_no_channel_takes_no_unit(spark: SparkSession) -> None:
    yes = {
        "purpose": "marketing",
        "channel": "email",
        "state": "granted",
        "since": datetime.fromisoformat("2025-01-01"),
    }
    made = planned(
        spark,
        params(actions=SUGGEST),
        next_purchase=BUYERS,
        recommendations=LIKED,
        stock=[counted("tea", 1)],
        consents=[{"customer_id": name, **yes} for name in ("ann", "bob")],
    )
    assert [row["customer_id"] for row in made["customer_actions"].collect()] == ["bob"], "one unit is enough for one"


def person(name: str, **given: Any) -> dict[str, Any]:
    row = {
        "customer_id": name,
        "last_seen_days": 3,
        "is_registered": True,
        "p_order_30": 0.05,
        "p_order_90": 0.1,
        "expected_value": Decimal("80.00"),
        "verdict": "nurture",
        "first_offer_product_id": "tea",
    }
    return {**row, **given}


HELD = [{"horizon_days": days, "method": "visits_7", "is_published": True, "is_calibrated": True} for days in (30, 90)]


def asked_first(
    spark: SparkSession, people: list[dict[str, Any]], evaluation: list[dict[str, Any]] = HELD, **settings: Any
) -> dict[str, Any]:
    asked = params(actions={**FIRST, "review": {"uplift": 0.5, "channels": ["email"], "value": 9}}, **settings)
    products = [{"product_id": "tea", "name": "Green tea"}]
    made = planned(
        spark,
        asked,
        next_purchase=[customer("ann")],
        prospects=people,
        products=products,
        prospect_evaluation=evaluation,
    )
    return {row["customer_id"]: row for row in made["customer_actions"].collect()}


def test_a_registered_person_is_asked_for_the_first_order(spark: SparkSession) -> None:
    row = asked_first(spark, [person("new")])["new"]
    assert [row[name] for name in ("action", "item", "tier", "p_return")] == [
        "first_order",
        "Green tea",
        "potential",
        0.05,
    ]
    # One of 100 more orders, half of 80 is left.
    assert (row["worth"], row["expected_gain"]) == (Decimal("40.0000"), Decimal("0.4000"))
    assert row["reason"] == "Ask for the first order with Green tea: last seen 3 days ago."


def test_the_probability_is_that_of_the_horizon_that_is_known(spark: SparkSession) -> None:
    assert asked_first(spark, [person("new")], horizon_days=365)["new"]["p_return"] == 0.1


def test_who_is_not_worth_it_not_known_or_cannot_be_reached_is_left_alone(spark: SparkSession) -> None:
    people = [
        person("cold", verdict="leave"),
        person("unknown", verdict="unknown", p_order_30=None, p_order_90=None, expected_value=None),
        person("visitor", is_registered=False),
        person("plain", first_offer_product_id=None),
    ]
    found = asked_first(spark, people)
    assert set(found) == {"plain"}
    assert found["plain"]["reason"] == "Ask for the first order: last seen 3 days ago."


def test_probabilities_that_did_not_hold_are_no_ground_to_ask(spark: SparkSession) -> None:
    wrong = [{**row, "is_calibrated": row["horizon_days"] != 30} for row in HELD]
    assert asked_first(spark, [person("new")], wrong) == {}
    assert set(asked_first(spark, [person("new")], wrong, horizon_days=90)) == {"new"}


def test_without_the_action_prospects_are_no_part_of_the_plan(spark: SparkSession) -> None:
    made = planned(
        spark, params(actions=SUGGEST), next_purchase=BUYERS, prospects=[person("new")], prospect_evaluation=HELD
    )
    (total,) = made["plan_totals"].collect()
    assert total["customers"] == len(BUYERS)


def test_who_has_bought_since_prospects_was_computed_is_a_customer_once(spark: SparkSession) -> None:
    found = asked_first(spark, [person("ann"), person("new")])
    assert {name: row["action"] for name, row in found.items()} == {"new": "first_order"}


def test_who_has_not_bought_is_asked_for_the_first_order_and_for_nothing_else(spark: SparkSession) -> None:
    made = planned(
        spark,
        params(actions={**FIRST, "next_stage": {"uplift": 0.9, "channels": ["email"]}}, max_actions=3),
        next_purchase=[customer("ann")],
        prospects=[person("new")],
        prospect_evaluation=HELD,
        customer_stages=[
            {"customer_id": name, "ladder": "home", "subject": "", "stage_from_on": AS_OF, "missing_needs": ["lamp"]}
            for name in ("ann", "new")
        ],
    )
    found = {(row["customer_id"], row["action"]) for row in made["customer_actions"].collect()}
    assert found == {("ann", "next_stage"), ("new", "first_order")}
    (total,) = made["plan_totals"].collect()
    assert (total["customers"], total["planned"]) == (2, 2)
