"""Co-occurrence, cosine and the strength of evidence; the best rows of a group."""

from __future__ import annotations

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F
from scipy.stats import chi2_contingency

from vitalfew.algorithms.statistics.similarity import (
    both_ways,
    co_occurrences,
    cosine,
    log_likelihood_ratio,
    with_sizes,
)
from vitalfew.dataframes.top_n import best


def test_pairs_are_counted_once(spark: SparkSession) -> None:
    sets = spark.createDataFrame([(["a", "b", "c"],), (["a", "b"],), (["a"],), ([],)], "items array<string>")
    counted = {(row["item"], row["other"]): row["n"] for row in co_occurrences(sets, 1).collect()}
    assert counted == {("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1}
    assert {(row["item"], row["other"]) for row in co_occurrences(sets, 2).collect()} == {("a", "b")}


def test_a_pair_is_told_both_ways_each_with_its_own_size(spark: SparkSession) -> None:
    pairs = spark.createDataFrame(
        [("a", "b", 3, 5, 0.5)], "item string, other string, n_item bigint, n_other bigint, cosine double"
    )
    found = both_ways(pairs, "cosine")
    assert found.columns == ["item", "other", "n_item", "cosine"]
    assert {tuple(row) for row in found.collect()} == {("a", "b", 3, 0.5), ("b", "a", 5, 0.5)}


def test_pairs_learn_the_sizes_of_both(spark: SparkSession) -> None:
    pairs = spark.createDataFrame([("a", "b", 2)], "item string, other string, n bigint")
    sizes = spark.createDataFrame([("a", 3), ("b", 5), ("c", 1)], "item string, n_item bigint")
    row = with_sizes(pairs, sizes).collect()[0]
    assert (row["item"], row["other"], row["n_item"], row["n_other"]) == ("a", "b", 3, 5)


def computed(spark: SparkSession, column: Column, n: int, n_item: int, n_other: int) -> float:
    counts = spark.createDataFrame([(n, n_item, n_other)], "n bigint, n_item bigint, n_other bigint")
    return float(counts.select(column.alias("value")).collect()[0]["value"])


def test_cosine_is_one_for_twins_and_doubted_where_few_sets_hold_both(spark: SparkSession) -> None:
    assert computed(spark, cosine(0.0), 4, 4, 4) == 1.0
    assert computed(spark, cosine(0.0), 2, 4, 9) == pytest.approx(2 / 6)
    assert computed(spark, cosine(6.0), 2, 4, 9) == pytest.approx(2 / 6 * 2 / 8)


@pytest.mark.parametrize(
    ("n", "n_item", "n_other", "total"), [(30, 60, 70, 1000), (1, 40, 500, 900), (5, 5, 5, 50), (5, 5, 50, 50)]
)
def test_evidence_is_the_log_likelihood_ratio(
    spark: SparkSession, n: int, n_item: int, n_other: int, total: int
) -> None:
    found = computed(spark, log_likelihood_ratio(F.lit(float(total))), n, n_item, n_other)
    table = [[n, n_item - n], [n_other - n, total - n_item - n_other + n]]
    constant = n_other == total
    expected = 0.0 if constant else chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_best_rows_of_each_group_are_ranked_from_one(spark: SparkSession) -> None:
    rows = [("x", "a", 1), ("x", "b", 3), ("x", "c", 3), ("y", "a", 0)]
    frame = spark.createDataFrame(rows, "shelf string, item string, sold int")
    found = best(frame, 2, ["shelf"], [F.desc("sold"), F.asc("item")]).collect()
    assert {(row["shelf"], row["rank"], row["item"]) for row in found} == {("x", 1, "b"), ("x", 2, "c"), ("y", 1, "a")}
