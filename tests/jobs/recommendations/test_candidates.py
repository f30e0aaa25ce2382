"""Candidates: what each method proposes, from the past alone, equal to a naive second way."""

from __future__ import annotations

import random
from typing import Any

import naive_recommendations as naive
import pytest
from pyspark.sql import DataFrame, SparkSession
from shopping import Basket, catalogue, day, orders, random_baskets
from staged import staged

from vitalfew.jobs.recommendations import signals as evidences
from vitalfew.jobs.recommendations.candidates import candidates
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.snapshot import Past, in_numbers, past, world

ON = 60
LOOSE = RecommendationParams(
    k=3,
    candidates=6,
    min_baskets=3,
    min_log_likelihood_ratio=1.0,
    min_buyers=2,
    max_basket=4,
    neighbours=4,
    items_per_customer=6,
    recent_items=5,
    recent_days=5,
    popular_days=20,
    history_days=57,
    holdout_days=7,
)


def known(
    spark: SparkSession, baskets: list[Basket], on: int = ON, params: RecommendationParams = LOOSE, **given: Any
) -> Past:
    """The past on a day; `products` and `is_today` as given."""
    products = given.get("products", catalogue(spark, {}))
    everything = world(orders(spark, baskets), products, day(max(b.day for b in baskets) + 1))
    return past(everything, day(on), params=params, stage=staged, is_today=given.get("is_today", False))


def proposed(of: Past, params: RecommendationParams = LOOSE) -> dict[naive.Pair, dict[str, float]]:
    """By customer and product: what each method that proposes it says."""
    speaking = evidences.evidence(of, params, staged)
    rows = candidates(of, speaking, params, of.segments.select("customer_id")).collect()
    found = {}
    for row in rows:
        said = {method: row[method] for method in ("similar", "rules", "popular") if row[method]}
        found[row["customer_id"], row["product_id"]] = {
            **said,
            **({"repeat": row["recent"]} if row["is_bought"] else {}),
        }
    return found


def by_key(frame: DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[key] for key in keys): row.asDict() for row in frame.collect()}


@pytest.mark.parametrize("seed", [pytest.param(1, marks=pytest.mark.both_engines), 2])
def test_candidates_equal_those_of_the_naive_way(spark: SparkSession, seed: int) -> None:
    baskets = random_baskets(seed)
    durable = {"p01", "p05"}
    products = catalogue(spark, {f"p{number:02}": None for number in range(14)}, durable=durable)
    of = known(spark, baskets, products=products)
    segments = {row["customer_id"]: row["segment"] for row in of.segments.collect()}
    expected = naive.candidates(baskets, segments, ON, LOOSE, durable)
    found = proposed(of)
    assert len(expected) > 50
    assert found.keys() == expected.keys()
    for pair, said in expected.items():
        others = {method: strength for method, strength in said.items() if method != "repeat"}
        assert {m: s for m, s in found[pair].items() if m != "repeat"} == pytest.approx(others, abs=1e-8)


def test_numbers_in_place_of_ids_change_nothing(spark: SparkSession) -> None:
    """Neither what is proposed nor who wins a tie."""
    products = catalogue(spark, {"p01": None, "p05": "Tea"}, durable=["p01"], gone=["p05"])
    plain = world(orders(spark, random_baskets(9)), products, day(ON))
    coded = in_numbers(plain, staged)
    assert {row["product_id"] for row in coded.products.collect()} == {*range(1, 15)}
    found = []
    for everything in (plain, coded):
        of = past(everything, day(ON), params=LOOSE, stage=staged, is_today=True)
        frame = candidates(of, evidences.evidence(of, LOOSE, staged), LOOSE, of.segments.select("customer_id"))
        who, what = (
            {r[k]: r["known_as"] for r in f.collect()}
            for k, f in (("customer_id", everything.customers), ("product_id", everything.products))
        )
        rows = [row.asDict() for row in frame.collect()]
        found.append({(who[r.pop("customer_id")], what[r.pop("product_id")]): r for r in rows})
    assert len(found[0]) > 50
    assert found[1] == found[0]


@pytest.mark.parametrize("seed", [3, 4])
def test_habits_equal_those_of_the_naive_way(spark: SparkSession, seed: int) -> None:
    baskets = random_baskets(seed)
    before = [basket for basket in baskets if ON - LOOSE.history_days <= basket.day < ON]
    expected = naive.habits(before, ON, LOOSE.half_life_days)
    found = by_key(known(spark, baskets).habits, "customer_id", "product_id")
    assert found.keys() == expected.keys()
    for pair, habit in expected.items():
        assert {name: found[pair][name] for name in vars(habit)} == pytest.approx(vars(habit), abs=1e-8)


