"""Cluster 3 stays cluster 3: today's centres are those of the run before that moved least."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from vitalfew.algorithms.kmeans.centre_matching import match
from vitalfew.algorithms.kmeans.standardise import Spread
from vitalfew.jobs.clusters.matching_to_previous import number, recall
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES

UNIT = Spread(rows=10, shift=0.0, scale=1.0, is_constant=False)


def test_centres_are_matched_whatever_their_order() -> None:
    before = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    for order in itertools.permutations(range(3)):
        assert match(before[list(order)] + 0.1, before, limit=1.0) == list(order)


def test_the_sum_of_all_moves_decides_and_not_the_nearest_alone() -> None:
    before = np.array([[0.0], [1.0]])
    assert match(np.array([[0.9], [1.8]]), before, limit=2.0) == [0, 1]


def test_beyond_the_limit_there_is_no_match() -> None:
    assert match(np.array([[0.0], [5.0]]), np.array([[0.2], [3.0]]), limit=1.5) == [0, None]
    assert match(np.array([[1.5]]), np.array([[0.0]]), limit=1.5) == [0]


def test_a_centre_that_stayed_is_not_given_up_to_match_two_that_moved_far() -> None:
    before, after = np.array([[0.0], [2.4]]), np.array([[0.1], [-1.3]])
    assert match(after, before, limit=1.5) == [0, None]


def test_the_least_cost_is_that_of_trying_all_assignments() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        before, after, limit = random.normal(0, 1, (4, 2)), random.normal(0, 1, (4, 2)), 1.2
        found = match(after, before, limit)
        distances = np.sqrt(np.square(after[:, None] - before[None]).sum(axis=2))
        cost = sum(limit if j is None else distances[i, j] for i, j in enumerate(found))
        best = min(sum(min(distances[i, j], limit) for i, j in enumerate(p)) for p in itertools.permutations(range(4)))
        assert cost == pytest.approx(best)


def test_more_or_fewer_clusters_than_before() -> None:
    before = np.array([[0.0], [4.0]])
    assert match(np.array([[4.1], [8.0], [0.1]]), before, limit=1.0) == [1, None, 0]
    assert match(np.array([[4.1]]), before, limit=1.0) == [1]


def test_new_clusters_take_numbers_not_used_before_the_largest_first() -> None:
    assert number([None, 7, None, 2], before=(2, 7), sizes=[5, 9, 50, 9]) == [9, 7, 8, 2]
    assert number([None, None, None], before=(), sizes=[5, 9, 5]) == [2, 1, 3]
    assert number([None, 1], before=(1, 2, 3), sizes=[1, 1]) == [4, 1], "3 is gone, and does not come back as another"


def previous(spark: SparkSession, *rows: tuple[int, str, float, float, float]) -> DataFrame:
    """CLUSTER_FEATURES of the run before: cluster, feature, centre, shift, scale."""
    columns = "cluster, feature, centre, shift, scale".split(", ")
    ddl = "cluster int, feature string, centre double, shift double, scale double"
    found = spark.createDataFrame(list(rows), ddl)
    given = [
        c if c in columns else f"cast(null as {CLUSTER_FEATURES.type_of(c)}) {c}" for c in CLUSTER_FEATURES.columns
    ]
    return found.selectExpr(*given)


@pytest.mark.both_engines
def test_the_run_before_is_seen_in_units_of_today(spark: SparkSession) -> None:
    before = previous(
        spark, (4, "a", 1.0, 10.0, 2.0), (4, "b", -1.0, 3.0, 1.0), (2, "a", 0.0, 10.0, 2.0), (2, "b", 0.5, 3.0, 1.0)
    )
    found = recall(before, {"b": UNIT, "a": Spread(10, 11.0, 0.5, False)})
    assert found.numbers == (2, 4)
    assert found.centres.tolist() == [[3.5, -2.0], [2.0, 2.0]]
    assert found.start is not None


def test_features_that_are_new_or_constant_do_not_prevent_a_match(spark: SparkSession) -> None:
    before = previous(
        spark, (1, "a", 0.0, 0.0, 1.0), (2, "a", 5.0, 0.0, 1.0), (1, "c", 9.0, 0.0, 1.0), (2, "c", 7.0, 0.0, 1.0)
    )
    found = recall(before, {"a": UNIT, "new": UNIT, "c": Spread(10, 3.0, 1.0, True)})
    assert found.start is None, "nobody knows where the new feature would begin"
    assert found.matches(np.array([[5.1, 9.0, 0.0], [0.1, -9.0, 0.0]]), limit=1.0) == [2, 1]


def test_distances_are_taken_in_the_coarser_units_of_the_two_runs(spark: SparkSession) -> None:
    """When one kind of customers leaves and the spread shrinks to a tenth, the others did not move."""
    fine, coarse = Spread(10, 0.0, 0.1, False), Spread(10, 0.0, 10.0, False)
    before = previous(spark, (1, "a", 0.5, 0.0, 1.0), (2, "a", 9.5, 0.0, 1.0))
    assert recall(before, {"a": fine}).matches(np.array([[8.0]]), limit=0.5) == [1], "0.3 of the units of before"
    assert recall(before, {"a": coarse}).matches(np.array([[0.6]]), limit=0.5) == [2], "0.35 of the units of today"


def test_nothing_in_common_is_no_match(spark: SparkSession) -> None:
    found = recall(previous(spark, (1, "a", 0.0, 0.0, 1.0)), {"other": UNIT})
    assert found.matches(np.array([[0.0]]), limit=9.0) == [None]


def test_the_first_run_has_no_history(spark: SparkSession) -> None:
    found = recall(spark.createDataFrame([], CLUSTER_FEATURES.ddl), {"a": UNIT, "b": UNIT})
    assert (found.numbers, found.centres.shape, found.start) == ((), (0, 2), None)
    assert found.matches(np.zeros((2, 2)), limit=9.0) == [None, None]
