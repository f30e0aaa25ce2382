"""Alerts are tested on earlier days against customers alike: a kind with lift is raised, one without is not."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from naive_alert_tests import naive
from pyspark.sql import DataFrame, SparkSession
from random_orders import Order, as_frame, random_orders
from staged import staged

from vitalfew.algorithms.statistics.matched_difference import matched
from vitalfew.jobs.alerts.evaluation import evaluated, raised, verdict
from vitalfew.jobs.alerts.kinds import KINDS
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.jobs.alerts.tables import ALERT_EVALUATION, ALERTS
from vitalfew.jobs.alerts.transform import alerts
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.tables import AsFitted, Table
from vitalfew.tables.sources import EVENTS, PRODUCTS

AS_OF = date(2025, 12, 31)
Evaluation = dict[tuple[str, str], dict[str, Any]]


def params(**given: Any) -> AlertParams:
    return AlertParams.model_validate_json(json.dumps(given))


def evaluation(spark: SparkSession, orders: list[Order], as_of: date = AS_OF, **given: Any) -> Evaluation:
    found = evaluated(as_frame(orders, spark), params(**given), as_of, staged)
    assert all(set(row) == {*ALERT_EVALUATION.columns} - {"as_of"} for row in found)
    return {(row["kind"], row["rule"]): row for row in found}


def bought(who: str, days_ago: int, money: float = 10.0) -> Order:
    on = AS_OF - timedelta(days=days_ago)
    given = {
        "order_id": f"{who}-{days_ago}",
        "customer_id": who,
        "ordered_on": on,
        "ordered_at": datetime.combine(on, time(9), UTC),
        "kind": "sale",
        "net_amount": Decimal(str(round(money, 2))),
        "product_ids": ["tea"],
    }
    return Order(**{**vars(random_orders(0, orders=1)[0]), **given})


def shop(gap: Any, stops: float, customers: int = 400, days: int = 420, seed: int = 7) -> list[Order]:
    """Customers of a mean gap of their own, `gap(rng, mean)` days apart; `stops`: the chance to stop after an order."""
    rng = random.Random(seed)
    made = []
    for number in range(customers):
        mean, ago, money = rng.choice([5, 10, 20, 40]), days - rng.uniform(0, 150), rng.lognormvariate(3, 1)
        while ago >= 1:
            made.append(bought(f"c{number}", int(ago), money))
            if rng.random() < stops * mean / 20:
                break
            ago -= gap(rng, mean)
    return list({order.order_id: order for order in made}.values())


def by_chance(rng: random.Random, mean: float) -> float:
    """All buy at the same rate, whatever their `mean`; nobody knows when they bought last."""
    del mean
    return rng.expovariate(1 / 15)


LOOSE: dict[str, Any] = {
    "silent_days": [12],
    "churned_days": 40,
    "lapsed_days": 12,
    "super_factor": 1.1,
    "overdue_spreads": 1.0,
    "min_weeks": 3,
    "rising_weeks": 3,
    "significance": 0.99,
    "rising_factor": 1.01,
    "drop_orders": 2,
    "drop_orders_before": 2,
    "drop_z": 0.3,
    "drop_ratio": 0.95,
}


def many(seed: int) -> list[Order]:
    """Random orders of some 200 customers, and of some who begin to buy much more often."""
    end = date(2025, 7, 14)
    often = [
        Order(**{**vars(order), "ordered_on": end - timedelta(days=ago), "order_id": f"{order.order_id}-{ago}"})
        for who in range(8)
        for order in [bought(f"often{who}", who, 5 + who)]
        for ago in [*range(seed + 5, 45 + who), *range(60 + who, 180, 17)]
    ]
    parts = {n: random_orders(100 * seed + n, orders=400, customers=40, days=200) for n in range(10)}
    return often + [
        Order(**{**vars(order), "order_id": f"{n}-{order.order_id}", "customer_id": who and f"{n}:{who}"})
        for n, part in parts.items()
        for order in part
        for who in [order.customer_id]
    ]


@pytest.mark.parametrize(("seed", "days"), [(1, 20), (2, 33)])
def test_a_slow_second_implementation_finds_the_same(spark: SparkSession, seed: int, days: int) -> None:
    orders = many(seed)
    as_of = date(2025, 1, 1) + timedelta(days=195)
    given = {**LOOSE, "evaluation_days": days}
    found, expected = evaluation(spark, orders, as_of, **given), naive(orders, params(**given), as_of)
    assert all(row["named"] > 0 for row in expected.values()), {of: row["named"] for of, row in expected.items()}
    for of, row in expected.items():
        for name, value in row.items():
            near = 0.006 if name.endswith(("before", "after")) else 1e-6
            assert float(found[of][name]) == pytest.approx(float(value), abs=near), (of, name)


def test_overdue_has_lift_where_gaps_are_regular_and_customers_stop(spark: SparkSession) -> None:
    found = evaluation(spark, shop(lambda rng, mean: max(1.0, rng.gauss(mean, mean / 10)), stops=0.05))
    row = found["overdue", "standard"]
    assert (row["reason"], row["is_raised"], row["claim"]) == ("has_lift", True, "spends_less")
    assert row["lift_low"] > 0.05
    assert row["precision"] > 0.85  # who is late by such a rhythm has stopped
    assert float(row["named_after"]) < 0.6 * float(row["named_before"])


def test_overdue_has_no_lift_where_every_day_is_like_every_other(spark: SparkSession) -> None:
    found = evaluation(spark, shop(by_chance, stops=0.0, customers=900), least_lift=0.1)
    plain, strict = found["overdue", "standard"], found["overdue", "strict"]
    assert plain["named"] > 500
    assert (plain["reason"], plain["is_raised"]) == ("no_lift", False)
    assert strict["reason"] != "has_lift"
    assert abs(plain["lift"]) < 0.05


def test_a_young_shop_has_its_alerts_and_is_told_that_nothing_is_proved(spark: SparkSession) -> None:
    found = evaluation(spark, [bought("ann", 100), bought("ann", 1)])
    assert {row["reason"] for row in found.values()} == {"no_history", "not_measured"}
    assert {kind for (kind, _), row in found.items() if row["is_raised"]} == {*KINDS}
    assert not found["overdue", "strict"]["is_raised"]
    assert {row["reason"] for row in evaluation(spark, [bought("ann", 300), bought("ann", 1)]).values()} == {
        "too_few",
        "not_measured",
    }
    assert {row["origins"] for row in evaluation(spark, []).values()} == {0}


def test_what_is_not_raised_is_closed_and_the_fit_of_the_day_before_is_used_again(spark: SparkSession) -> None:
    def empty(table: Table) -> DataFrame:
        return spark.createDataFrame([], ", ".join(f"{column.name} {column.type}" for column in table.declared))

    def run(orders: list[Order], day: date, fit: DataFrame | None, before: DataFrame) -> Any:
        frames: list[Any] = [as_frame(orders, spark), *map(empty, TABLES), before, None, fit]
        return alerts(*frames, params=params(least_lift=0.2), as_of=day, stage=staged)

    orders, day = shop(by_chance, stops=0.0, customers=500), AS_OF + timedelta(days=1)
    opened = run([bought("ann", 40)], AS_OF, None, empty(ALERTS))[0]
    assert [(row["kind"], row["status"]) for row in opened.collect()] == [("inactive", "open")]
    first, _, told, fit = run(orders, AS_OF, None, opened)
    reasons = {(row["kind"], row["rule"]): row["reason"] for row in told.collect()}
    assert (reasons["inactive", "standard"], reasons["overdue", "standard"]) == ("no_lift", "no_lift")
    ended = first.where("kind = 'inactive'").collect()
    assert [(row["subject_id"], row["status"], row["evidence_code"]) for row in ended] == [("ann", "closed", "no_lift")]
    assert ended[0]["evidence"].startswith("No longer reported: on this shop")
    assert first.where("kind = 'overdue' and evidence_code <> 'overdue_strict'").count() == 0
    second = run(orders, day, fit, empty(ALERTS))
    assert isinstance(second[2], AsFitted)
    assert second[3].collect() == fit.collect()
    assert second[0].where("kind = 'inactive'").count() == 0


TABLES = (EVENTS, PRODUCTS, NEXT_PURCHASE, NEXT_PURCHASE)


def test_the_difference_is_that_of_mantel_and_haenszel_with_the_variance_of_greenland_and_robins() -> None:
    cell = np.array([0] * 10 + [1] * 6 + [2] * 3)
    is_named = np.array([True] * 4 + [False] * 6 + [True] * 2 + [False] * 4 + [True] * 3)  # the last cell has no others
    outcome = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1], dtype=bool)
    w, p1, p0 = np.array([4 * 6 / 10, 2 * 4 / 6]), np.array([3 / 4, 1 / 2]), np.array([2 / 6, 1 / 4])
    n1, n0 = np.array([4, 2]), np.array([6, 4])
    error = np.sqrt(np.sum(w**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0))) / w.sum()
    alone = matched(cell, np.arange(19), is_named, outcome)
    assert alone is not None
    assert alone.compared == 6
    assert alone.difference == pytest.approx(np.sum(w * (p1 - p0)) / w.sum())
    assert alone.standard_error == pytest.approx(error)
    twice = matched(*[np.concatenate([each, each]) for each in (cell, np.arange(19), is_named, outcome)])
    assert twice is not None
    assert twice.standard_error == pytest.approx(error)  # the same people seen again tell nothing new
    assert matched(cell[16:], np.arange(3), is_named[16:], outcome[16:]) is None


def test_lift_must_be_beyond_chance_and_worth_having() -> None:
    assert verdict(500, 0.10, 0.06, 0.14, 0.05) == "has_lift"
    assert verdict(500, 0.10, -0.01, 0.21, 0.05) == "too_few"
    assert verdict(29, 0.50, 0.30, 0.70, 0.05) == "too_few"
    assert verdict(500, -0.10, -0.14, -0.06, 0.05) == "no_lift"
    assert verdict(90_000, 0.004, 0.002, 0.006, 0.05) == "no_lift"  # certain, and nothing worth


def test_the_first_rule_with_lift_is_raised_and_one_without_never() -> None:
    def chosen(standard: str, strict: str) -> str:
        rows = [
            {"kind": "overdue", "rule": rule, "reason": of} for rule, of in zip(RULES, (standard, strict), strict=True)
        ]
        return raised(rows)["overdue"]

    assert (
        chosen("has_lift", "has_lift")
        == chosen("too_few", "no_lift")
        == chosen("no_history", "no_history")
        == "standard"
    )
    assert chosen("no_lift", "has_lift") == chosen("too_few", "has_lift") == chosen("no_lift", "too_few") == "strict"
    assert chosen("no_lift", "no_lift") == "never"


RULES = ("standard", "strict")
