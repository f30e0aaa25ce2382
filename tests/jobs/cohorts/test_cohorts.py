"""Cohorts: who stays and what they bring; what is not over yet is not known; a second, naive implementation agrees."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from random_orders import Order, as_frame, random_orders
from scipy.stats import false_discovery_control, fisher_exact
from staged import staged

from conftest import Frame
from vitalfew.jobs.cohorts.tables import COHORT_PROFILES, COHORTS
from vitalfew.jobs.cohorts.transform import CohortParams, cohorts
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

AS_OF = date(2025, 4, 15)
CATEGORIES = {f"p{number}": ["tea", "tea", "cups", "cups", "pots", None][number % 6] for number in range(7)}
Rows = dict[tuple[Any, ...], dict[str, Any]]


def params(**given: Any) -> CohortParams:
    return CohortParams.model_validate_json(json.dumps({"min_customers": 1, "warm_up_months": 0, **given}))


def catalogue(spark: SparkSession) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in PRODUCTS.declared)
    names = list(PRODUCTS.columns)
    rows = [tuple({"product_id": p, "category": c}.get(name) for name in names) for p, c in CATEGORIES.items()]
    return spark.createDataFrame(rows, types)


def computed(orders: DataFrame, products: DataFrame, as_of: date = AS_OF, **given: Any) -> tuple[Rows, Rows]:
    """COHORTS by dimension, cohort and month; COHORT_PROFILES by dimension and cohort."""
    curves, told = cohorts(orders, products, params=params(**given), as_of=as_of, stage=staged)
    return (
        {(r["dimension"], r["cohort"], r["months_since"]): r.asDict() for r in curves.collect()},
        {(r["dimension"], r["cohort"]): r.asDict() for r in told.collect()},
    )


@pytest.fixture
def three(frame: Frame) -> DataFrame:
    return frame(
        ORDERS,
        """
        order_id | customer_id | ordered_at       | ordered_on | kind   | net_amount | channel | product_ids | product_amounts
        ---------+-------------+------------------+------------+--------+------------+---------+-------------+----------------
        o1       | ann         | 2025-01-20 09:00 | 2025-01-20 | sale   |      10.00 | web     | [p0, p2]    | [4.00, 6.00]
        o2       | bob         | 2025-01-31 09:00 | 2025-01-31 | sale   |      20.00 | store   | [p0]        | [20.00]
        o3       | ann         | 2025-02-01 09:00 | 2025-02-01 | sale   |      30.00 | store   | [p0]        | [30.00]
        o4       | ann         | 2025-02-02 09:00 | 2025-02-02 | return |      -5.00 | web     | [p0]        | [-5.00]
        o5       | cat         | 2025-03-03 09:00 | 2025-03-03 | sale   |      40.00 | web     | [p9]        | [40.00]
        o6       | bob         | 2025-04-02 09:00 | 2025-04-02 | sale   |      50.00 | web     | [p0]        | [50.00]
        o7       | dan         | 2025-04-15 09:00 | 2025-04-15 | sale   |      99.00 | web     | [p0]        | [99.00]
        o8       | ~           | 2025-01-01 09:00 | 2025-01-01 | sale   |      99.00 | web     | [p0]        | [99.00]
        o9       | cat         | 2025-02-03 09:00 | 2025-02-03 | return |      -7.00 | web     | [p0]        | [-7.00]
        """,
    )


def test_the_columns_are_the_declared_ones(frame: Frame) -> None:
    made = cohorts(frame(ORDERS, "order_id"), frame(PRODUCTS, "product_id"), params=params(), as_of=AS_OF, stage=staged)
    for found, table in zip(made, (COHORTS, COHORT_PROFILES), strict=True):
        assert ["as_of", *found.columns] == list(table.columns)
        assert found.collect() == []


@pytest.mark.both_engines
def test_a_cohort_is_followed_by_calendar_months_and_the_month_that_is_not_over_is_left_open(
    three: DataFrame, spark: SparkSession
) -> None:
    curves, _ = computed(three, catalogue(spark))
    january = {month: row for (_, cohort, month), row in curves.items() if cohort == "2025-01"}
    assert [january[m]["active_share"] for m in range(4)] == [1.0, 0.5, 0.0, None]
    assert [january[m]["value"] for m in range(4)] == [Decimal("30.00"), Decimal("25.00"), Decimal("0.00"), None]
    assert [january[m]["cumulative_value_per_customer"] for m in range(4)] == [15.0, 27.5, 27.5, None]
    assert [january[m]["is_complete"] for m in range(4)] == [True, True, True, False]
    assert len(january) == 4


def test_cohorts_of_several_months_count_in_each_month_only_those_for_whom_it_is_over(
    three: DataFrame, spark: SparkSession
) -> None:
    curves, _ = computed(three, catalogue(spark))
    first, second = curves["all", "all", 0], curves["all", "all", 1]
    assert (first["customers"], first["observed_customers"], first["is_complete"]) == (3, 3, True)
    assert (second["customers"], second["observed_customers"], second["is_complete"]) == (3, 2, False)
    assert second["cumulative_value_per_customer"] == pytest.approx(70 / 3 + 25 / 2)


def test_the_first_product_is_the_category_on_which_most_was_spent_in_the_first_order(
    three: DataFrame, spark: SparkSession
) -> None:
    _, told = computed(three, catalogue(spark))
    sizes = {key: row["customers"] for key, row in told.items() if key[0] not in ("all", "first_month")}
    assert sizes == {
        ("first_product", "cups"): 1,
        ("first_product", "tea"): 1,
        ("first_product", "unknown"): 1,
        ("first_channel", "store"): 1,
        ("first_channel", "web"): 2,
    }


def test_who_came_in_the_first_months_of_the_data_may_be_an_old_customer(three: DataFrame, spark: SparkSession) -> None:
    _, told = computed(three, catalogue(spark), warm_up_months=1, return_days=10)
    assert {cohort: row["may_be_older"] for (of, cohort), row in told.items() if of == "first_month"} == {
        "2025-01": True,
        "2025-03": False,
    }
    assert {cohort for of, cohort in told if of.startswith("first_") and of != "first_month"} == {"web"}
    assert told["first_month", "2025-01"]["action"].startswith("Do not compare")
    assert told["first_month", "2025-01"]["p_value"] is None


def test_a_dimension_of_which_nothing_is_known_is_left_out(three: DataFrame, frame: Frame) -> None:
    _, told = computed(three.withColumn("channel", F.lit(None).cast("string")), frame(PRODUCTS, "product_id"))
    assert {dimension for dimension, _ in told} == {"all", "first_month"}
    _, told = computed(three, frame(PRODUCTS, "product_id"), first_product_by="product_id")
    assert {cohort for dimension, cohort in told if dimension == "first_product"} == {"p0", "p2", "p9"}


def test_small_cohorts_stand_together_as_other(three: DataFrame, spark: SparkSession) -> None:
    _, told = computed(three, catalogue(spark), min_customers=2)
    assert told["first_product", "other"]["customers"] == 3
    assert told["first_channel", "other"]["customers"] == 1
    assert told["first_channel", "web"]["customers"] == 2
    assert ("first_month", "2025-03") in told


def test_coming_back_is_asked_only_of_those_whose_time_is_up(three: DataFrame, spark: SparkSession) -> None:
    _, told = computed(three, catalogue(spark), return_days=60)
    row = told["all", "all"]
    assert (row["customers"], row["observed_customers"], row["returned_customers"]) == (3, 2, 1)
    assert told["first_month", "2025-03"]["returned_share"] is None
    assert told["first_month", "2025-03"]["action"].startswith("Wait: customers who came in 2025-03")
    _, later = computed(three, catalogue(spark), return_days=61)
    assert later["all", "all"]["returned_customers"] == 2  # bob came back on day 61


def test_an_order_on_the_day_of_observation_changes_nothing(three: DataFrame, spark: SparkSession) -> None:
    before = three.where("ordered_on < date'2025-04-02'")
    assert computed(three, catalogue(spark), date(2025, 4, 2)) == computed(before, catalogue(spark), date(2025, 4, 2))


def test_a_category_that_brings_customers_back_is_told_with_its_figures(spark: SparkSession) -> None:
    found = [
        sale(f"{kind}{n}", day, kind)
        for kind, back in (("p0", 90), ("p2", 40))
        for n in range(100)
        for day in [0, *([10] if n < back else [])]
    ]
    _, told = computed(as_frame(found, spark), catalogue(spark), return_days=30)
    tea, cups = told["first_product", "tea"], told["first_product", "cups"]
    assert tea["is_different"]
    assert (tea["returned_share"], tea["returned_share_of_others"]) == (0.9, 0.4)
    assert tea["action"] == (
        "Try tea in the welcome offer, on half of the new customers, and measure it: of those who began with it 90% came "
        "back within 30 days, of the others 40%."
    )
    assert "Follow up first orders of cups with something else, and do not advertise it" in cups["action"]
    assert told["first_channel", "web"]["action"].startswith("Nothing special")
    assert told["all", "all"]["action"].startswith("Beat this with a campaign for the second order: all")


def sale(who: str, day: int, product: str) -> Order:
    on = date(2025, 1, 1) + timedelta(days=day)
    order = random_orders(0, orders=1)[0]
    changed = {
        "order_id": f"{who}-{day}",
        "customer_id": who,
        "ordered_on": on,
        "ordered_at": datetime.fromisoformat(f"{on} 09:00"),
        "kind": "sale",
        "channel": "web",
        "product_ids": [product],
        "product_amounts": [Decimal(5)],
        "net_amount": Decimal(5),
    }
    return Order(**{**vars(order), **changed})


@pytest.mark.parametrize(
    ("seed", "days", "as_of"), [(1, 200, date(2025, 5, 1)), (2, 90, date(2025, 3, 10)), (3, 5, AS_OF)]
)
def test_a_naive_implementation_agrees_on_random_orders(spark: SparkSession, seed: int, days: int, as_of: date) -> None:
    orders = random_orders(seed, orders=400, customers=60, days=days)
    curves, told = computed(as_frame(orders, spark), catalogue(spark), as_of, return_days=30, horizon_months=2)
    naive = Naive([order for order in orders if order.customer_id and order.ordered_on < as_of], as_of)
    assert {key[:2] for key in curves} == set(told) == set(naive.members)
    for (dimension, cohort, month), row in curves.items():
        expected = naive.month(naive.members[dimension, cohort], month)
        found = tuple(row[name] for name in ("observed_customers", "active_customers", "value"))
        assert found == expected, (dimension, cohort, month)
    for key, row in told.items():
        assert (row["observed_customers"], row["returned_customers"]) == naive.back(naive.members[key], 30), key
        others = [who for other, known in naive.members.items() if other[0] == key[0] and other != key for who in known]
        sides = (naive.back(naive.members[key], 30), naive.back(others, 30))
        table = np.array([[b, a - b] for a, b in sides])
        if row["p_value"] is not None:
            tails = [fisher_exact(table, alternative=side)[1] for side in ("less", "greater")]
            assert row["p_value"] == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-9)
    for dimension in {of for of, _ in told}:
        tested = [row for (of, _), row in told.items() if of == dimension and row["p_value"] is not None]
        if tested:
            expected_q = false_discovery_control([row["p_value"] for row in tested])
            assert [row["q_value"] for row in tested] == pytest.approx(list(expected_q), rel=1e-9)


class Naive:
    """The definitions, one customer after the other."""

    def __init__(self, orders: list[Order], as_of: date) -> None:
        self.as_of = as_of
        self.of: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            self.of[order.customer_id or ""].append(order)
        self.first = {
            who: min((o for o in known if o.kind == "sale"), key=lambda o: (o.ordered_at, o.order_id))
            for who, known in self.of.items()
            if any(o.kind == "sale" for o in known)
        }
        self.members: dict[tuple[str, str], list[str]] = defaultdict(list)
        for who, first in self.first.items():
            self.members["all", "all"].append(who)
            self.members["first_month", f"{first.ordered_on:%Y-%m}"].append(who)
            self.members["first_channel", first.channel or "unknown"].append(who)
            self.members["first_product", self.category(first)].append(who)

    def category(self, order: Order) -> str:
        spent: dict[str, Decimal] = defaultdict(Decimal)
        for product, amount in zip(order.product_ids, order.product_amounts, strict=True):
            if CATEGORIES.get(product):
                spent[CATEGORIES[product] or ""] += amount
        return min(spent, key=lambda name: (-spent[name], name)) if spent else "unknown"

    def month(self, who: list[str], months_since: int) -> tuple[int, int | None, Decimal | None]:
        """How many are observed, how many of them active, and their value."""
        observed, active, value = 0, 0, Decimal(0)
        for one in who:
            year, month = divmod(index(self.first[one].ordered_on) + months_since, 12)
            if date(year + (month == 11), (month + 1) % 12 + 1, 1) > self.as_of:
                continue
            observed += 1
            there = [
                order
                for order in self.of[one]
                if index(order.ordered_on) == 12 * year + month and order.ordered_on >= self.first[one].ordered_on
            ]
            active += any(order.kind == "sale" for order in there)
            value += sum((order.net_amount for order in there), Decimal(0))
        return (observed, active, value) if observed else (0, None, None)

    def back(self, who: list[str], days: int) -> tuple[int, int]:
        """How many may be asked whether they came back, and how many did."""
        asked = [one for one in who if self.first[one].ordered_on + timedelta(days=days) < self.as_of]
        came = [
            one
            for one in asked
            if any(
                order.kind == "sale" and 0 < (order.ordered_on - self.first[one].ordered_on).days <= days
                for order in self.of[one]
            )
        ]
        return len(asked), len(came)


def index(day: date) -> int:
    return day.year * 12 + day.month - 1
