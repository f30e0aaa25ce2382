"""The blend: what speaks for what, how likely that makes it, and who spoke loudest."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from vitalfew.jobs.recommendations.blend import FEATURES, PRIOR_INTERCEPT, Blend, learn, score, with_features

BLEND = Blend(
    intercept=-2.0,
    weights={feature.name: feature.prior for feature in FEATURES},
    means={feature.name: 0.0 for feature in FEATURES},
)
COLUMNS = (
    "customer_id string, product_id string, rules double, similar double, popular double, is_bought boolean, "
    "orders bigint, recent double, since_days int, gap_days double, rebought double"
)
Values = tuple[Any, ...]


def proposed(spark: SparkSession, *rows: Values) -> DataFrame:
    """Candidates of ann: product, rules, similar, popular, and of what she bought: orders, recent, since, gap, rebought."""
    full = [("ann", *row[:4], len(row) > 4, *(row[4:] or [None] * 5)) for row in rows]
    return spark.createDataFrame(full, COLUMNS)


def of(frame: DataFrame) -> dict[str, dict[str, Any]]:
    return {row["product_id"]: row.asDict() for row in frame.collect()}


def test_habit_alone_speaks_for_what_was_bought(spark: SparkSession) -> None:
    row = of(with_features(proposed(spark, ("tea", 0.5, 3.0, 0.2, 3, 1.5, 10, 40.0, 0.25))))["tea"]
    assert {feature.name: row[feature.name] for feature in FEATURES} == pytest.approx(
        {
            "is_known": 1.0,
            "how_often": math.log(4),
            "how_lately": math.log(2.5),
            "how_early": 0.75,
            "how_overdue": 0.0,
            "how_repeatable": 0.25,
            "by_rules": 0.0,
            "by_similar": 0.0,
            "by_popular": 0.0,
        }
    )


def test_overdue_is_beyond_the_rhythm_and_without_a_rhythm_nothing_is_early_or_late(spark: SparkSession) -> None:
    late, unknown = ("tea", 0.0, 0.0, 0.0, 3, 1.5, 80, 40.0, 0.25), ("oil", 0.0, 0.0, 0.0, 1, 0.5, 80, None, 0.0)
    found = of(with_features(proposed(spark, late, unknown)))
    assert (found["tea"]["how_early"], found["tea"]["how_overdue"]) == (0.0, pytest.approx(math.log(2)))
    assert (found["oil"]["how_early"], found["oil"]["how_overdue"]) == (0.0, 0.0)


def test_the_others_speak_for_what_is_new(spark: SparkSession) -> None:
    row = of(with_features(proposed(spark, ("tea", 0.5, 3.0, 0.2))))["tea"]
    assert {feature.name: row[feature.name] for feature in FEATURES if row[feature.name]} == pytest.approx(
        {"by_rules": 0.5, "by_similar": math.log(4), "by_popular": math.log(201)}
    )


def test_the_blend_is_a_probability_and_silent_methods_have_no_strength(spark: SparkSession) -> None:
    found = of(score(proposed(spark, ("new", 0.5, 0.0, 0.2), ("old", 0.5, 0.0, 0.0, 3, 1.5, 40, 40.0, 0.25)), BLEND))
    new = -2.0 + 1.0 * 0.5 + 0.15 * math.log(201)
    old = 0.9 * math.log(4) + 1.25 * math.log(2.5) + 2.0 * 0.25
    assert found["new"]["blend"] == pytest.approx(1 / (1 + math.exp(-new)), abs=1e-8)
    assert found["old"]["blend"] == pytest.approx(1 / (1 + math.exp(2.0 - old)), abs=1e-8)
    assert found["old"]["repeat"] == pytest.approx(old, abs=1e-8)
    assert [found["new"][method] for method in ("rules", "similar", "popular", "repeat")] == [0.5, None, 0.2, None]
    assert [found["old"][method] for method in ("rules", "similar", "popular")] == [0.5, None, None]


def test_the_loudest_is_furthest_above_what_it_says_on_average(spark: SparkSession) -> None:
    """Popularity always says much; a rule is heard where it says more than rules usually do."""
    usual = Blend(-2.0, BLEND.weights, {**BLEND.means, "by_rules": 0.1, "by_popular": math.log(201)})
    rows = (("ruled", 0.2, 0.0, 0.2), ("liked", 0.05, 0.0, 0.2), ("twin", 0.0, 3.0, 0.0), ("tie", 0.1, 0.0, 0.2))
    found = of(score(proposed(spark, *rows, ("old", 0.9, 9.0, 0.9, 1, 0.1, 1, 2.0, 0.0)), usual))
    assert {product: row["loudest"] for product, row in found.items()} == {
        "ruled": "rules",
        "liked": "popular",
        "twin": "similar",
        "tie": "rules",
        "old": "repeat",
    }


def test_what_foretold_what_came_weighs_more(spark: SparkSession) -> None:
    """Of a hundred new products half are popular and half go with a rule; only the latter are bought."""
    rows = [(f"p{n:02}", 0.5 if n % 2 else 0.0, 0.0, 0.0 if n % 2 else 0.2) for n in range(100)]
    wanted = spark.createDataFrame(
        [("ann", f"p{n:02}") for n in range(100) if n % 2] + [("bob", "p00")], "customer_id string, product_id string"
    )
    found = learn(proposed(spark, *rows), wanted)
    assert found.weights["by_rules"] > 2.0 > 0.15 > found.weights["by_popular"] >= 0.0
    assert found.weights["how_often"] == pytest.approx(0.9), "of habits nothing was seen"
    assert found.means["by_rules"] == pytest.approx(0.25)
    assert found.means["by_popular"] == pytest.approx(math.log(201) / 2)


def test_the_means_are_those_of_new_products(spark: SparkSession) -> None:
    rows = [
        ("new", 0.5, 0.0, 0.2),
        ("old", 0.5, 0.0, 0.0, 3, 1.5, 40, 40.0, 0.25),
        ("older", 0.0, 0.0, 0.0, 3, 1.5, 40, 40.0, 0.25),
    ]
    wanted = spark.createDataFrame([("ann", "old")], "customer_id string, product_id string")
    assert learn(proposed(spark, *rows), wanted).means["by_rules"] == pytest.approx(0.5)


def test_without_candidates_the_prior_is_the_blend(spark: SparkSession) -> None:
    nothing = spark.createDataFrame([], "customer_id string, product_id string")
    found = learn(spark.createDataFrame([], COLUMNS), nothing)
    assert found.intercept == PRIOR_INTERCEPT
    assert found.weights == {feature.name: feature.prior for feature in FEATURES}