def test_a_rhythm_of_three_gaps_is_the_customers_own_and_a_shorter_one_is_drawn_to_the_products(
    spark: SparkSession,
) -> None:
    ann = [Basket("ann", number, ("milk",)) for number in (10, 20, 30, 40)]
    bob = [Basket("bob", number, ("milk",)) for number in (10, 50)]
    cat = [Basket("cat", 40, ("milk",))]
    found = by_key(known(spark, ann + bob + cat).habits, "customer_id", "product_id")
    milk = 70 / 4  # span 30 + 40 in 4 gaps; drawn to the mean of all products, which is the same
    assert found["ann", "milk"]["gap_days"] == pytest.approx(10)
    assert found["bob", "milk"]["gap_days"] == pytest.approx((40 + 2 * milk) / 3)
    assert found["cat", "milk"]["gap_days"] == pytest.approx(milk)
    assert (found["cat", "milk"]["days"], found["cat", "milk"]["since_days"]) == (1, 20)
    assert found["ann", "milk"]["rebought"] == pytest.approx(2 / 3)


def test_where_nobody_bought_anything_twice_there_is_no_rhythm(spark: SparkSession) -> None:
    habits = known(spark, [Basket("ann", 51, ("milk",)), Basket("bob", 52, ("milk",))]).habits.collect()
    assert [(row["gap_days"], row["rebought"]) for row in habits] == [(None, 0.0), (None, 0.0)]


def test_a_rule_is_measured(spark: SparkSession) -> None:
    """Four of ten baskets hold tea, five hold cake, three hold both."""
    both, tea, cake, other = ("cake", "tea"), ("tea",), ("cake",), ("salt",)
    baskets = [Basket(None, 51, products) for products in [both] * 3 + [tea] + [cake] * 2 + [other] * 4]
    found = by_key(evidences.rules(known(spark, baskets), LOOSE), "item", "other")
    assert found.keys() == {("tea", "cake"), ("cake", "tea")}
    assert found["tea", "cake"]["confidence"] == 3 / 4
    assert found["cake", "tea"]["confidence"] == 3 / 5
    assert found["tea", "cake"]["lift"] == pytest.approx(3 * 10 / (4 * 5))


def test_a_rule_needs_enough_baskets_enough_evidence_and_a_lift_above_one(spark: SparkSession) -> None:
    """Of 40 baskets, salt is in 20 and so is tea, together in 10: as often as by chance."""
    chance = [("salt", "tea")] * 10 + [("salt",)] * 10 + [("tea",)] * 10 + [("oil",)] * 6
    seldom = [("gin", "tonic")] * 2 + [("gin",)] * 2
    of = known(spark, [Basket(None, 51, products) for products in chance + seldom])
    assert evidences.rules(of, LOOSE).collect() == []
    fewer = LOOSE.model_copy(update={"min_baskets": 2})
    assert {row["item"] for row in evidences.rules(of, fewer).collect()} == {"gin", "tonic"}
    surer = LOOSE.model_copy(update={"min_baskets": 2, "min_log_likelihood_ratio": 24.0})
    assert evidences.rules(of, surer).collect() == []


def test_a_basket_beyond_the_cap_says_nothing(spark: SparkSession) -> None:
    giant = [Basket("ann", 51, ("a", "b", "c", "d", "e"))] * 5
    assert evidences.rules(known(spark, [*giant, Basket("ann", 52, ("x",))]), LOOSE).collect() == []


def test_a_heavy_customer_counts_with_what_they_buy_most(spark: SparkSession) -> None:
    often = [Basket(who, number, ("a", "b")) for who in ("ann", "bob") for number in (51, 52, 53)]
    once = [Basket(who, 54, ("a", "b", "c", "d")) for who in ("ann", "bob")]
    two = LOOSE.model_copy(update={"items_per_customer": 2})
    of = known(spark, often + once)
    assert {row["item"] for row in evidences.similar_products(of, LOOSE, staged).collect()} == {"a", "b", "c", "d"}
    assert {row["item"] for row in evidences.similar_products(of, two, staged).collect()} == {"a", "b"}


