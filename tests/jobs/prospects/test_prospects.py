"""Prospects: planted chances, a naive panel, what must not leak, and inputs that are odd."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from staged import staged
from visitors import AS_OF, EUROS, Rows, Shop, at_noon, day_at, event, local, made, order, params, planted

from vitalfew.algorithms.statistics.monotone import Curve, log_odds
from vitalfew.jobs.prospects import scored
from vitalfew.jobs.prospects.judged import BackTest, compared, judged, reliability
from vitalfew.jobs.prospects.level import SPREAD, shift_of
from vitalfew.jobs.prospects.panel import SIGNS, Panel, collected, known_then, moments, with_signs
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.people import days_of, first_orders, people_of
from vitalfew.jobs.prospects.report import REPORT
from vitalfew.jobs.prospects.tables import TABLES
from vitalfew.jobs.prospects.transform import is_person
from vitalfew.messages.message import Message
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked
from vitalfew.tables.sources import PRODUCTS

ROOT = Path(__file__).parents[3]
CHINESE = Words("zh", "EUR")


def panel_frame(spark: SparkSession, shop: Shop, asked: ProspectsParams, begin_ago: int = 10_000) -> DataFrame:
    """Everybody at moments of the past, with their signs."""
    read = shop.frames(spark)
    days = staged(days_of(read["events"], read["customers"], read["referrals"], asked, AS_OF))
    people = people_of(days, first_orders(read["orders"], AS_OF), read["customers"], read["referrals"], asked, AS_OF)
    return with_signs(moments(staged(people).where(is_person()), begin_ago, asked), days, asked)


def random_shop(seed: int) -> Shop:
    """People with events before, on and after their first order; registrations and referrals early, late and to come."""
    rng = random.Random(seed)
    shop = Shop()
    kinds = ["View", "view", " cart", "search", "wishlist", "review", "campaign", "purchase"]
    for number in range(60):
        who = f"v{number}"
        for _ in range(rng.randrange(0, 12)):
            product = rng.choice([None, "p0", "p1", "p2"])
            channel = rng.choice([None, " ", "web", "app"])
            shop.events.append(
                event(who, rng.randrange(-3, 200), rng.choice(kinds), product, rng.randrange(24), channel=channel)
            )
        if rng.random() < 0.5:
            shop.orders.append(
                order(f"{number}a", who, rng.randrange(1, 200), kind=rng.choice(["sale", "return", "cancelled"]))
            )
        if rng.random() < 0.3:
            shop.orders.append(order(f"{number}b", who, rng.randrange(1, 200)))
        if rng.random() < 0.5:
            joined = rng.choice([None, day_at(rng.randrange(-2, 200))])
            shop.customers.append(
                {"customer_id": who, "joined_on": joined, "region": rng.choice([None, " ", "north", "south"])}
            )
        if rng.random() < 0.3:
            at = at_noon(rng.randrange(-2, 200))
            shop.referrals.append({"referrer_id": rng.choice([who, "v1"]), "customer_id": who, "referred_at": at})
    shop.events += [event(None, 20), event("v2", 30, product="p9")]
    return shop


def naive_panel(
    shop: Shop, asked: ProspectsParams, drawn: dict[tuple[str, int], int]
) -> dict[tuple[str, int], dict[str, Any]]:
    """The same, person by person and event by event; only the day in each period is taken from `drawn`."""
    ignored = {*asked.ignored_kinds}
    seen: dict[str, list[tuple[int, str, str | None]]] = defaultdict(list)
    for each in shop.events:
        ago = (AS_OF - each["happened_at"].date()).days
        kind = each["kind"].strip().lower()
        if each["customer_id"] and ago > 0 and kind not in ignored:
            seen[each["customer_id"]].append((ago, kind, each["product_id"]))
    bought: dict[str, int] = {}
    for each in shop.orders:
        if each["kind"] in ("sale", "return"):
            bought[each["customer_id"]] = max(bought.get(each["customer_id"], 0), (AS_OF - each["ordered_on"]).days)
    joined = {
        c["customer_id"]: (AS_OF - c["joined_on"]).days
        for c in shop.customers
        if c["joined_on"] and c["joined_on"] < AS_OF
    }
    brought: dict[str, int] = {}
    for each in shop.referrals:
        ago = (AS_OF - each["referred_at"].date()).days
        if each["referrer_id"] != each["customer_id"] and ago > 0:
            brought[each["customer_id"]] = max(brought.get(each["customer_id"], 0), ago)
    found = {}
    for (who, period), at in drawn.items():
        own = [(ago - at, kind, product) for ago, kind, product in seen[who] if 0 < ago - at <= asked.memory_days]
        there = [since for since, _, _ in own]
        quiet = [
            ago - at
            for ago in (joined.get(who), brought.get(who))
            if ago is not None and 0 < ago - at <= asked.memory_days
        ]
        if not there and not quiet:
            continue
        known = [ago for ago, _, _ in seen[who]] + [
            ago for ago in (joined.get(who), brought.get(who)) if ago is not None
        ]
        if max(known) <= bought.get(who, 0) or bought.get(who, 0) > at:
            continue
        row: Counter[str] = Counter(recency_days=min(there + quiet), known_days=max(there + quiet))
        for days, name in ((7, "active_days_7"), (30, "active_days_30"), (asked.memory_days, "active_days")):
            row[name] = len({since for since in there if since <= days})
        for since, kind, _ in own:
            name = {"search": "searches", "view": "views", "cart": "carts", "wishlist": "wishes"}.get(kind, "others")
            row[name] += 1
            row[f"{name}_30"] += since <= 30
        row["products"] = len({(since, product) for since, _, product in own if product})
        row["is_registered"] = joined.get(who, 0) > at
        row["is_referred"] = brought.get(who, 0) > at
        found[who, period] = {name: int(row[name]) for name in SIGNS}
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_a_naive_second_implementation_sees_the_same_before_each_moment(seed: int, spark: SparkSession) -> None:
    shop, asked = random_shop(seed), params(memory_days=45, spacing_days=15, periods=8)
    rows = panel_frame(spark, shop, asked).collect()
    ids = local(spark, PRODUCTS, [{"product_id": f"v{n}"} for n in range(60)]).select(
        F.col("product_id").alias("customer_id")
    )
    early = ids.withColumns({name: F.lit(None).cast("int") for name in ("order_ago",)}).withColumn(
        "seen_ago", F.lit(9999)
    )
    drawn = {(row["customer_id"], row["period"]): row["moment_ago"] for row in moments(early, 10_000, asked).collect()}
    assert len(drawn) == 60 * 8
    assert all(15 * period <= at < 15 * (period + 1) for (_, period), at in drawn.items()), "a day of each period"
    assert len({at % 15 for at in drawn.values()}) == 15, "and not the same for all"
    found = {(row["customer_id"], row["period"]): {name: int(row[name]) for name in SIGNS} for row in rows}
    assert len(found) > 40
    assert found == naive_panel(shop, asked, drawn)


def test_what_happens_at_the_moment_or_later_changes_nothing_of_what_was_known_then(spark: SparkSession) -> None:
    shop, asked = random_shop(3), params(memory_days=45, spacing_days=15, periods=8)
    cut = 60
    past = Shop(
        shop.orders,
        [e for e in shop.events if (AS_OF - e["happened_at"].date()).days > cut],
        [
            {**c, "region": None, "joined_on": None} if c["joined_on"] and c["joined_on"] >= day_at(cut) else c
            for c in shop.customers
        ],
        [r for r in shop.referrals if r["referred_at"].date() < day_at(cut)],
    )

    def known(of: Shop) -> dict[tuple[str, int], tuple[Any, ...]]:
        at = panel_frame(spark, of, asked).where(F.col("moment_ago") >= cut)
        rows = at.select("customer_id", "period", *SIGNS, *known_then(asked)).collect()
        return {(row[0], row[1]): tuple(row)[2:] for row in rows}

    whole = known(shop)
    assert len(whole) > 20
    assert whole == known(past)


@pytest.mark.both_engines
def test_a_drawn_shop(spark: SparkSession) -> None:
    shop = Shop(
        orders=[
            order(1, "old", 400),
            order(2, "won", 20, 30.0, ["tea", "cup"]),
            order(3, "undone", 5, kind="cancelled"),
        ],
        events=[
            event("ann", 3, "view", "tea", channel="app"),
            event("ann", 3, "view", "cup", hour=8, channel="web"),
            event("ann", 1, "cart", "tea"),
            event("won", 25, "view", "tea"),
            event("won", 10, "view", "pot"),
            event("old", 3),
            event("undone", 9, "search"),
            event("sleepy", 181),
            *[event("robot", 2) for _ in range(11)],
            event("ann", 2, "campaign"),
            event("late", 0),
        ],
        customers=[{"customer_id": "reg", "joined_on": day_at(40)}, {"customer_id": "soon", "joined_on": day_at(-1)}],
        referrals=[{"referrer_id": "old", "customer_id": "reg", "referred_at": at_noon(50)}],
        products=[
            {"product_id": "tea", "category": "drinks"},
            {"product_id": "cup", "category": "dishes", "is_available": False},
        ],
    )
    out = made(spark, shop, max_daily_events=10)
    rows = {row["customer_id"]: row for row in out["prospects"]}
    assert {*rows} == {"ann", "undone", "reg"}, "a cancelled order makes no customer"
    ann = rows["ann"]
    assert (ann["first_seen_on"], ann["last_seen_days"], ann["active_days_7"], ann["views"], ann["carts"]) == (
        day_at(3),
        1,
        2,
        2,
        1,
    )
    assert (ann["looks_for"], ann["looks_for_product_id"], ann["first_offer_product_id"]) == ("drinks", "tea", "tea")
    assert ann["offer_rate"] == pytest.approx((1 + 20 / 3) / (2 + 20), abs=1e-6), (
        "won looked at it and bought it; of three looks one was bought"
    )
    assert (rows["reg"]["is_registered"], rows["reg"]["is_referred"], rows["reg"]["last_seen_days"]) == (True, True, 40)
    assert rows["reg"]["first_seen_on"] == day_at(50)
    assert (rows["reg"]["first_offer_product_id"], rows["reg"]["offer_basis"]) == ("p0", "popular"), (
        "ties by name; cups are out of stock"
    )
    assert rows["reg"]["offer_rate"] == 0.5
    assert {row["verdict"] for row in rows.values()} == {"unknown"}
    (totals,) = out["prospect_totals"]
    counted = {"people": 5, "prospects": 3, "silent": 1, "converted": 1, "automatic": 1, "customers": 2}
    assert {name: totals[name] for name in counted} == counted
    assert [row["reason"] for row in out["prospect_evaluation"]] == ["too_few", "too_few"]
    assert {row["reason_code"] for row in rows.values()} == {"predicted"}, "one figure for all, as few are known"


@pytest.fixture(scope="module")
def shop() -> Shop:
    return planted(5, people=4000)


@pytest.fixture(scope="module")
def found(shop: Shop, spark: SparkSession) -> dict[str, Rows]:
    return made(spark, shop, contact_cost=1.0)


def test_planted_chances_are_found_calibrated_and_beat_every_simple_rule(found: dict[str, Rows]) -> None:
    by = {(row["horizon_days"], row["method"]): row for row in found["prospect_evaluation"]}
    for horizon in (30, 90):
        ours = by[horizon, "behaviour"]
        assert (ours["is_published"], ours["reason"], ours["is_calibrated"], ours["test_periods"]) == (
            True,
            "better",
            True,
            3,
        )
        for rule in ("base_rate", "last_visit", "visits_7"):
            row = by[horizon, rule]
            assert row["brier_gain"] == pytest.approx(row["brier"] - ours["brier"])
            assert row["brier"] > ours["brier"]
            assert row["auc"] < ours["auc"]
            assert not row["is_published"]
        assert ours["lift_of_tenth"] > 3.5
    bins = found["prospect_reliability"]
    assert len(bins) >= 12
    for row in bins:
        assert row["low"] - 0.03 <= row["predicted"] <= row["high"] + 0.03
    weights = {row["sign"]: row["weight"] for row in found["prospect_signs"] if row["horizon_days"] == 90}
    assert weights["region"] > 0.1 > weights["first_channel"] > -0.1, "the north orders more; channels say nothing"


def test_the_list_goes_by_probability_value_and_cost(found: dict[str, Rows], shop: Shop) -> None:
    region = {row["customer_id"]: row["region"] for row in shop.customers}
    (totals,) = found["prospect_totals"]
    assert totals["is_likeness_used"]
    assert totals["value_high"] > totals["value_middle"] > 0
    rows = found["prospects"]
    assert len(rows) == totals["prospects"] > 500
    assert {region[row["customer_id"]] for row in rows if row["likeness"] == "high"} >= {"north"}
    north = [row for row in rows if region[row["customer_id"]] == "north"]
    assert all(row["likeness"] == "high" for row in north)
    for row in rows:
        assert row["worth"] == pytest.approx(
            Decimal(str(round(row["p_order_90"] * float(row["expected_value"]), 2))), abs=Decimal("0.011")
        )
        gain = float(row["worth"]) * 0.1 * 0.3
        assert row["verdict"] == ("contact" if gain >= 1.0 else "nurture" if gain >= 0.05 else "leave")
        assert row["p_order_90"] >= row["p_order_30"]
    assert {row["verdict"] for row in rows} == {"contact", "nurture", "leave"}
    distinct = {
        (row["trait"], row["value"]) for row in found["prospect_profile"] if row["is_distinct"] and row["lift"] > 1
    }
    assert distinct == {("region", "north")}


def test_sql_gives_the_probabilities_of_the_model(spark: SparkSession) -> None:
    asked = params()
    frame = staged(panel_frame(spark, planted(6, people=900), asked))
    panel = collected(frame, asked)
    result = replace(judged(panel, 90, asked), method="behaviour")
    assert result.model is not None
    assert result.model.calibration.knots
    at = frame.where("period <= 2").select(F.xxhash64("customer_id").alias("who"), "period", *SIGNS, *known_then(asked))
    rows = scored.with_probability(at, result, panel.values, asked).select("who", "period", "p_order_90").collect()
    expected = dict(
        zip(zip(panel.who.tolist(), panel.period.tolist(), strict=True), result.model.probability(panel), strict=True)
    )
    assert len(rows) > 200
    for row in rows:
        assert row["p_order_90"] == pytest.approx(expected[row["who"], row["period"]], abs=2e-6)


def drawn_panel(seed: int, people: int, speaks: float) -> tuple[Panel, np.ndarray[Any, Any]]:
    """A panel without an engine, and the true chance of a first order in the 30 days after each moment."""
    rng = np.random.default_rng(seed)
    size = people * 6
    who, period = np.repeat(rng.integers(-(2**62), 2**62, people), 6), np.tile(np.arange(1, 7), people)
    signs = np.zeros((size, len(SIGNS)), dtype=np.int64)
    signs[:, SIGNS.index("recency_days")] = rng.integers(1, 120, size)
    signs[:, SIGNS.index("active_days_7")] = rng.poisson(0.7, size)
    signs[:, SIGNS.index("carts_30")] = rng.poisson(0.3, size)
    codes = np.column_stack([rng.integers(-1, 4, size) for _ in range(2)])
    odds = -2.2 + speaks * (
        np.minimum(1.2 * signs[:, SIGNS.index("active_days_7")], 2.5)
        - 0.02 * signs[:, SIGNS.index("recency_days")]
        + 0.8 * (codes[:, 0] == 2)
    )
    chance = 1 / (1 + np.exp(-odds))
    at = period * 30 + rng.integers(0, 30, size)
    order_ago = np.where(rng.random(size) < chance, at - rng.integers(0, 30, size), -1)
    return Panel(who, period, at, order_ago, signs, codes, (("a", "b", "c", "d"),) * 2), chance


@pytest.mark.parametrize("seed", range(4))
def test_probabilities_are_those_that_were_planted_over_seeds(seed: int) -> None:
    """Also where log-odds are no straight line of what the model sees."""
    panel, chance = drawn_panel(seed, 2500, 1.0)
    asked = params(attributes=["region"], periods=6)
    result = judged(panel, 30, asked)
    assert (result.method, result.reason) == ("behaviour", "better")
    assert result.model is not None
    p = result.model.probability(panel)
    order_ = np.argsort(p)
    for part in np.array_split(order_, 10):
        assert abs(p[part].mean() - chance[part].mean()) < 0.03
    assert np.corrcoef(p, chance)[0, 1] > 0.9
    assert all(bin_.low - 0.03 <= bin_.predicted <= bin_.high + 0.03 for bin_ in result.bins)


def fading(seed: int, size: int = 6000) -> tuple[Panel, np.ndarray]:
    """Who orders is told by visits, and ten times as many order in the first period as in the last."""
    rng = np.random.default_rng(seed)
    who, period = np.arange(size) * 7919 % 2**31, rng.integers(0, 10, size)
    signs = np.zeros((size, len(SIGNS)), dtype=np.int64)
    signs[:, SIGNS.index("active_days_7")] = rng.integers(0, 5, size)
    signs[:, SIGNS.index("recency_days")] = 3
    chance = 1 / (1 + np.exp(-(-3.2 + 0.3 * period + 0.5 * signs[:, SIGNS.index("active_days_7")])))
    at = period * 30 + rng.integers(0, 30, size)
    order_ago = np.where(rng.random(size) < chance, at - rng.integers(0, 30, size), -1)
    return Panel(who, period, at, order_ago, signs, np.zeros((size, 0), dtype=np.int64), ()), chance


@pytest.mark.parametrize("seed", range(3))
def test_where_first_orders_become_rarer_probabilities_are_those_of_today(seed: int) -> None:
    panel, chance = fading(seed)
    result = judged(panel, 30, params(attributes=[], periods=10))
    now = panel.period == 0  # whose outcome is not known; the level is that of a period before
    published = result.model if result.method == "behaviour" else result.rule
    assert published is not None
    assert result.shift < -0.3
    assert published.probability(panel.at(now)).mean() < 1.7 * chance[now].mean(), "else three times"
    score = result.scores[str(result.method)]
    assert score.predicted < 1.7 * score.found, "else 2.3 times"


def test_a_dozen_first_orders_do_not_show_that_probabilities_hold() -> None:
    result = judged(fading(0, size=300)[0], 30, params(attributes=[], periods=10))
    assert (result.method, result.reason, result.conversions) == ("base_rate", "too_few", 13)
    assert all(bin_.is_right for bin_ in result.bins), "so few hold within any interval"
    assert result.is_calibrated is None


@pytest.mark.parametrize("learnt", [Curve(), Curve((-2.0,), (-1.0,)), Curve((-3.0, 0.0, 1.0), (-2.5, 0.5, 0.6))])
def test_a_curve_that_was_moved_is_the_same_in_columns(spark: SparkSession, learnt: Curve) -> None:
    curve, odds = learnt.moved(-0.7), [-9.0, -3.0, -2.0, -0.5, 0.0, 0.4, 1.0, 6.0]
    frame = spark.createDataFrame([(each,) for each in odds], "odds double")
    found = [
        row["p"] for row in frame.orderBy("odds").select(scored.on_curve(F.col("odds"), curve).alias("p")).collect()
    ]
    assert found == pytest.approx(curve.at(np.array(odds)).tolist())
    assert found == pytest.approx((learnt.at(np.array(odds)) - 0.7).tolist())


@pytest.mark.parametrize("ordered", [[], [True], [False], [True] * 500, [False] * 500])
def test_the_shift_of_nobody_one_and_all_is_finite_and_the_most_probable(ordered: list[bool]) -> None:
    rows, outcome = np.full(len(ordered), 1e-9), np.array(ordered, dtype=bool)
    found = shift_of(rows, outcome)
    p = 1 / (1 + np.exp(-(log_odds(rows) + found)))
    assert float((outcome - p).sum()) == pytest.approx(found / SPREAD**2, abs=1e-6)


def test_a_level_that_does_not_move_is_hardly_ever_moved() -> None:
    shifts = [
        judged(drawn_panel(200 + seed, 400, 1.0)[0], 30, params(attributes=["region"], periods=6)).shift
        for seed in range(20)
    ]
    assert sum(shift != 0 for shift in shifts) <= 3


def test_where_behaviour_says_nothing_it_is_hardly_ever_believed() -> None:
    results = [
        judged(drawn_panel(100 + seed, 300, 0.0)[0], 30, params(attributes=["region"], periods=6)) for seed in range(30)
    ]
    methods = Counter(result.method for result in results)
    assert methods["behaviour"] <= 1
    assert methods["base_rate"] >= 27
    assert all(result.reason == "not_better" for result in results if result.method != "behaviour")


def test_the_visit_that_converts_gives_nothing_away(spark: SparkSession) -> None:
    """Everybody visits at random; who orders was there the day before. At the moment of the order that tells all."""
    rng = random.Random(8)
    shop = Shop()
    for number in range(900):
        who, begin = f"v{number}", rng.randrange(40, 420)
        bought = rng.randrange(1, begin) if rng.random() < 0.5 else None
        shop.events += [event(who, ago) for ago in range(begin, bought or 0, -1) if rng.random() < 0.1 or ago == begin]
        if bought:
            shop.events.append(event(who, bought + 1, "cart"))
            shop.orders.append(order(number, who, bought))
    asked = params(attributes=[])
    panel = collected(panel_frame(spark, shop, asked), asked)
    known = panel.at(panel.is_known(30))
    ordered = known.ordered(30)
    carts = known.signs[:, SIGNS.index("carts")] > 0
    assert ordered.sum() > 80
    assert carts.sum() < 0.06 * ordered.sum() + 10, "hardly any moment lies between the cart and the order"
    assert not carts[~ordered].any()
    tested = judged(panel, 30, asked)
    assert tested.scores["behaviour"].auc == pytest.approx(0.5, abs=0.1), "a model of the last visit would have 1"


def test_censored_moments_are_neither_yes_nor_no() -> None:
    panel, _ = drawn_panel(1, 50, 1.0)
    assert not panel.is_known(90)[panel.moment_ago < 90].any()
    at = panel.at(panel.is_known(90))
    assert (at.moment_ago >= 90).all()
    nothing = np.zeros((1, len(SIGNS)), dtype=np.int64), np.zeros((1, 0), dtype=np.int64), ()
    one = Panel(np.array([1]), np.array([3]), np.array([90]), np.array([0]), *nothing)
    assert not one.ordered(90)[0], "an order on the day of observation is of the future"
    for order_ago, holds in ((90, True), (1, True), (0, False), (-1, False), (60, True)):
        row = Panel(one.who, one.period, one.moment_ago, np.array([order_ago]), one.signs, one.codes, ())
        assert row.ordered(90)[0] == holds
    later = Panel(one.who, one.period, np.array([100]), np.array([70]), one.signs, one.codes, ())
    assert not later.ordered(30)[0], "30 days are over"
    assert later.ordered(31)[0], "the day of the moment is the first of the horizon"


def test_a_test_period_is_predicted_from_outcomes_that_were_known_by_then() -> None:
    """Orders of the last 60 days before a moment that is tested say nothing, as nobody knew them yet."""
    panel, _ = drawn_panel(4, 2500, 1.0)
    asked = params(attributes=["region"], periods=6, test_periods=1)
    before = judged(panel, 30, asked)
    hidden = (panel.period > 1) & (panel.moment_ago - 30 < 59)
    assert hidden.sum() > 2000
    other = Panel(
        panel.who,
        panel.period,
        panel.moment_ago,
        np.where(hidden, panel.moment_ago, panel.order_ago),
        panel.signs,
        panel.codes,
        panel.values,
    )
    assert judged(other, 30, asked).scores["behaviour"].brier == before.scores["behaviour"].brier
    assert before.periods == 1


def test_a_better_rule_is_used_where_behaviour_adds_nothing() -> None:
    rng = np.random.default_rng(1)
    chance = np.where(np.arange(4000) % 4 == 0, 0.4, 0.05)
    ordered = rng.random(4000) < chance
    flat = np.full(4000, ordered.mean())
    told = {"behaviour": flat, "base_rate": flat, "last_visit": chance, "visits_7": flat}
    _, reason, method = compared(BackTest(3, np.arange(4000), ordered, told), params())
    assert (reason, method) == ("not_better", "last_visit")
    bins = reliability(BackTest(3, np.arange(4000), ordered, told), chance)
    assert [(each.moments, each.is_right) for each in bins] == [(3000, True), (1000, True)]
    wrong = reliability(BackTest(3, np.arange(4000), ordered, told), np.where(chance > 0.1, 0.8, 0.05))
    assert [each.is_right for each in wrong] == [True, False]


ODD: dict[str, tuple[Shop, str, int]] = {
    "nothing at all": (Shop(), "no_behaviour", 0),
    "orders of nobody": (Shop(orders=[order(1, None, 5)]), "no_behaviour", 0),
    "events of customers only": (Shop(orders=[order(1, "a", 9)], events=[event("a", 3)]), "no_behaviour", 0),
    "events of nobody": (Shop(orders=[order(1, "a", 9)], events=[event(None, 3)]), "no_behaviour", 0),
    "everybody converted": (
        Shop(
            orders=[order(n, f"v{n}", n % 50 + 1) for n in range(90)],
            events=[event(f"v{n}", n % 50 + 40) for n in range(90)],
        ),
        "no_prospects",
        0,
    ),
    "nobody converted": (Shop(events=[event(f"v{n}", n % 170 + 1) for n in range(200)]), "scored", 200),
    "one person": (Shop(events=[event("a", 1)]), "not_predicted", 1),
    "only what is to come": (
        Shop(events=[event("a", -1)], customers=[{"customer_id": "b", "joined_on": day_at(-9)}]),
        "no_behaviour",
        0,
    ),
    "only a referral of oneself": (
        Shop(referrals=[{"referrer_id": "a", "customer_id": "a", "referred_at": at_noon(3)}]),
        "no_behaviour",
        0,
    ),
    "only registered": (
        Shop(customers=[{"customer_id": f"v{n}", "joined_on": day_at(n + 1)} for n in range(40)]),
        "not_predicted",
        40,
    ),
    "orders of less than nothing": (
        Shop(orders=[order(n, f"c{n}", 200 + n, -5.0) for n in range(120)], events=[event("a", 1)]),
        "not_predicted",
        1,
    ),
}


@pytest.mark.parametrize("name", [*ODD])
def test_odd_shops_are_said_what_they_are(name: str, spark: SparkSession) -> None:
    shop, state, prospects = ODD[name]
    out = made(spark, shop)
    (totals,) = out["prospect_totals"]
    assert (totals["state"], totals["prospects"], len(out["prospects"])) == (state, prospects, prospects)
    frames = {table.name: local(spark, table, [{"as_of": AS_OF, **row} for row in out[table.name]]) for table in TABLES}
    frames["products"] = local(spark, PRODUCTS, [])
    for words in (EUROS, CHINESE):
        (section,) = REPORT.sections(frames, Asked(None, AS_OF, words))
        assert all(line.text.text(words) for line in section.facts if isinstance(line.text, Message))
        (drawn,) = REPORT.evidence(frames, Asked(None, AS_OF, words))
        assert drawn.answer.text(words)


@pytest.mark.parametrize("as_of", [date(9999, 12, 31), date(1, 3, 1)])
def test_a_calendar_that_ends_breaks_nothing(as_of: date, spark: SparkSession) -> None:
    shop = Shop(
        orders=[order(1, "b", 2, as_of=as_of)],
        events=[event("a", ago, as_of=as_of) for ago in (1, 30, 58)] + [event("b", 5, as_of=as_of)],
        customers=[{"customer_id": "c", "joined_on": as_of - timedelta(days=3)}],
    )
    out = made(spark, shop, as_of)
    assert {row["customer_id"] for row in out["prospects"]} == {"a", "c"}


def test_that_an_attribute_is_known_is_no_likeness_and_no_sign(spark: SparkSession) -> None:
    """Regions are asked for with the first order: all who have one are customers."""
    shop = planted(9, people=700, region=0.0)
    bought = {row["customer_id"] for row in shop.orders}
    shop.customers = [{**row, "joined_on": None} for row in shop.customers if row["customer_id"] in bought]
    weights = {(row["horizon_days"], row["sign"]): row["weight"] for row in made(spark, shop)["prospect_signs"]}
    assert abs(weights.get((30, "region"), 0.0)) < 0.25
    assert weights[30, "recency_days"] < -0.2


@pytest.fixture(scope="module")
def frames(found: dict[str, Rows], shop: Shop, spark: SparkSession) -> dict[str, DataFrame]:
    made_ = {
        table.name: local(spark, table, [{"as_of": AS_OF, **row} for row in found[table.name]]) for table in TABLES[1:]
    }
    made_["prospects"] = staged(
        spark.createDataFrame(
            [tuple({"as_of": AS_OF, **row}[n] for n in TABLES[0].columns) for row in found["prospects"]],
            TABLES[0].types,
        )
    )
    made_["products"] = local(spark, PRODUCTS, shop.products)
    return made_


def test_the_page_says_it_in_both_languages(frames: dict[str, DataFrame]) -> None:
    for words, first, offer in (
        (EUROS, "without an order did something", "Product"),
        (CHINESE, "未下单的人来过", "Product"),
    ):
        asked = Asked(None, AS_OF, words)
        (section,) = REPORT.sections(frames, asked)
        said = [line.text.text(words) for line in section.facts if isinstance(line.text, Message)]
        assert first in said[0]
        assert {line.code for line in section.facts} == {
            "prospects",
            "effort",
            "sure",
            "speaks",
            "value",
            "profile",
            "left_out",
            "consent",
        }
        (drawn,) = REPORT.evidence(frames, asked)
        assert [chart.code for chart in drawn.charts] == [
            "prospects",
            "prospect_effort",
            "prospect_profile",
            "prospect_reliability",
        ]
        assert all(str(row["offer"]).startswith(offer) for row in drawn.charts[0].rows)
        assert len(drawn.charts[0].rows) == 20


def test_a_page_shows_no_group_of_few(frames: dict[str, DataFrame]) -> None:
    (drawn,) = REPORT.evidence(frames, Asked(None, AS_OF, EUROS, min_group=100_000))
    assert [chart.code for chart in drawn.charts] == []
    (section,) = REPORT.sections(frames, Asked(None, AS_OF, EUROS, min_group=100_000))
    assert {line.code for line in section.facts} == {"prospects", "value", "profile", "consent"}


def test_settings_that_contradict_each_other_are_refused_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        params(
            attributes=["region", "region"], ignored_kinds=["a", " A", ""], test_periods=12, periods=12, nurture_cost=9
        )
    for said in (
        "attributes names one twice",
        "names one twice",
        "an empty name",
        "below periods",
        "above contact_cost",
    ):
        assert said in str(refused.value)


def test_the_file_of_settings_says_the_defaults() -> None:
    written = yaml.safe_load((ROOT / "conf" / "jobs" / "prospects.yml").read_text(encoding="utf-8"))
    assert ProspectsParams.model_validate(written | {"attributes": tuple(written["attributes"])}) == ProspectsParams()
