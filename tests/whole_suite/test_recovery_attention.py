"""Alerts, affinities and cohorts find what was planted in generated data; precision and recall for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import isclose
from typing import Any

import pytest
from generated import Planted, planted_shop
from generator.world import AS_OF, World

from vitalfew.engines.engine import Engine
from vitalfew.jobs.affinity.transform import AffinityParams, affinity
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.alerts.transform import AlertParams, alerts
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import facts, sources

LINES = 300_000
Alerts = dict[str, dict[str, dict[str, Any]]]


class Shop(Planted):
    """A generated shop with its orders, and the alerts about them."""

    def alerts(self, as_of: date) -> Alerts:
        """The open alerts of that day, by kind and subject."""
        read, empty = self.storage.read, self.storage.empty
        inputs = [read(table) for table in (facts.ORDERS, sources.EVENTS, sources.PRODUCTS)]
        nothing = [empty(table) for table in (NEXT_PURCHASE, NEXT_PURCHASE, ALERTS)]
        job: Any = alerts
        made = job(*inputs, *nothing, params=AlertParams(), as_of=as_of, stage=self.storage.stage)
        found: Alerts = {}
        for row in made[0].collect():
            found.setdefault(row["kind"], {})[row["subject_id"]] = row.asDict()
        return found


@pytest.fixture(scope="module")
def shop(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    root = tmp_path_factory.mktemp("generated")
    with planted_shop(running, root, World(LINES, seed=3), ["orders"]) as made:
        yield Shop(made.storage, made.root)


@pytest.fixture(scope="module")
def found(shop: Shop) -> Alerts:
    return shop.alerts(AS_OF)


@pytest.fixture(scope="module")
def planted(shop: Shop) -> dict[str, Any]:
    """What is true of each customer: followers buy when others do, so they are left out."""
    return {row["customer_id"]: row for row in shop.truth("customers").where("not is_follower").collect()}


def rates(found: set[str], true: set[str], planted: dict[str, Any]) -> tuple[float, float]:
    """Precision and recall among the customers of whom the truth is known."""
    known = found & planted.keys()
    return len(known & true) / len(known), len(known & true) / len(true)


def of_segment(planted: dict[str, Any], *names: str, orders: int = 0) -> set[str]:
    return {who for who, row in planted.items() if row["segment"] in names and row["orders"] >= orders}


def silent_days(planted: dict[str, Any]) -> int:
    """Since when one who stopped is silent."""
    silent: timedelta = AS_OF - planted["silent_from"]
    return silent.days


def test_those_who_stopped_are_churned_and_hardly_anybody_else(found: Alerts, planted: dict[str, Any]) -> None:
    days = {who: silent_days(row) for who, row in planted.items() if row["silent_from"]}
    gone = {who for who, silent in days.items() if 180 <= silent <= 340 - 1.5 * planted[who]["mean_gap_days"]}
    churned = set(found["churned"])
    assert len(gone & churned) / len(gone) > 0.95
    stopped = {who for who in churned & planted.keys() if who in days or planted[who]["segment"] == "casual"}
    assert len(stopped) / len(churned & planted.keys()) > 0.98  # casual customers come every 98 to 280 days


def test_those_who_slip_are_silent_and_overdue_and_the_frequent_who_stay_are_not(
    found: Alerts, planted: dict[str, Any]
) -> None:
    slipping = of_segment(planted, "slipping", orders=4)
    precision, _ = rates(set(found["overdue"]), slipping, planted)
    assert precision > 0.75  # the others are casual customers, late by their own measure too
    told = set(found["overdue"]) | set(found["churned"])
    assert len(slipping & told) / len(slipping) > 0.8  # of those who stopped 35 days ago, some came every 35
    late = {who for who in slipping if silent_days(planted[who]) >= 2 * planted[who]["mean_gap_days"]}
    assert len(late & told) / len(late) > 0.85
    steady = of_segment(planted, "champion", "loyal", "dropping")
    assert len(steady & set(found["overdue"])) / len(steady) < 0.05
    assert not steady & set(found["churned"])


def test_rising_customers_are_found_by_their_frequency(found: Alerts, planted: dict[str, Any]) -> None:
    rising, told = of_segment(planted, "rising"), set(found["frequency_up"])
    precision, recall = rates(told, of_segment(planted, "rising", "returned"), planted)
    assert len(rising & told) / len(rising) > 0.7
    assert precision > 0.9
    assert recall > 0.5


def test_dropping_customers_are_found_by_what_their_orders_are_worth(found: Alerts, planted: dict[str, Any]) -> None:
    precision, recall = rates(set(found["spend_drop"]), of_segment(planted, "dropping"), planted)
    assert precision > 0.9
    assert recall > 0.6  # of some, orders always were worth anything from 1 to 300


def test_lapsed_super_customers_who_are_back_are_found(found: Alerts, planted: dict[str, Any]) -> None:
    precision, recall = rates(set(found["vip_returned"]), of_segment(planted, "returned"), planted)
    assert precision > 0.9
    assert recall > 0.8


def test_every_planted_burst_is_told_the_day_after_and_no_other_product(shop: Shop) -> None:
    for row in shop.truth("bursts").collect():
        found = shop.alerts(row["to_day"] + timedelta(days=1))
        for kind in ("complaints", "bad_ratings"):
            assert row["product_id"] in found[kind]
            assert len(found[kind]) <= 2
    assert not {"complaints", "bad_ratings"} & shop.alerts(AS_OF).keys()


def test_planted_rules_are_complements_and_planted_substitutes_are_found_where_absence_is_evidence(shop: Shop) -> None:
    made = affinity(
        shop.storage.read(facts.ORDERS),
        shop.storage.read(sources.PRODUCTS),
        shop.storage.empty(RFM),
        params=AffinityParams(levels=("product",), exclude_products=("POSTAGE",), min_expected=4.0),
        as_of=AS_OF,
        stage=shop.storage.stage,
    )
    rows = {(row["item"], row["other"]): row for row in made[0].collect()}
    together = {tuple(sorted((r["antecedent"][0], r["consequent"]))) for r in shop.truth("rules").collect()}
    assert {pair for pair in together if rows.get(pair, {"relation": None})["relation"] != "complement"} == set()
    planted = {(r["product_a"], r["product_b"]) for r in shop.truth("substitutes").collect()}
    told = {pair for pair, row in rows.items() if row["relation"] == "substitute"}
    assert told & planted
    assert all(rows[pair]["lift"] < 0.8 for pair in told - planted)  # who buys the cheap one leaves the dear one
    counts = {r["product_id"]: r["n"] for r in held(shop)}
    total = shop.storage.read(facts.ORDERS).where("kind = 'sale'").count()
    sure = {(a, b) for a, b in planted if counts.get(a, 0) * counts.get(b, 0) >= 12 * total}
    assert len(told & sure) == len(sure)
    bundles = made[1].collect()
    assert any(row["price_together"] for row in bundles)
    assert all(
        row["price_floor"] < row["price_together"] < row["price_apart"] for row in bundles if row["price_together"]
    )
    assert isclose(max(row["phi"] for row in made[2].collect()), max(row["phi"] for row in rows.values()))


def held(shop: Shop) -> list[Any]:
    """How many sales hold each product."""
    sold = shop.storage.read(facts.ORDERS).where("kind = 'sale'").selectExpr("explode(product_ids) product_id")
    return sold.groupBy("product_id").count().withColumnRenamed("count", "n").collect()