def test_what_comes_after_the_split_changes_nothing(spark: SparkSession) -> None:
    """Neither in the candidates nor in segments: a giant order of everyone for a product never seen, the day of the split."""
    before = [basket for basket in random_baskets(5) if basket.day < ON]
    rush = [Basket(f"c{number % 12}", ON + number % 9, ("p00", "p13", "brand new")) for number in range(60)]
    calm, betrayed = known(spark, before), known(spark, before + rush)
    assert proposed(betrayed) == proposed(calm)
    assert by_key(betrayed.segments, "customer_id") == by_key(calm.segments, "customer_id")


def test_what_is_older_than_the_history_counts_for_nothing(spark: SparkSession) -> None:
    recent = [basket for basket in random_baskets(6) if ON - LOOSE.history_days <= basket.day]
    old = [Basket("c1", ON - LOOSE.history_days - 1, ("ancient", "p00"))] * 9
    found = known(spark, recent + old)
    assert "ancient" not in {product for _, product in proposed(found)}


def test_durables_are_not_proposed_to_who_has_them(spark: SparkSession) -> None:
    baskets = [Basket(who, number, ("drill", "nails")) for who in ("ann", "bob", "cat") for number in (50, 55)]
    others = [Basket("dan", 55, ("nails",))]
    products = catalogue(spark, {"drill": "Drill", "nails": "Nails"}, durable=["drill"])
    found = proposed(known(spark, baskets + others, products=products))
    assert [who for who, product in found if product == "drill"] == ["dan"]
    assert sorted(who for who, product in found if product == "nails") == ["ann", "bob", "cat", "dan"]


def test_what_is_out_of_stock_is_not_proposed_today_but_was_in_the_past(spark: SparkSession) -> None:
    """Whether a product is available is known of today only; in a measurement it would tell the future."""
    baskets = [Basket(who, number, ("ale", "nuts")) for who in ("ann", "bob", "cat") for number in (50, 55)]
    products = catalogue(spark, {"ale": "Ale", "nuts": None}, gone=["ale"])
    today = known(spark, baskets, products=products, is_today=True)
    assert {product for _, product in proposed(today)} == {"nuts"}
    assert {product for _, product in proposed(known(spark, baskets, products=products))} == {"ale", "nuts"}


def test_baskets_of_nobody_known_make_rules_but_no_customers(spark: SparkSession) -> None:
    known_ones = [Basket("ann", 58, ("tea",)), Basket("ann", 58, ("salt",)), Basket("bob", 58, ("salt",))]
    nobodys = [Basket(None, 10, ("cake", "tea"))] * 4
    found = proposed(known(spark, known_ones + nobodys))
    assert {who for who, _ in found} == {"ann", "bob"}
    assert found["ann", "cake"].keys() == {"rules"}


def test_to_a_segment_that_bought_nothing_lately_goes_what_is_popular_with_all(spark: SparkSession) -> None:
    silent = [Basket("old", 10, ("gin",))]
    lively = [Basket(f"c{number}", 59, ("tea", "cake") if number else ("tea",)) for number in range(4)]
    of = known(spark, silent + lively)
    found = proposed(of)
    assert found["old", "tea"]["popular"] > found["old", "cake"]["popular"] > 0
    popular = by_key(evidences.evidence(of, LOOSE, staged).popular, "segment", "product_id")
    segment = by_key(of.segments, "customer_id")[("old",)]["segment"]
    assert popular[segment, "tea"]["inside"] == 0
    assert popular[segment, "tea"]["overall"] == pytest.approx(4 / 5)


def test_each_method_proposes_no_more_than_its_cap(spark: SparkSession) -> None:
    one = LOOSE.model_copy(update={"candidates": 1, "k": 1})
    of = known(spark, random_baskets(7))
    found = proposed(of, one)
    for method in ("similar", "rules", "popular"):
        said = [who for (who, _), strengths in found.items() if method in strengths]
        assert len(said) == len({*said}) > 0


def test_the_order_of_rows_does_not_matter(spark: SparkSession) -> None:
    baskets = random_baskets(8)
    shuffled = baskets.copy()
    random.Random(1).shuffle(shuffled)
    assert proposed(known(spark, shuffled)) == proposed(known(spark, baskets))


def test_customers_outside_the_window_of_the_segments_have_none(spark: SparkSession) -> None:
    short = LOOSE.model_copy(update={"segments": LOOSE.segments.model_copy(update={"window_days": 7})})
    of = known(spark, [Basket("ann", 58, ("tea",)), Basket("bob", 30, ("tea",))], params=short)
    segments = {row["customer_id"]: row["segment"] for row in of.segments.collect()}
    assert segments["bob"] == "other customers" != segments["ann"]
