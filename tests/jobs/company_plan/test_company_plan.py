"""What the company should do next, and what each thing is worth: held against sums done by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame
from staged import staged

from conftest import Frame
from vitalfew.jobs.actions.tables import ACTION_PLAN
from vitalfew.jobs.affinity.tables import BUNDLES
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.company_plan.params import CompanyPlanParams
from vitalfew.jobs.company_plan.report import evidence, sections
from vitalfew.jobs.company_plan.tables import COMPANY_PLAN
from vitalfew.jobs.company_plan.transform import company_plan
from vitalfew.jobs.demand.tables import PURCHASE_PLAN
from vitalfew.jobs.price.tables import DISCOUNT_COST, PRODUCT_ELASTICITY
from vitalfew.jobs.voice.tables import VOICE_SOURCES
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

AS_OF = date(2025, 2, 1)
SHOP: dict[str, str] = {
    ORDERS.name: """
        order_id | ordered_on
        ---------+-----------
        o1       | 2024-10-24
        o2       | 2025-01-31
        """,
    PRODUCTS.name: """
        product_id | name
        -----------+-------
        p1         | tea
        p2         | cup
        p3         | ~
        """,
    ALERTS.name: """
        kind        | subject  | subject_id | status | measure | reference | value_at_stake
        ------------+----------+------------+--------+---------+-----------+---------------
        complaints  | product  | p1         | open   | 12.0    | 3.0       | 900.00
        returns     | product  | p2         | open   | 5.0     | 1.0       | 4000.00
        bad_ratings | product  | p2         | closed | 5.0     | 1.0       | 4000.00
        overdue     | customer | p1         | open   | 90.0    | 30.0      | 50.00
        """,
    VOICE_SOURCES.name: """
        subject      | about | subject_kind | level | rank | attribute | value | cases | cases_with
        -------------+-------+--------------+-------+------+-----------+-------+-------+-----------
        complaints   | p1    | ~            | 1     | 2    | channel   | web   | 12    | 8
        complaints   | p1    | ~            | 1     | 1    | code      | b77   | 12    | 11
        complaints   | p1    | ~            | 2     | 1    | region    | east  | 11    | 9
        rising_theme | p2    | review       | 1     | 1    | channel   | shop  | 30    | 20
        """,
    PURCHASE_PLAN.name: """
        product_id | quantity | why            | cover_days | expected_units | price | unit_margin | is_margin_assumed | expected_cost | cost_of_nothing | on_hand | on_order
        -----------+----------+----------------+------------+----------------+-------+-------------+-------------------+---------------+-----------------+---------+---------
        p1         | 20       | order          | 14         | 30.0           | 8.0   | 2.0         | false             | 5.00          | 85.00           | 12.0    | ~
        p2         | 9        | no_stock_table | 14         | 9.0            | 5.0   | 1.5         | true              | 1.00          | 90.00           | ~       | ~
        p3         | 0        | enough         | 14         | 9.0            | 5.0   | 1.5         | true              | 1.00          | 1.00            | 50.0    | ~
        """,
    PRODUCT_ELASTICITY.name: """
        product_id | weeks | usual_price
        -----------+-------+------------
        p1         | 56    | 10.0
        p2         | 40    | 5.0
        p3         | 40    | 2.0
        """,
    DISCOUNT_COST.name: """
        product_id | weeks | units | anyway_units | anyway_units_low | anyway_units_high | revenue_change | revenue_change_low | revenue_change_high
        -----------+-------+-------+--------------+------------------+-------------------+----------------+--------------------+--------------------
        p1         | 7     | 100.0 | 90.0         | 85.0             | 95.0              | -70.00         | -120.00            | -20.00
        p2         | 4     | 100.0 | 20.0         | 10.0             | 30.0              | 350.00         | 300.00             | 400.00
        p3         | 4     | 100.0 | 50.0         | 20.0             | 80.0              | 60.00          | -20.00             | 140.00
        """,
    BUNDLES.name: """
        item | other | n  | n_one_only | price_apart | price_floor | price_together | break_even
        -----+-------+----+------------+-------------+-------------+----------------+-----------
        p1   | p2    | 10 | 2000       | 15.00       | 11.00       | 14.00          | 4
        p1   | p3    | 90 | 100        | 12.00       | 9.00        | 11.00          | 45
        p2   | p3    | 90 | 100        | 7.00        | ~           | ~              | ~
        """,
    ACTION_PLAN.name: """
        tier      | action   | channel | customers | cost  | expected_gain | measured_gain | least_gain
        ----------+----------+---------+-----------+-------+---------------+---------------+-----------
        key       | restock  | email   | 30        | 2.00  | 40.00         | 40.00         | 12.00
        potential | restock  | email   | 70        | 3.00  | 60.00         | 60.00         | 20.00
        key       | win_back | post    | 5         | 4.50  | 30.00         | 0.00          | ~
        key       | call     | phone   | 4         | 16.00 | 90.00         | 0.00          | ~
        potential | nothing  | none    | 500       | 0.00  | 0.00          | 0.00          | ~
        """,
}
TABLES = (
    ORDERS,
    ALERTS,
    VOICE_SOURCES,
    PURCHASE_PLAN,
    DISCOUNT_COST,
    PRODUCT_ELASTICITY,
    BUNDLES,
    ACTION_PLAN,
    PRODUCTS,
)


def planned(frame: Frame, shop: dict[str, str], **settings: Any) -> DataFrame:
    known = [frame(table, shop.get(table.name, next(iter(table.columns)))) for table in TABLES]
    return company_plan(*known, params=CompanyPlanParams(**settings), as_of=AS_OF, stage=staged)[0]


@pytest.fixture
def found(frame: Frame) -> dict[tuple[str, str, str], Any]:
    plan = planned(frame, SHOP)
    assert plan.where(" or ".join(f"not ({rule})" for rule in COMPANY_PLAN.always)).count() == 0
    return {(row["kind"], row["subject"], row["other"]): row for row in plan.orderBy("rank").collect()}


def test_causes_come_first_then_what_brings_most(found: dict[tuple[str, str, str], Any]) -> None:
    assert list(found) == [
        ("find_cause", "p2", "returns"),
        ("find_cause", "p1", "complaints"),
        ("contact", "restock", "email"),
        ("order_stock", "p1", ""),
        ("bundle", "p1", "p2"),
        ("contact", "win_back", "post"),
        ("repeat_discount", "p2", ""),
        ("stop_discount", "p1", ""),
    ]
    assert [row["rank"] for row in found.values()] == [*range(1, 9)]


def test_each_value_is_what_one_works_out_by_hand(found: dict[tuple[str, str, str], Any]) -> None:
    values = {
        key[0]: tuple(map(str, (row["value"], row["value_low"], row["value_high"]))) for key, row in found.items()
    }
    assert values["order_stock"] == ("80.00", "None", "None")
    # Goods of p1 cost 6, whatever they were sold for of late: -70 - 6 x 10 are lost in 7 of 56 weeks; four weeks have half a week of it.
    assert values["stop_discount"] == ("9.29", "7.86", "10.71")
    # Goods of p2 cost 3.50, as assumed: 350 - 3.50 x 80 are earned in 4 weeks.
    assert values["repeat_discount"] == ("17.50", "13.75", "21.25")
    # 2 of 100 of 2000 pay 3 above the floor, 10 pay 1 less, in 100 days.
    assert values["bundle"] == ("30.80", "None", "None")


def test_a_discount_says_the_margin_above_which_it_earns(found: dict[tuple[str, str, str], Any]) -> None:
    # 10 more units of p1 cost the shop 70 of revenue: no margin is enough. 80 more of p2 at 5 brought 350 of 400.
    reasons = {key[1]: row["reason"] for key, row in found.items() if key[0].endswith("discount")}
    assert reasons["p1"].endswith("No margin makes up for that.")
    assert reasons["p2"].endswith("Discounts on it earn money where more than 13% of the usual price is margin.")


def test_what_is_measured_estimated_and_assumed_is_said(found: dict[tuple[str, str, str], Any]) -> None:
    assert {key: row["basis"] for key, row in found.items() if key[0] != "find_cause"} == {
        ("contact", "restock", "email"): "measured",
        ("contact", "win_back", "post"): "assumed",
        ("order_stock", "p1", ""): "estimated",
        ("stop_discount", "p1", ""): "estimated",
        ("repeat_discount", "p2", ""): "assumed",
        ("bundle", "p1", "p2"): "assumed",
    }
    assert str(found["contact", "restock", "email"]["value_low"]) == "27.00"


def test_the_cause_of_a_burst_names_what_stands_out_most(found: dict[tuple[str, str, str], Any]) -> None:
    with_source, without = found["find_cause", "p1", "complaints"], found["find_cause", "p2", "returns"]
    assert with_source["reason"].endswith("What stands out: code in the text b77, in 11 of 12 cases.")
    assert without["reason"] == "5 cases of returns of cup, where 1.0 were to be expected."


def test_small_things_and_more_than_are_wanted_are_left_out(frame: Frame) -> None:
    kinds = [row["kind"] for row in planned(frame, SHOP, most=1, least_value=20.0).orderBy("rank").collect()]
    assert kinds == ["find_cause", "contact", "order_stock", "bundle"]


def test_a_shop_in_which_nothing_is_found_has_an_empty_plan_and_no_section(frame: Frame) -> None:
    plan = planned(frame, {})
    known, asked = {"company_plan": plan}, Asked(None, AS_OF)
    assert plan.count() == 0
    assert evidence(known, asked) == []
    assert [section.facts for section in sections(known, asked)] == [[]]


@pytest.mark.parametrize("words", [Words("en", "EUR"), Words("zh", "CNY")], ids=["English", "Chinese"])
def test_the_page_says_what_to_do_first_in_both_languages(frame: Frame, words: Words) -> None:
    known = {"company_plan": planned(frame, SHOP)}
    (drawn,) = evidence(known, Asked(None, AS_OF))
    assert len(drawn.charts[0].rows) == 8
    assert "95.00" in drawn.answer.text(words), "what the list brings; values of different days are not added up"


def bursts(count: int) -> str:
    rows = [f"complaints | product | q{number:02} | open | 9.0 | 3.0 | 900.00" for number in range(count)]
    return (
        "kind | subject | subject_id | status | measure | reference | value_at_stake\n---+---+---+---+---+---+---\n"
        + ("\n".join(rows))
    )


def test_a_wave_of_bursts_leaves_room_on_the_page_for_what_brings_money(frame: Frame) -> None:
    known, asked = {"company_plan": planned(frame, {**SHOP, ALERTS.name: bursts(30)})}, Asked(None, AS_OF)
    (drawn,) = evidence(known, asked)
    assert [len(drawn.charts[0].rows), sum(row["value"] is not None for row in drawn.charts[0].rows)] == [20, 6]
    assert sum(fact.value == 900.0 for fact in sections(known, asked)[0].facts) == 3


def test_bursts_alone_are_said_without_a_sum_of_nothing(frame: Frame) -> None:
    (drawn,) = evidence({"company_plan": planned(frame, {ALERTS.name: bursts(1)})}, Asked(None, AS_OF))
    assert "nothing else is worth a line" in drawn.answer.text(Words("en", "EUR"))


def test_weeks_at_other_usual_prices_do_not_put_a_value_outside_its_interval(frame: Frame) -> None:
    # By the ends alone 55 to 85 were earned in 4 weeks; what is expected, 88.50, is more than both.
    shop = {
        PRODUCT_ELASTICITY.name: SHOP[PRODUCT_ELASTICITY.name],
        DISCOUNT_COST.name: """
            product_id | weeks | units | anyway_units | anyway_units_low | anyway_units_high | revenue_change | revenue_change_low | revenue_change_high
            -----------+-------+-------+--------------+------------------+-------------------+----------------+--------------------+--------------------
            p2         | 4     | 100.0 | 11.0         | 10.0             | 30.0              | 400.00         | 300.00             | 400.00
            """,
    }
    (row,) = planned(frame, shop).collect()
    assert [str(row[name]) for name in ("value_low", "value", "value_high")] == ["13.75", "22.13", "22.13"]


@pytest.mark.parametrize("amount", ["1e300", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_left_out_and_stops_nothing(frame: Frame, amount: str) -> None:
    plan = SHOP[PURCHASE_PLAN.name].replace("85.00 ", f"{amount} ")
    kinds = [row["kind"] for row in planned(frame, {**SHOP, PURCHASE_PLAN.name: plan}).collect()]
    assert "order_stock" not in kinds
    assert len(kinds) == 7
