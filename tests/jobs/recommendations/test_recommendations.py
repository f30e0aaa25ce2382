"""Recommendations: planted habits and rules are found and told, and what is no better than the obvious is not published."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, Row, SparkSession
from shopping import Basket, catalogue, day, declared, order, orders
from staged import staged

from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.recommendations import evaluation, ranked_lists
from vitalfew.jobs.recommendations import transform as module
from vitalfew.jobs.recommendations.signals import evidence
from vitalfew.jobs.recommendations.snapshot import in_numbers, past, world
from vitalfew.jobs.recommendations.tables import RECOMMENDATION_EVALUATION, RECOMMENDATIONS
from vitalfew.jobs.recommendations.transform import RecommendationParams, recommendations
from vitalfew.tables.facts import ORDERS

TODAY = 203
WEEK = RecommendationParams(k=3, holdout_days=7, candidates=20, min_baskets=5, popular_days=30)
METHODS = {"rules", "repeat", "similar", "popular", "blend", "most popular", "buy again"}
PLACES = {"discovery", "new and popular"}

Made = Callable[..., tuple[list[Row], dict[str, Row]]]


@pytest.fixture
def made(spark: SparkSession) -> Made:
    """RECOMMENDATIONS, in order, and RECOMMENDATION_EVALUATION of lists of full length and of places, by method."""

    def make(
        bought: DataFrame,
        products: DataFrame | None = None,
        params: RecommendationParams = WEEK,
        today: int = TODAY,
    ) -> tuple[list[Row], dict[str, Row]]:
        known = catalogue(spark, {}) if products is None else products
        found, evaluated, _ = recommendations(bought, known, params=params, as_of=day(today), stage=staged)
        for frame, table in ((found, RECOMMENDATIONS), (evaluated, RECOMMENDATION_EVALUATION)):
            assert ["as_of", *frame.columns] == list(table.columns)
        whole = {*METHODS, *PLACES}
        rows = [
            r for r in evaluated.collect() if r["k"] == (params.k if r["method"] in METHODS else params.new_products)
        ]
        assert {row["method"] for row in rows} == (whole if params.new_products else METHODS)
        return found.orderBy("customer_id", "rank").collect(), {row["method"]: row for row in rows}

    return make


def published(evaluated: dict[str, Row]) -> list[str]:
    return [method for method, row in evaluated.items() if row["is_published"]]


def four_weekly(customers: int = 40) -> list[Basket]:
    """Each customer buys 12 products of 60, each every 28 days: what was bought often or lately tells nothing."""
    rng = random.Random(3)
    days: dict[tuple[str, int], list[str]] = defaultdict(list)
    for number in range(customers):
        for product in rng.sample(range(60), 12):
            first = rng.randrange(28)
            for on in range(first, TODAY + 7, 28):
                days[f"c{number:02}", on].append(f"p{product:02}")
    return [Basket(who, on, tuple(products)) for (who, on), products in sorted(days.items())]


def before(baskets: list[Basket], today: int = TODAY) -> list[Basket]:
    return [basket for basket in baskets if basket.day < today]


def test_what_is_due_is_foretold_and_told(spark: SparkSession, made: Made) -> None:
    baskets = four_weekly()
    only_due = WEEK.model_copy(update={"new_products": 0})
    found, evaluated = made(orders(spark, before(baskets)), params=only_due)
    assert published(evaluated) == ["blend"]
    assert evaluated["blend"]["ndcg"] > 2 * max(evaluated[m]["ndcg"] for m in ("buy again", "most popular"))
    bought = {(b.customer, p) for b in baskets if TODAY <= b.day < TODAY + 7 for p in b.products}
    hits = [(row["customer_id"], row["product_id"]) in bought for row in found]
    assert len(hits) == 40 * 3
    possible = sum(min(3, n) for n in Counter(who for who, _ in bought).values())
    assert sum(hits) > 0.9 * possible > 80
    for row in found:
        assert row["method"] == "repeat"
        assert row["because"] == [row["product_id"]]
        last = max(
            b.day for b in before(baskets) if b.customer == row["customer_id"] and row["product_id"] in b.products
        )
        assert row["reason_code"] == "often"
        assert dict(row["reason_values"]) == {"gap": "28", "since": str(TODAY - last)}
        assert row["reason"] == f"Bought every 28 days, last {TODAY - last} days ago."


def one_after_the_other() -> list[Basket]:
    """Whoever buys a set of one colour buys the spare parts of that colour a week later; many buy both in one basket."""
    rng = random.Random(4)
    baskets = [Basket(None, rng.randrange(TODAY), (f"set {c}", f"spare {c}")) for c in "abcdefgh" for _ in range(40)]
    for number in range(300):
        colour = rng.choice("abcdefgh")
        on = 161 + number // 60 * 7 + rng.randrange(7)  # sixty customers in each of five weeks, the last before today
        baskets += [
            Basket(f"c{number:03}", on, (f"set {colour}",)),
            Basket(f"c{number:03}", on + 7, (f"spare {colour}",)),
        ]
    return baskets


@pytest.mark.parametrize(
    ("method", "other", "start", "end"),
    [
        ("rules", {"min_buyers": 1000}, "Buyers of Set ", " times as likely to buy this."),
        ("similar", {"min_baskets": 1000}, "Customers who buy Set ", " also buy this."),
    ],
)
def test_what_goes_with_the_last_basket_is_foretold_and_told(
    spark: SparkSession, made: Made, method: str, other: dict[str, int], start: str, end: str
) -> None:
    """By rules, where nothing is similar, and by similar customers, where there are no rules."""
    names = {f"{kind} {c}": f"{kind.title()} {c.upper()}" for kind in ("set", "spare") for c in "abcdefgh"}
    products = catalogue(spark, names, durable=[name for name in names if name.startswith("set")])
    baskets, today = one_after_the_other(), 196
    alone = WEEK.model_copy(update=other)
    found, evaluated = made(orders(spark, before(baskets, today)), products, alone, today)
    assert published(evaluated)[0] == "blend"
    assert evaluated["blend"]["hit_rate"] > 2 * evaluated["most popular"]["hit_rate"]
    assert evaluated["buy again"]["hit_rate"] == 0
    last = {
        b.customer: b.products[0] for b in baskets if 189 <= b.day < today and b.customer and "set" in b.products[0]
    }
    firsts = {row["customer_id"]: row for row in found if row["rank"] == 1 and row["customer_id"] in last}
    right = [row for who, row in firsts.items() if row["product_id"] == last[who].replace("set", "spare")]
    assert len(right) > 0.9 * len(last) > 50
    assert {row["method"] for row in right} == {method}
    for row in right:
        colour = row["product_id"][-1]
        assert row["because"] == [f"set {colour}"]
        assert (row["reason_code"], row["reason_values"]["item"]) == (method, f"Set {colour.upper()}")
        assert row["reason"].startswith(start + colour.upper())
        assert row["reason"].endswith(end)
    assert not [row for row in found if row["product_id"] == last.get(row["customer_id"])], "no durable twice"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_noise_nothing_is_published(spark: SparkSession, made: Made, seed: int) -> None:
    rng = random.Random(seed)
    noise = [
        Basket(f"c{rng.randrange(80)}", rng.randrange(TODAY), tuple(f"p{p:02}" for p in rng.sample(range(30), 2)))
        for _ in range(2000)
    ]
    found, evaluated = made(orders(spark, noise))
    assert evaluated["blend"]["customers"] > WEEK.min_customers
    assert evaluated.keys() == METHODS | PLACES
    assert (found, published(evaluated)) == ([], [])


def test_too_few_customers_prove_nothing(spark: SparkSession, made: Made) -> None:
    bought = orders(spark, before(four_weekly(customers=20)))
    found, evaluated = made(bought)
    assert (found, published(evaluated)) == ([], [])
    assert evaluated["blend"]["ndcg"] > 2 * evaluated["buy again"]["ndcg"]
    fewer = WEEK.model_copy(update={"min_customers": 10})
    assert len(made(bought, params=fewer)[0]) == 20 * 3


@pytest.mark.parametrize("baskets", [[], [Basket("ann", 200, ("tea",))], [Basket(None, 200, ("tea",))]])
def test_almost_nothing_is_no_error(spark: SparkSession, made: Made, baskets: list[Basket]) -> None:
    found, evaluated = made(orders(spark, baskets))
    assert found == []
    assert {row["customers"] for row in evaluated.values()} == {0}
    assert {row["split_on"] for row in evaluated.values()} == {day(TODAY - 7)}


@pytest.mark.parametrize("is_better", [True, False])
def test_places_after_the_list_go_to_new_products_where_these_beat_the_bestsellers(
    spark: SparkSession, made: Made, monkeypatch: pytest.MonkeyPatch, is_better: bool
) -> None:
    """The list itself is the same with places and without."""
    bought, won = orders(spark, before(four_weekly())), evaluation.winner
    by_places = "discovery" if is_better else None
    monkeypatch.setattr(evaluation, "winner", lambda *a, **k: won(*a, **k) if k else by_places)
    found, evaluated = made(bought)
    assert published(evaluated) == ["blend", *(["discovery"] if is_better else [])]
    without = made(bought, params=WEEK.model_copy(update={"new_products": 0}))
    assert [row for row in found if row["rank"] <= WEEK.k] == without[0]
    assert {name: evaluated[name] for name in METHODS} == without[1]
    after = [row for row in found if row["rank"] > WEEK.k]
    known = {(b.customer, p) for b in before(four_weekly()) for p in b.products}
    assert len(after) == (40 if is_better else 0)
    assert {row["rank"] for row in after} <= {WEEK.k + 1}
    assert not {(row["customer_id"], row["product_id"]) for row in after} & known
    assert {row["method"] for row in after} <= {"rules", "similar", "popular"}


def test_a_place_is_measured_by_what_is_new_to_the_customer(spark: SparkSession) -> None:
    """The first product after the list that the customer never bought, and the first bestseller of that kind."""
    rows = [
        ("ann", "tea", True, 0.9),
        ("ann", "ale", False, 0.8),
        ("ann", "oil", False, 0.7),
        ("ann", "rum", False, 0.6),
    ]
    scored = spark.createDataFrame(rows, "customer_id string, product_id string, is_bought boolean, blend double")
    baskets = [
        Basket("ann", 90, ("tea",)),
        *(Basket(f"c{n}", 95, ("ale", "tea", "gin", "rum")[: 4 - n]) for n in range(3)),
    ]
    everything = world(orders(spark, baskets), catalogue(spark, {}), day(120))
    known = past(everything, day(100), params=WEEK, stage=staged, is_today=False)
    two = WEEK.model_copy(update={"k": 2, "popular_days": 15})
    who = known.segments.where("customer_id = 'ann'").select("customer_id")
    found = ranked_lists.places_for_new(scored, known, evidence(known, two, staged), who, "blend", two).collect()
    assert {(row["method"], row["product_id"], row["rank"]) for row in found} == {
        ("discovery", "oil", 1),
        ("new and popular", "gin", 1),
    }
    shown = ranked_lists.shown(scored, "blend", 1, two).orderBy("rank").collect()
    assert [(row["product_id"], row["rank"]) for row in shown] == [("tea", 1), ("ale", 2), ("oil", 3)]


def test_the_half_life_of_buy_again_is_the_one_that_foretells_best(spark: SparkSession) -> None:
    """Salt was bought often and long ago: with 28 days or less tea stands first, with more salt; the longest is taken."""
    baskets = [Basket("ann", on, ("salt",)) for on in (10, 12, 14, 16)] + [Basket("ann", 95, ("tea",))]
    everything = world(orders(spark, baskets), catalogue(spark, {}), day(120))
    known = past(everything, day(100), params=WEEK, stage=staged, is_today=False)
    one, who = WEEK.model_copy(update={"k": 1}), known.segments.select("customer_id")
    strengths = {
        (row["method"], row["product_id"]): row["strength"] for row in ranked_lists.faded(known, who, [7, 60]).collect()
    }
    assert strengths["7", "tea"] == pytest.approx(0.5 ** (5 / 7), abs=1e-9)
    assert strengths["60", "salt"] == pytest.approx(sum(0.5 ** (age / 60) for age in (90, 88, 86, 84)), abs=1e-9)
    for wanted, half_life in (("tea", 28), ("salt", 100_000)):
        came = spark.createDataFrame([("ann", wanted)], "customer_id string, product_id string")
        assert module.half_life(known, came, who, one) == half_life


def test_reasons_of_similar_and_popular_products(
    spark: SparkSession, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    won = evaluation.winner
    monkeypatch.setattr(evaluation, "winner", lambda *a, **k: won(*a, **k) if k else "discovery")
    new_only = WEEK.model_copy(update={"min_log_likelihood_ratio": 1000.0})
    names: dict[str, str | None] = {f"p{number:02}": f"Product {number}" for number in range(60)}
    found, _ = made(orders(spark, before(four_weekly())), catalogue(spark, {**names, "p07": None}), new_only)
    said = defaultdict(list)
    for row in found:
        said[row["method"]].append(row)
    assert {*said} >= {"repeat", "popular"}
    for row in said["similar"]:
        told = " and ".join("p07" if id_ == "p07" else f"Product {int(id_[1:])}" for id_ in row["because"])
        assert row["reason_code"] == ("similar" if len(row["because"]) == 1 else "similar_two")
        assert row["reason"] == f"Customers who buy {told} also buy this."
    for row in said["popular"]:
        assert row["because"] == []
        assert re.fullmatch(
            r"Popular( among [A-Z][a-zA-Z ]+)?: \d+\.\d%( of all customers)? bought this in 30 days\.", row["reason"]
        )
        assert row["reason_code"] == ("popular_segment" if "segment" in row["reason_values"] else "popular")
        assert 0 < float(row["reason_values"]["share"]) <= 1
        assert row["reason_values"]["days"] == "30"
    assert len({row["reason"].split(":")[0] for row in said["popular"]}) > 1


def test_out_of_stock_products_are_not_recommended(spark: SparkSession, made: Made) -> None:
    bought = orders(spark, before(four_weekly()))
    first, with_all = made(bought)
    gone = {row["product_id"] for row in first[:20]}
    products = catalogue(spark, {f"p{number:02}": None for number in range(60)}, gone=gone)
    found, evaluated = made(bought, products)
    assert not gone & {row["product_id"] for row in found}
    assert evaluated == with_all, "what is out of stock today was not when the methods were measured"


def test_orders_of_the_day_of_observation_and_later_are_not_read(spark: SparkSession, made: Made) -> None:
    baskets = four_weekly()
    assert made(orders(spark, baskets)) == made(orders(spark, before(baskets)))


def test_the_blend_is_fitted_without_what_it_is_measured_on(spark: SparkSession) -> None:
    baskets = four_weekly()
    rush = [Basket(f"c{number:02}", TODAY - 3, ("p00", "brand new")) for number in range(40)]

    def fitted(known: list[Basket]) -> module.Weighed:
        everything = world(orders(spark, known), catalogue(spark, {}), day(TODAY))
        return module.fitted(everything, day(TODAY - 14), WEEK, staged)

    assert fitted(before(baskets, TODAY - 7) + rush) == fitted(before(baskets, TODAY - 7))


def test_the_order_of_rows_changes_nothing(spark: SparkSession, made: Made) -> None:
    rows = [order(number, basket) for number, basket in enumerate(before(four_weekly()))]
    shuffled = rows.copy()
    random.Random(5).shuffle(shuffled)
    assert made(declared(spark, ORDERS, shuffled)) == made(declared(spark, ORDERS, rows))


def test_a_method_alone_is_published_where_the_blends_do_not_beat_the_baselines(
    spark: SparkSession, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "winner", lambda *_, **__: "popular")
    found, evaluated = made(orders(spark, before(four_weekly())), params=WEEK.model_copy(update={"new_products": 0}))
    assert published(evaluated) == ["popular"]
    assert {row["method"] for row in found} == {"popular"}
    assert [row["rank"] for row in found] == [1, 2, 3] * 40


@pytest.mark.parametrize("parts", [2, 8])
def test_customers_done_in_parts_change_nothing(
    spark: SparkSession, made: Made, monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    """Nor does a shard without customers: of every two numbers one is of who bought too long ago to be known."""
    long_ago = [Basket(f"c{number:02}!", -700, ("p00",)) for number in range(40)]
    bought = orders(spark, long_ago + before(four_weekly()))
    whole = made(bought)
    assert len({row["customer_id"] for row in whole[0]}) == 40
    monkeypatch.setattr(Stage, "parts", lambda *_: parts)
    assert made(bought) == whole


def test_the_methods_are_measured_on_a_sample_of_the_customers(spark: SparkSession, made: Made) -> None:
    few = WEEK.model_copy(update={"evaluation_customers": 32})
    bought = orders(spark, before(four_weekly()))
    everyone, some = made(bought)[1], made(bought, params=few)[1]
    assert {everyone[name]["customers"] for name in METHODS} == {39}
    assert {some[name]["customers"] for name in METHODS} == {32}
    assert published(some)[0] == published(everyone)[0] == "blend"
    assert 0 < some["popular"]["recall"] != everyone["popular"]["recall"] > 0


def test_a_sample_is_drawn_by_the_hash_of_the_id(spark: SparkSession) -> None:
    ids = [f"c{number:02}" for number in range(40)]
    plain = world(orders(spark, before(four_weekly())), catalogue(spark, {}), day(TODAY))
    drawn = sorted(sorted(ids, key=lambda id_: hashlib.md5(id_.encode(), usedforsecurity=False).hexdigest())[:7])
    for everything in (plain, in_numbers(plain, staged)):
        wanted = everything.days.select("customer_id", "product_id")
        sample = module.drawn(wanted, 7, everything).join(everything.customers, on="customer_id", how="inner")
        assert sorted(row["known_as"] for row in sample.collect()) == drawn


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"k": 10, "candidates": 5}, "candidates is 5; with k = 10 it must be 10 or more"),
        ({"new_products": 101}, "less than or equal to 100"),
        ({"evaluation_customers": 20}, "evaluation_customers is 20; with min_customers = 30 it must be 30 or more"),
        ({"history_days": 50}, "history_days is 50; it must be more than twice holdout_days (28)"),
    ],
)
def test_contradictions_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as error:
        RecommendationParams(**given)
    assert said in str(error.value)


def test_what_came_next_is_what_known_customers_bought_from_that_day_to_the_end_of_the_holdout(
    spark: SparkSession,
) -> None:
    first = [Basket("ann", 90, ("tea",)), Basket("bob", 99, ("tea",))]
    edges = [Basket("ann", on, (f"on {on}",)) for on in (99, 100, 106, 107)]
    others = [Basket("new", 101, ("salt",)), Basket(None, 101, ("oil",)), Basket("ann", 103, ("tea",))]
    everything = world(orders(spark, first + edges + others), catalogue(spark, {}), day(120))
    known = past(everything, day(100), params=WEEK, stage=staged, is_today=False)
    found = {(row["customer_id"], row["product_id"]) for row in module.came_next(everything, known, WEEK).collect()}
    assert found == {("ann", "on 100"), ("ann", "on 106"), ("ann", "tea")}


def test_the_baselines_are_what_one_and_what_all_bought_most_but_no_durable_twice(spark: SparkSession) -> None:
    ann = [Basket("ann", on, ("drill", "tea")) for on in (80, 90)] + [
        Basket("ann", 95, ("oil",)),
        Basket("ann", 70, ("salt",)),
    ]
    bob = [Basket("bob", 60, ("drill", "ale", "oil")), Basket("bob", 99, ("tea",))]
    products = catalogue(spark, {"drill": None}, durable=["drill"])
    everything = world(orders(spark, [*ann, *bob, Basket("cat", 99, ("drill",))]), products, day(120))
    known = past(everything, day(100), params=WEEK, stage=staged, is_today=False)
    speaking = evidence(known, WEEK.model_copy(update={"popular_days": 15}), staged)
    who = known.segments.where("customer_id != 'bob'").select("customer_id")
    again = ranked_lists.faded(known, who, [100_000])
    popular = ranked_lists.bestsellers(known, speaking, who, "most popular")
    rows = again.unionByName(popular).orderBy("strength", ascending=False).collect()
    found = defaultdict(list)
    for row in rows:
        found[row["method"], row["customer_id"]].append((row["product_id"], round(row["strength"])))
    assert found == {
        ("100000", "ann"): [("tea", 2), ("oil", 1), ("salt", 1)],
        ("most popular", "ann"): [("tea", 2), ("oil", 1)],
        ("most popular", "cat"): [("tea", 2), ("oil", 1)],
    }
