"""Prospects, attacked: histories that begin late, dates that are wrong, figures that are not known, and few people."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from visitors import AS_OF, Shop, event, local, made, params, planted

from vitalfew.domain.event_kinds import is_kind
from vitalfew.jobs.prospects.behaviour import fitted
from vitalfew.jobs.prospects.likeness import NewCustomers, named
from vitalfew.jobs.prospects.panel import SIGNS, Panel
from vitalfew.jobs.prospects.people import described
from vitalfew.jobs.prospects.scored import verdict
from vitalfew.tables.sources import CUSTOMERS, EVENTS


@pytest.fixture(scope="module")
def whole() -> Shop:
    return planted(5, people=2500)


def ago(day: date) -> int:
    return (AS_OF - day).days


def predicted(spark: SparkSession, shop: Shop) -> tuple[float, int]:
    """The mean probability within 90 days, and how many moments the method of 30 days is learnt from."""
    out = made(spark, shop, attributes=[])
    told = [row["p_order_90"] for row in out["prospects"] if row["p_order_90"] is not None]
    fitted = next(row["fitted_moments"] for row in out["prospect_evaluation"] if row["horizon_days"] == 30)
    return sum(told) / max(1, len(told)), fitted


def test_orders_that_begin_late_make_no_old_customer_a_new_one(whole: Shop, spark: SparkSession) -> None:
    """Before the orders begin nobody orders, and whose first order is not known looks like a prospect who orders."""
    cut = 300
    late = Shop(
        [each for each in whole.orders if ago(each["ordered_on"]) <= cut],
        whole.events,
        whole.customers,
        products=whole.products,
    )
    mean, fitted = predicted(spark, late)
    assert fitted < 7000, "moments before the orders begin say nothing"
    assert 0.065 < mean < 0.095, "0.08 with all orders"


def test_registrations_before_the_events_begin_are_no_people_who_do_nothing(whole: Shop, spark: SparkSession) -> None:
    cut = 200
    events = [each for each in whole.events if ago(each["happened_at"].date()) <= cut]
    _, fitted = predicted(spark, Shop(whole.orders, events, whole.customers, products=whole.products))
    quiet = [{**each, "joined_on": None} for each in whole.customers]
    _, alone = predicted(spark, Shop(whole.orders, events, quiet, products=whole.products))
    stray = [*events, event("clock", 20_000)]
    _, wrong = predicted(spark, Shop(whole.orders, stray, quiet, products=whole.products))
    assert alone == wrong, "an event of 1971 is a wrong clock, and no beginning"
    assert alone < fitted < 6000, "those who registered are people; none of a time without events"


def test_an_attribute_that_says_nothing_does_not_judge_other_people() -> None:
    """Learnt from one half its values hardly differ: a weight without bounds would make much of them in the other."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        people = 900
        who, period = np.repeat(rng.integers(-(2**62), 2**62, people), 4), np.tile(np.arange(3, 7), people)
        signs = np.zeros((len(who), len(SIGNS)), dtype=np.int64)
        signs[:, 0] = rng.integers(1, 120, len(who))
        codes = np.repeat(rng.integers(0, 2, (people, 3)), 4, axis=0)
        ordered = rng.random(len(who)) < np.where(signs[:, 0] < 30, 0.2, 0.05)
        panel = Panel(who, period, period * 30, period * 0 - 1, signs, codes, (("a", "b"),) * 3)
        mean = fitted(panel, ordered, 30).probability(panel).mean()
        assert mean == pytest.approx(ordered.mean(), rel=0.07), seed


def test_nobody_is_contacted_who_orders_anyway(spark: SparkSession) -> None:
    """No effort makes a probability larger than 1."""
    row = spark.sql(
        "select 0.999D p_order_90, cast(null as double) p_order_30, cast(10000 as decimal(28,2)) expected_value"
    )
    rows = row.unionAll(row.selectExpr("0.5D", "p_order_30", "expected_value"))
    rows = rows.withColumn("worth", (F.col("p_order_90") * F.lit(10_000)).cast("decimal(28,2)"))
    told = rows.withColumn("verdict", verdict(params())).select("p_order_90", "verdict").collect()
    assert {float(p): said for p, said in told} == {0.999: "nurture", 0.5: "contact"}


def test_a_word_for_what_nobody_knows_is_no_attribute(spark: SparkSession) -> None:
    """Who never ordered has `Unknown` where customers have a region."""
    texts = ["Unknown", " n/a", "未知", "-", "", None, "North", "none", "0000"]
    rows = [{"customer_id": f"c{n}", "region": text} for n, text in enumerate(texts)]
    found = {
        row["customer_id"]: row["region"]
        for row in described(local(spark, CUSTOMERS, rows), params(), AS_OF).select("customer_id", "region").collect()
    }
    assert [found[f"c{n}"] for n in range(len(texts))] == [None] * 6 + ["North", "none", "0000"]


def test_only_the_most_frequent_values_of_a_trait_make_likeness() -> None:
    """A channel may be an address of a page, of which there are thousands: each would be a branch of a query."""
    size = 4000
    codes = (np.arange(size) % 100)[:, None]
    is_best = np.arange(size) % 5 == 0
    cents = np.where(is_best, 200.0, 50.0)
    of = NewCustomers(np.arange(size) << 16, cents, is_best, codes, ("region",), (tuple(f"v{n}" for n in range(100)),))
    said = named(of, 0, params(max_values=7))
    assert len(said) == 7


@pytest.mark.parametrize("kind", ["Purchase\u00a0", "\tpurchase", "purchase \u200b"])
def test_a_kind_with_white_space_about_it_is_the_same_kind(kind: str, spark: SparkSession) -> None:
    """A purchase with a no-break space would be a sign of interest."""
    rows = local(spark, EVENTS, [event("a", 3, kind)])
    assert [row[0] for row in rows.select(is_kind([" Purchase"])).collect()] == [True]
