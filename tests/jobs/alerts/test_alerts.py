"""Alerts: who is silent, overdue, rising, dropping or back, which product goes wrong; raised once, updated, closed."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from random_orders import Order, as_frame, random_orders
from scipy.stats import binom, false_discovery_control
from staged import staged

from conftest import Frame
from vitalfew.algorithms.statistics import poisson_rates
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.jobs.alerts.tables import ALERT_EVALUATION, ALERT_FIT, ALERT_TOTALS, ALERTS
from vitalfew.jobs.alerts.transform import AlertParams, alerts
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import EVENTS, PRODUCTS

AS_OF = date(2025, 12, 31)
Rows = list[dict[str, Any]]
Found = dict[tuple[str, str], dict[str, Any]]


def rows(spark: SparkSession, table: Table, given: Rows) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in given], types)


def sale(who: str | None, days_ago: int, money: float = 10, kind: str = "sale", product: str = "tea") -> Order:
    """An order of one product so many days before as_of."""
    on = AS_OF - timedelta(days=days_ago)
    order = random_orders(0, orders=1)[0]
    changed = {
        "order_id": f"{who}-{days_ago}-{kind}",
        "customer_id": who,
        "ordered_on": on,
        "ordered_at": datetime.combine(on, time(9), UTC),
        "kind": kind,
        "net_amount": Decimal(str(money)),
        "product_ids": [product],
        "product_amounts": [Decimal(str(money))],
    }
    return Order(**{**vars(order), **changed})


def run(
    spark: SparkSession,
    orders: list[Order],
    events: Rows | None = None,
    before: Rows | None = None,
    alive: tuple[Rows, Rows] = ([], []),
    as_of: date = AS_OF,
    **given: Any,
) -> tuple[Found, Rows]:
    """ALERTS by kind and subject; ALERT_TOTALS."""
    now, then = (rows(spark, NEXT_PURCHASE, part) for part in alive)
    made = alerts(
        as_frame(orders, spark),
        rows(spark, EVENTS, events or []),
        rows(spark, PRODUCTS, [{"product_id": "tea", "name": "Green tea "}]),
        now,
        then,
        rows(spark, ALERTS, before or []),
        params=AlertParams.model_validate_json(json.dumps(given)),
        as_of=as_of,
        stage=staged,
    )
    assert [["as_of", *frame.columns] for frame in made] == [
        list(table.columns) for table in (ALERTS, ALERT_TOTALS, ALERT_EVALUATION, ALERT_FIT)
    ]
    found = {(row["kind"], row["subject_id"]): row.asDict() for row in made[0].collect()}
    return found, [row.asDict() for row in made[1].collect()]


def every(who: str, gap: int, since: int, until: int, money: float = 10) -> list[Order]:
    """Orders of `who` every `gap` days, from so many days ago until so many."""
    return [sale(who, day, money) for day in range(until, since + 1, gap)]


@pytest.mark.both_engines
def test_silence_goes_by_steps_and_ends_in_churn(spark: SparkSession) -> None:
    orders = [sale(f"c{days}", days) for days in (29, 30, 59, 60, 119, 120, 179, 180, 364, 365)]
    found, _ = run(spark, orders)
    steps = {who: row["reference"] for (kind, who), row in found.items() if kind == "inactive"}
    assert steps == {"c30": 30, "c59": 30, "c60": 60, "c119": 90, "c120": 120, "c179": 120}
    assert {who for kind, who in found if kind == "churned"} == {"c180", "c364"}
    one = found["inactive", "c120"]
    assert (one["measure"], one["since"], one["severity"], one["status"]) == (120, AS_OF, "low", "open")
    assert one["evidence"] == "No order for 120 days; one day with an order so far."
    assert found["churned", "c180"]["evidence"] == (
        "No order for 180 days, after 1 day with an order; net spend 10.00 in all."
    )


def test_overdue_is_who_breaks_a_rhythm_of_their_own(spark: SparkSession) -> None:
    weekly, quarterly = every("weekly", 7, 224, 21), every("quarterly", 50, 321, 21)
    found, _ = run(spark, [*weekly, *quarterly])
    assert {who for kind, who in found if kind == "overdue"} == {"weekly"}
    row = found["overdue", "weekly"]
    limit = (29 * 7 + 3 * (7 + 50) / 2) / 32  # 29 gaps of 7 days, drawn to the mean of the two by three gaps
    assert row["reference"] == pytest.approx(limit)
    assert row["since"] == AS_OF - timedelta(days=21) + timedelta(days=int(limit) + 1)
    assert row["severity"] == "high"  # twice as long as allowed, and worth three times the other
    assert row["evidence"] == (
        "No order for 21 days, while 80% of this customer's gaps are at most 9 days "
        "(29 gaps; with few gaps, the average customer's count too)."
    )


def test_who_is_overdue_is_told_with_one_severity_and_one_action_however_silent(spark: SparkSession) -> None:
    late = [*every("late", 7, 224, 40), *every("valuable", 20, 280, 60, 100)]
    calm = [*every("calm", 100, 331, 31), sale("once", 45), *every("about", 31, 342, 32)]
    found, _ = run(spark, [*late, *calm])
    overdue = {who: row for (kind, who), row in found.items() if kind == "overdue"}
    assert {"late", "valuable"} <= {*overdue}
    for who, row in overdue.items():
        silent = found["inactive", who]
        assert (silent["severity"], silent["action"]) == (row["severity"], row["action"])
    assert not {"calm", "once", "about"} & {*overdue}
    assert found["inactive", "calm"]["action"] == "Do not contact yet: they usually take longer."
    assert found["inactive", "about"]["action"].startswith("Remind them")
    assert found["inactive", "once"]["action"].startswith("Remind them")


def test_who_came_more_often_and_then_broke_off_is_overdue_and_not_rising(spark: SparkSession) -> None:
    steady = [order for n in range(20) for order in every(f"s{n}", 14, 365, 1 + n % 7)]
    given = [*every("frequency_up", 28, 365, 90), *every("frequency_up", 3, 84, 1)]
    stopped = [*every("gone", 28, 365, 90), *every("gone", 2, 84, 46)]
    found, _ = run(spark, [*steady, *given, *stopped])
    assert {who for kind, who in found if kind == "frequency_up"} == {"frequency_up"}
    assert {who for kind, who in found if kind == "overdue"} == {"gone"}


def test_who_has_few_gaps_is_held_to_the_longest_of_them_and_to_the_rhythm_of_all(spark: SparkSession) -> None:
    known = every("weekly", 7, 224, 1)
    few = [sale("few", 100), sale("few", 60), sale("late", 50), sale("late", 48), sale("once", 99)]
    found, _ = run(spark, [*known, *few])
    overdue = {who: row["reference"] for (kind, who), row in found.items() if kind == "overdue"}
    assert overdue == {"few": 40, "late": 7}


def test_orders_that_come_more_often_beyond_chance_are_told(spark: SparkSession) -> None:
    rising = [*every("frequency_up", 28, 365, 90), *every("frequency_up", 7, 84, 1)]
    steady = [order for n in range(20) for order in every(f"s{n}", 14, 365, 1 + n % 7)]
    found, _ = run(spark, [*rising, *steady])
    assert {who for kind, who in found if kind == "frequency_up"} == {"frequency_up"}
    row = found["frequency_up", "frequency_up"]
    before = 9  # the first order only starts the clock
    weeks = ((AS_OF - timedelta(days=84)) - (AS_OF - timedelta(days=90 + 28 * 9))).days // 7
    assert row["measure"] == 12
    assert row["reference"] == pytest.approx(before * 12 / weeks)
    assert row["p_value"] == pytest.approx(binom.sf(11, 21, 12 / (12 + weeks)))
    assert row["since"] == AS_OF - timedelta(days=84)
    assert row["evidence"].startswith("12 days with an order in 12 weeks; 3.0 expected from before (q ")
    assert (row["evidence_code"], row["evidence_values"]["days"], row["evidence_values"]["expected"]) == (
        "frequency_up",
        "12",
        "3.0",
    )


def test_orders_that_shrink_suddenly_are_told_and_those_that_always_vary_are_not(spark: SparkSession) -> None:
    drop = [*every("drop", 10, 365, 45, 50), *every("drop", 10, 41, 1, 5)]
    rng = random.Random(4)
    wild = [sale("wild", day, rng.choice([2, 5, 20, 100, 300])) for day in range(1, 365, 10)]
    found, _ = run(spark, [*drop, *wild])
    assert {who for kind, who in found if kind == "spend_drop"} == {"drop"}
    row = found["spend_drop", "drop"]
    assert (row["measure"], row["reference"]) == pytest.approx((5.0, 50.0), rel=1e-3)
    assert row["since"] == AS_OF - timedelta(days=41)
    assert row["evidence"].startswith(
        "A typical order is worth 5.00 in the last 5 orders, and was worth 50.00 before ("
    )


def test_a_super_customer_who_had_lapsed_is_back_and_a_small_one_is_not_told(spark: SparkSession) -> None:
    great = [*every("great", 10, 350, 200, 1000), sale("great", 5, 20)]
    small = [*every("small", 10, 350, 200, 1), sale("small", 5, 5000)]  # what they bring now does not make them super
    others = [sale(f"o{n}", 40, 100) for n in range(30)]
    found, totals = run(spark, [*great, *small, *others])
    assert [who for kind, who in found if kind == "vip_returned"] == ["great"]
    row = found["vip_returned", "great"]
    assert (row["measure"], row["since"], row["severity"]) == (195, AS_OF - timedelta(days=5), "high")
    assert row["value_at_stake"] == 16_000
    assert totals[0]["kind"] == "vip_returned"
    assert not [who for kind, who in run(spark, [*great, *others], back_days=4)[0] if kind == "vip_returned"]


def complaint(n: int, days_ago: int, product: str = "tea", who: str | None = None, **given: Any) -> dict[str, Any]:
    at = datetime.combine(AS_OF - timedelta(days=days_ago), time(10, n % 60), UTC)
    return {"customer_id": who or f"c{n}", "happened_at": at, "kind": "support", "product_id": product, **given}


def test_a_burst_of_complaints_is_measured_by_the_products_own_rate(spark: SparkSession) -> None:
    quiet = [complaint(n, 20 + 14 * n) for n in range(20)]
    loud = [complaint(n, 1 + n % 60, "pot") for n in range(240)]
    burst = [complaint(n, 1 + n % 6, kind="Support" if n % 2 else "support") for n in range(12)]
    found, _ = run(spark, [sale(None, 300, product="tea"), sale(None, 60, 7, product="tea")], [*quiet, *loud, *burst])
    assert list(found) == [("complaints", "tea")]
    row = found["complaints", "tea"]
    assert (row["subject"], row["measure"], row["value_at_stake"], row["severity"]) == ("product", 12, 7, "high")
    weeks = (286 - 7) // 7  # since the first complaint about anything
    assert row["reference"] == pytest.approx(20 / weeks)
    assert row["p_value"] == pytest.approx(binom.sf(11, 32, 1 / (1 + weeks)))
    assert row["evidence"] == (
        "12 complaints about Green tea in 7 days; 0.5 expected from the 39 weeks before (q < 0.0001)."
    )


def test_one_customer_who_complains_ten_times_a_day_is_no_burst(spark: SparkSession) -> None:
    quiet = [complaint(n, 20 + 14 * n) for n in range(20)]
    found, _ = run(spark, [], [*quiet, *[complaint(n, 2, who="angry") for n in range(10)]])
    assert found == {}
    nobody_known = [{**complaint(n, 2), "customer_id": None} for n in range(10)]
    assert list(run(spark, [], [*quiet, *nobody_known])[0]) == [("complaints", "tea")]


def test_returns_and_bad_ratings_burst_too_and_good_ratings_do_not(spark: SparkSession) -> None:
    old = [sale(f"o{n}", 20 + 15 * n, -5, "return") for n in range(20)]
    back = [sale(f"r{n}", 1 + n % 5, -5, "return") for n in range(9)]
    ratings = [complaint(n, 20 + 14 * n, kind=" Review", value=1.0) for n in range(20)]
    ratings += [complaint(n, 2, kind="review", value=2.0, who=f"b{n}") for n in range(9)]
    ratings += [complaint(n, 2, "pot", kind="review", value=5.0) for n in range(9)]
    found, _ = run(spark, [*old, *back], ratings)
    assert sorted(found) == [("bad_ratings", "tea"), ("returns", "tea")]
    assert found["returns", "tea"]["evidence"].startswith("9 returns of Green tea in 7 days; ")


def test_what_came_back_in_a_sale_is_a_return_too(spark: SparkSession, frame: Frame) -> None:
    old = [sale(f"o{n}", 20 + 15 * n, -5, "return") for n in range(20)]
    drawn = "order_id | customer_id | ordered_on | ordered_at | kind | net_amount | product_ids | product_amounts | returned_ids\n"
    drawn += "\n".join(
        f"m{n} | m{n} | 2025-12-29 | 2025-12-29 | sale | 1.00 | [cup] | [6.00] | [tea]" for n in range(9)
    )
    events, products, now, then, before = (
        rows(spark, table, []) for table in (EVENTS, PRODUCTS, NEXT_PURCHASE, NEXT_PURCHASE, ALERTS)
    )
    orders = as_frame(old, spark).unionByName(frame(ORDERS, drawn))
    made = alerts(orders, events, products, now, then, before, params=AlertParams(), as_of=AS_OF, stage=staged)
    assert {
        (row["kind"], row["subject_id"], row["measure"]) for row in made[0].collect() if row["subject"] == "product"
    } == {("returns", "tea", 9)}


def test_an_alert_is_raised_once_updated_and_closed_when_it_no_longer_holds(spark: SparkSession) -> None:
    orders = [sale("ann", 65), sale("bob", 65), sale("bob", 3)]
    day = AS_OF - timedelta(days=30)
    first, totals = run(spark, orders, as_of=day)
    assert {key: (row["raised_on"], row["reference"]) for key, row in first.items()} == {
        ("inactive", "ann"): (day, 30),
        ("inactive", "bob"): (day, 30),
    }
    assert (totals[0]["open"], totals[0]["raised"], totals[0]["closed"]) == (2, 2, 0)
    second, totals = run(spark, orders, before=[{"as_of": day, **row} for row in first.values()])
    ann, bob = second["inactive", "ann"], second["inactive", "bob"]
    assert (ann["raised_on"], ann["reference"], ann["since"], ann["status"]) == (
        day,
        60,
        day - timedelta(days=5),
        "open",
    )
    assert (bob["status"], bob["closed_on"], bob["raised_on"]) == ("closed", AS_OF, day)
    assert bob["evidence"] == "No longer the case. Before: No order for 35 days; one day with an order so far."
    assert (bob["evidence_code"], bob["evidence_values"]["was"]) == ("closed", "inactive_once")
    assert (totals[0]["open"], totals[0]["raised"], totals[0]["closed"]) == (1, 0, 1)
    third, _ = run(spark, orders, before=[{"as_of": AS_OF, **row} for row in second.values()])
    assert ("inactive", "bob") not in third


def test_who_is_leaving_has_fallen_since_the_last_look_and_stays_told_while_low(spark: SparkSession) -> None:
    orders = [sale(who, 50) for who in ("fell", "low", "high")]

    def known(**alive: float) -> Rows:
        return [{"customer_id": who, "p_alive": p} for who, p in alive.items()]

    first, _ = run(spark, orders, alive=(known(fell=0.3, low=0.3, high=0.8), known(fell=0.7, low=0.4, high=0.99)))
    assert [who for kind, who in first if kind == "churn_risk"] == ["fell"]
    row = first["churn_risk", "fell"]
    assert (row["measure"], row["reference"]) == (0.3, 0.7)
    assert row["evidence"].startswith("The probability of another order fell from 70% to 30%; no order for 50 days")
    before = [{"as_of": AS_OF - timedelta(days=7), **row} for row in first.values()]
    second, _ = run(spark, orders, alive=(known(fell=0.25), known(fell=0.3)), before=before)
    assert second["churn_risk", "fell"]["evidence"].startswith("The probability of another order fell from 70% to 25%")
    assert not [who for kind, who in run(spark, orders, alive=(known(fell=0.3), []))[0] if kind == "churn_risk"]


def test_another_model_is_no_sign_that_a_customer_leaves(spark: SparkSession) -> None:
    """BG/NBD holds all who bought once for customers; the next model may not, though they have done nothing."""
    orders = [sale(who, 50) for who in ("once", "fell", "unknown")]

    def known(model: str, **told: tuple[float, float | None]) -> Rows:
        return [
            {"customer_id": who, "model": model, "p_alive": alive, "p_return_30": returns}
            for who, (alive, returns) in told.items()
        ]

    then = known("bg_nbd", once=(1.0, 0.06), fell=(0.997, 0.99), unknown=(1.0, None))
    now = known("rhythm", once=(0.005, 0.05), fell=(1e-12, 0.0734), unknown=(0.005, 0.05))
    found, _ = run(spark, orders, alive=(now, then))
    assert [who for kind, who in found if kind == "churn_risk"] == ["fell"]
    row = found["churn_risk", "fell"]
    assert (row["measure"], row["reference"]) == (0.0734, 0.99)
    assert row["evidence"].startswith(
        "The probability of an order within 30 days fell from 99% to 7%; no order for 50 d"
    )
    before = [{"as_of": AS_OF - timedelta(days=7), **row}]
    again, _ = run(spark, orders, alive=(known("rhythm", fell=(1e-12, 0.05)), now), before=before)
    assert again["churn_risk", "fell"]["evidence"].startswith("The probability of another order fell from 99% to 5%")


def test_nothing_of_the_day_of_observation_or_later_is_known(spark: SparkSession) -> None:
    orders = [sale("ann", 40), sale("ann", 0), sale("ann", -5), sale("bob", 0)]
    late = [complaint(n, -(n % 3)) for n in range(12)]
    found, _ = run(spark, orders, [*[complaint(n, 20 + 14 * n) for n in range(20)], *late])
    assert list(found) == [("inactive", "ann")]


def test_awkward_shops_raise_what_they_should(spark: SparkSession) -> None:
    assert run(spark, []) == ({}, [])
    assert list(run(spark, [sale("one", 40, -5)])[0]) == [("inactive", "one")]
    equal = [order for n in range(5) for order in every(f"c{n}", 7, 200, 1)]
    assert run(spark, equal)[0] == {}
    busy = [Order(**{**vars(order), "order_id": f"o{n}"}) for n, order in enumerate(every("busy", 1, 300, 1) * 5)]
    assert run(spark, busy)[0] == {}
    assert run(spark, [sale(None, 5)])[0] == {}


@pytest.mark.parametrize("steps", [[60, 30], [30, 30], [200]])
def test_steps_that_do_not_rise_are_refused(steps: list[int]) -> None:
    with pytest.raises(ValidationError, match="must rise from step to step"):
        AlertParams.model_validate_json(json.dumps({"silent_days": steps}))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_naive_implementation_agrees_on_random_orders(spark: SparkSession, seed: int) -> None:
    as_of = date(2025, 8, 1)
    orders = random_orders(seed, orders=500, customers=60, days=230)
    found, _ = run(spark, orders, as_of=as_of)
    days: dict[str, set[date]] = defaultdict(set)
    year: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        if order.customer_id and order.kind == "sale" and order.ordered_on < as_of:
            days[order.customer_id].add(order.ordered_on)
    for order in orders:
        who = order.customer_id
        if who in days and max(days[who]) - timedelta(days=365) < order.ordered_on < as_of:
            year[who] += order.net_amount
    gaps = {who: [(b - a).days for a, b in zip(sorted(on), sorted(on)[1:], strict=False)] for who, on in days.items()}
    own = {who: sorted(g)[ceil(0.8 * len(g)) - 1] for who, g in gaps.items() if len(g) >= 3}
    of_all = sum(own.values()) / len(own)
    expected: dict[tuple[str, str], float] = {}
    for who, on in days.items():
        silent, n = (as_of - max(on)).days, len(gaps[who])
        limit = (n * own[who] + 3 * of_all) / (n + 3) if who in own else max([*gaps[who], of_all]) if n else None
        if 30 <= silent < 180:
            expected["inactive", who] = max(step for step in (30, 60, 90, 120) if step <= silent)
        if 180 <= silent < 365:
            expected["churned", who] = 180
        if limit is not None and limit < silent < 180:
            expected["overdue", who] = limit
    kinds = ("inactive", "churned", "overdue")
    assert {key: row["reference"] for key, row in found.items() if key[0] in kinds} == pytest.approx(expected)
    assert {key: row["value_at_stake"] for key, row in found.items() if key[0] in kinds} == {
        key: year[key[1]] for key in expected
    }


def test_rates_are_tested_exactly_and_all_that_were_looked_at_count(spark: SparkSession) -> None:
    rng = random.Random(5)
    given = [(f"c{n}", rng.randrange(9), rng.randrange(12), rng.randrange(12, 60)) for n in range(400)]
    counts = spark.createDataFrame(given, "who string, n_recent bigint, n_before bigint, weeks_before bigint")
    p = [float(binom.sf(n - 1, n + before, 12 / (12 + weeks))) for _, n, before, weeks in given]
    q = dict(zip([who for who, *_ in given], false_discovery_control(p), strict=True))
    found = {row["who"]: row for row in poisson_rates.rises(counts, 12.0, 0.05).collect()}
    assert set(found) == {who for who, rate in q.items() if rate <= 0.05}
    assert [row["q_value"] for row in found.values()] == pytest.approx([q[who] for who in found])
    assert poisson_rates.rises(counts.limit(0), 12.0, 0.05).collect() == []
    assert log_false_discovery_rate(np.array([])).size == 0


@pytest.mark.parametrize("worklist", [3, 300])
def test_the_gravest_alert_of_each_subject_is_ranked_by_severity_and_what_is_at_stake(
    spark: SparkSession, worklist: int
) -> None:
    orders = [order for n in range(9) for order in every(f"late{n}", 7, 224, 21 + 6 * n, 5 + 3 * n)]
    orders += [*every("great", 10, 350, 200, 1000), sale("great", 5, 20), sale("once", 200)]
    orders += [*every("frequency_up", 28, 365, 90, 99), *every("frequency_up", 7, 84, 1, 99)]
    burst = [complaint(n, 1 + n % 6) for n in range(12)] + [complaint(n, 20 + 14 * n) for n in range(20)]
    found, totals = run(spark, orders, burst, worklist=worklist)
    urgency = [row["kind"] for row in totals]
    grave = {"high": 0, "medium": 1, "low": 2}

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        is_good = row["kind"] == "frequency_up"
        return grave[row["severity"]], is_good, -row["value_at_stake"], urgency.index(row["kind"]), row["subject_id"]

    gravest = {row["subject_id"]: row for row in sorted(found.values(), key=place, reverse=True)}
    expected = sorted(gravest.values(), key=place)[:worklist]
    ranked = sorted((row for row in found.values() if row["rank"]), key=lambda row: int(row["rank"]))
    assert [(row["rank"], row["kind"], row["subject_id"]) for row in ranked] == [
        (rank, row["kind"], row["subject_id"]) for rank, row in enumerate(expected, start=1)
    ]
    assert {row["kind"]: row["ranked"] for row in totals if row["ranked"]} == Counter(r["kind"] for r in ranked)
    assert {"late0", "great", "tea", "frequency_up"} <= {row["subject_id"] for row in found.values()}
    assert len(found) > len(gravest), "somebody has two alerts"


def test_what_is_closed_is_not_ranked_any_more(spark: SparkSession) -> None:
    orders = [sale("ann", 65), sale("ann", 3), sale("bob", 65)]
    day = AS_OF - timedelta(days=30)
    first, _ = run(spark, orders, as_of=day)
    second, _ = run(spark, orders, before=[{"as_of": day, **row} for row in first.values()])
    assert {who: (row["status"], row["rank"]) for (_, who), row in second.items()} == {
        "ann": ("closed", None),
        "bob": ("open", 1),
    }


ASK = {"action_code": "no_interval", "action_values": {}}
WAIT = {"action_code": "wait", "action_values": {"from_day": "2025-05-01"}}


def test_what_is_at_stake_by_silence_is_what_next_purchase_says_and_else_a_year(spark: SparkSession) -> None:
    late = [order for who in ("told", "untold") for order in every(who, 7, 224, 40, 10)]
    gone = [sale("gone", 200, 30), *every("back", 10, 350, 200, 1000), sale("back", 5, 20)]
    known = [
        {"customer_id": who, "p_alive": 0.4, "value_at_stake": Decimal("12.34"), "next_step": "ask", **ASK}
        for who in ("told", "gone", "back")
    ]
    fell = [{"customer_id": who, "p_alive": 0.9} for who in ("told", "gone", "back")]
    found, _ = run(spark, [*late, *gone], alive=(known, fell))
    at_stake = {key: row["value_at_stake"] for key, row in found.items()}
    mine = Decimal("12.34")
    assert at_stake == {
        **{(kind, "told"): mine for kind in ("inactive", "overdue", "churn_risk")},
        **{(kind, "gone"): mine for kind in ("churned", "churn_risk")},
        ("churn_risk", "back"): mine,
        ("vip_returned", "back"): 16_000,
        **{(kind, "untold"): 270 for kind in ("inactive", "overdue")},
    }


def test_what_is_at_stake_says_how_severe_lateness_is(spark: SparkSession) -> None:
    """Seven customers, each with a year of 28 orders of 10."""
    stakes = {"mean": 280.0, "less": 279.99, "tenth": 28.0, "little": 27.99, "nothing": 0.0}
    names = [*stakes, "calm", "quiet"]
    orders = [order for who in names for order in every(who, 7, 40 + 27 * 7, 40, 10)]
    known = [
        {
            "customer_id": who,
            "p_alive": 0.4,
            "value_at_stake": Decimal(str(value)),
            "next_step": "ask",
            **ASK,
        }
        for who, value in stakes.items()
    ]
    found, _ = run(spark, orders, alive=(known, []))
    told = {kind: {who: found[kind, who]["severity"] for who in stakes} for kind in ("overdue", "inactive")}
    expected = {"mean": "high", "less": "medium", "tenth": "medium", "little": "low", "nothing": "low"}
    assert told == {"overdue": expected, "inactive": expected}
    assert found["overdue", "calm"]["severity"] == "medium"  # far beyond the limit, and nothing is known of the stake


def test_who_next_purchase_leaves_in_peace_is_not_to_be_won_back(spark: SparkSession) -> None:
    rare = every("rare", 190, 951, 185, 1000)
    orders = [*rare, *[sale(f"o{n}", 200, 1) for n in range(9)]]
    told = {"customer_id": "rare", "p_alive": 0.9, "next_step": "wait", **WAIT}
    alone, advised = (run(spark, orders, alive=(rows, []))[0]["churned", "rare"] for rows in ([], [told]))
    assert (alone["severity"], alone["action"][:17]) == ("high", "Win them back wit")
    assert (advised["severity"], advised["action"]) == ("low", "Do not contact before 1 May 2025; then make an offer.")
    late = {**told, "next_step": "ask", **ASK}
    asked = run(spark, orders, alive=([late], []))[0]["churned", "rare"]
    assert (asked["severity"], asked["action_code"]) == ("high", ASK["action_code"]), "one advice for one customer"


def test_good_news_is_never_urgent(spark: SparkSession) -> None:
    rising = [*every("frequency_up", 28, 365, 90, 900), *every("frequency_up", 7, 84, 1, 900)]
    steady = [order for n in range(20) for order in every(f"s{n}", 14, 365, 1 + n % 7)]
    assert run(spark, [*rising, *steady])[0]["frequency_up", "frequency_up"]["severity"] == "medium"
