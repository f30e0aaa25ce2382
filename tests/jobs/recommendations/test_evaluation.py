"""Evaluation: metrics equal to a naive second way, and what it takes to be published."""

from __future__ import annotations

import math
import random
from collections import defaultdict

import naive_recommendations as naive
import pytest
from pyspark.sql import DataFrame, SparkSession

from vitalfew.jobs.recommendations.evaluation import Edge, Measurement, Variety, measure, variety, winner

Lists = dict[tuple[str, str], list[str]]


def list_frame(spark: SparkSession, lists: Lists) -> DataFrame:
    rows = [(m, c, p, rank) for (m, c), products in lists.items() for rank, p in enumerate(products, start=1)]
    return spark.createDataFrame(rows, "method string, customer_id string, product_id string, rank int")


def wanted_frame(spark: SparkSession, wanted: dict[str, set[str]]) -> DataFrame:
    rows = [(customer, product) for customer, products in wanted.items() for product in sorted(products)]
    return spark.createDataFrame(rows, "customer_id string, product_id string")


def test_the_metrics_of_one_list(spark: SparkSession) -> None:
    """Hits at ranks 1 and 3 of 4; three products were bought."""
    lists = list_frame(spark, {("ours", "ann"): ["a", "x", "b", "y"]})
    found = measure(lists, wanted_frame(spark, {"ann": {"a", "b", "c"}}), [4], ["ours"], [], "ndcg")[4]
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert found.customers == 1
    assert found.means["ours"] == pytest.approx(
        {"hit_rate": 1.0, "precision": 2 / 4, "recall": 2 / 3, "ndcg": 1.5 / ideal, "map": (1 + 2 / 3) / 3}, abs=1e-8
    )


def test_a_perfect_list_scores_one_though_it_is_shorter_than_what_was_bought(spark: SparkSession) -> None:
    lists = list_frame(spark, {("ours", "ann"): ["a", "b"]})
    wanted = wanted_frame(spark, {"ann": {"a", "b", "c", "d"}})
    means = measure(lists, wanted, [2], ["ours"], [], "ndcg")[2].means["ours"]
    assert (means["ndcg"], means["map"], means["precision"], means["recall"]) == (1.0, 1.0, 1.0, 0.5)


@pytest.mark.both_engines
def test_metrics_equal_those_of_the_naive_way(spark: SparkSession) -> None:
    rng, shelf, k = random.Random(2), [f"p{number}" for number in range(12)], 4
    wanted = {f"c{number}": {*rng.sample(shelf, rng.randrange(1, 8))} for number in range(30)}
    lists = {
        (method, customer): rng.sample(shelf, rng.randrange(1, k + 1))
        for method in ("ours", "theirs")
        for customer in wanted
        if rng.random() < 0.8
    }
    every = measure(list_frame(spark, lists), wanted_frame(spark, wanted), [1, 3, k], ["ours"], ["theirs"], "recall")
    assert every.keys() == {1, 3, k}
    for length, found in every.items():
        one = {
            m: [naive.metrics(lists.get((m, c), [])[:length], w, length) for c, w in wanted.items()]
            for m in ("ours", "theirs")
        }
        for method, each in one.items():
            expected = {name: sum(of[name] for of in each) / len(wanted) for name in each[0]}
            assert found.means[method] == pytest.approx(expected, abs=1e-8)
        above = [a["recall"] - b["recall"] for a, b in zip(one["ours"], one["theirs"], strict=True)]
        mean = sum(above) / len(above)
        deviation = math.sqrt(sum((each - mean) ** 2 for each in above) / (len(above) - 1))
        edge = found.edges["ours", "theirs"]
        assert (edge.mean, edge.standard_error) == pytest.approx((mean, deviation / math.sqrt(30)), abs=1e-8)
        assert found.customers == 30


def test_who_got_no_list_counts_as_zero(spark: SparkSession) -> None:
    lists = list_frame(spark, {("ours", "ann"): ["a"]})
    found = measure(lists, wanted_frame(spark, {"ann": {"a"}, "bob": {"a"}}), [1], ["ours"], [], "ndcg")[1]
    assert found.means["ours"]["hit_rate"] == 0.5


def test_without_customers_everything_is_zero(spark: SparkSession) -> None:
    found = measure(list_frame(spark, {}), wanted_frame(spark, {}), [1, 3], ["ours"], ["theirs"], "map")
    assert {one.customers for one in found.values()} == {0}
    assert {*found[3].means["ours"].values()} == {0.0}
    assert winner(found, "map", 0.95, preferred=["ours"]) is None


def test_variety_is_what_share_of_the_shelf_is_shown_and_how_rarely_it_is_bought(spark: SparkSession) -> None:
    lists = list_frame(spark, {("ours", "ann"): ["a", "b"], ("ours", "bob"): ["a"], ("theirs", "ann"): ["new"]})
    bought = spark.createDataFrame([(p,) for p in ("a", "a", "b", "c", "d")], "product_id string")
    habits = spark.createDataFrame(
        [(f"c{number}", "a", 4) for number in range(4)] + [("c1", "b", 1)],
        "customer_id string, product_id string, buyers bigint",
    )
    found = variety(lists, [1, 2], habits, bought)
    assert found["ours", 2].coverage == 2 / 4
    assert found["ours", 2].novelty == pytest.approx((0 + 0 + 2) / 3, abs=1e-8)
    assert found["ours", 1] == Variety(coverage=1 / 4, novelty=0.0)
    assert found["theirs", 1] == found["theirs", 2] == Variety(coverage=1 / 4, novelty=2.0)
    assert len(found) == 4


def measurement(**edges: tuple[Edge, Edge]) -> dict[int, Measurement]:
    """Edges over `popular` and `again`; the mean of a method is its edge over `popular`."""
    pairs = {(m, rival): e for m, both in edges.items() for rival, e in zip(("popular", "again"), both, strict=True)}
    means: dict[str, dict[str, float]] = defaultdict(dict)
    for method, (over_popular, _) in edges.items():
        means[method]["ndcg"] = over_popular.mean
    return {10: Measurement(100, means, pairs)}


SURE, UNSURE, WORSE = Edge(0.1, 0.01), Edge(0.01, 0.01), Edge(-0.1, 0.01)


def test_a_method_must_beat_both_baselines() -> None:
    assert winner(measurement(ours=(SURE, SURE)), "ndcg", 0.95, []) == "ours"
    assert winner(measurement(ours=(SURE, WORSE)), "ndcg", 0.95, []) is None
    assert winner(measurement(ours=(WORSE, SURE)), "ndcg", 0.95, []) is None


def test_to_beat_is_more_than_chance_gives() -> None:
    assert winner(measurement(ours=(SURE, UNSURE)), "ndcg", 0.95, []) is None
    assert winner(measurement(ours=(SURE, UNSURE)), "ndcg", 0.6, []) == "ours"


def test_no_better_is_not_better_though_there_is_no_doubt() -> None:
    assert winner(measurement(ours=(SURE, Edge(0.0, 0.0))), "ndcg", 0.5, []) is None


def test_the_more_methods_are_tried_the_surer_one_must_be() -> None:
    """At z = 2 one method in a hundred tried is no news."""
    lucky = (SURE, Edge(0.02, 0.01))
    assert winner(measurement(ours=lucky), "ndcg", 0.95, []) == "ours"
    others = {f"other{number}": (WORSE, WORSE) for number in range(99)}
    assert winner(measurement(ours=lucky, **others), "ndcg", 0.95, []) is None


def test_the_preferred_goes_first_then_the_best() -> None:
    found = measurement(good=(SURE, SURE), better=(Edge(0.2, 0.01), SURE), bad=(WORSE, WORSE))
    assert winner(found, "ndcg", 0.95, preferred=["bad", "good"]) == "good"
    assert winner(found, "ndcg", 0.95, preferred=["bad"]) == "better"


def test_shorter_lists_may_be_as_good_as_a_baseline_and_no_worse() -> None:
    whole = measurement(ours=(SURE, SURE))
    (level,), (worse,) = measurement(ours=(SURE, Edge(0.0, 0.1))).values(), measurement(ours=(SURE, WORSE)).values()
    assert winner({1: level, **whole}, "ndcg", 0.95) == "ours"
    assert winner({1: worse, **whole}, "ndcg", 0.95) is None
