"""K-means on the driver, and the measures of a clustering, against scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmeans_points import as_frame, noise, plain_lloyd, planted
from pyspark.sql import SparkSession
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from vitalfew.algorithms.kmeans import driver_fit
from vitalfew.algorithms.kmeans.rand_index import adjusted_rand, mean_agreement
from vitalfew.algorithms.kmeans.silhouette import silhouettes
from vitalfew.algorithms.kmeans.standardised_points import Sample, examine
from vitalfew.dataframes.arrays import Matrix


def sample_of(rows: Matrix) -> Sample:
    distinct, weights = np.unique(rows, axis=0, return_counts=True)
    return Sample(distinct, weights)


def repeated(sample: Sample) -> Matrix:
    """The rows that the sample stands for."""
    return np.repeat(sample.points, sample.weights, axis=0)


def coarse(rows: int, seed: int = 1) -> Matrix:
    """Points of which many are equal."""
    return np.round(noise(rows, 2, seed) * 2) / 2


@pytest.mark.parametrize("k", [1, 3, 6])
def test_local_passes_equal_plain_lloyd(k: int) -> None:
    rows = noise(300, seed=k)
    found = driver_fit.lloyd(sample_of(rows), rows[:k], tolerance=-1.0)
    centres, _, cost = plain_lloyd(rows, rows[:k], passes=driver_fit.PASSES)
    assert found.centres == pytest.approx(centres, abs=5e-6)
    assert found.cost == pytest.approx(cost, rel=1e-7)


def test_a_weight_counts_as_so_many_points() -> None:
    sample = sample_of(coarse(400))
    assert sample.weights.max() > 3
    start = sample.points[:4]
    found = driver_fit.lloyd(sample, start)
    again = driver_fit.lloyd(Sample(repeated(sample), np.ones(400, dtype=np.int64)), start)
    assert np.array_equal(found.centres, again.centres)
    assert found.cost == pytest.approx(again.cost)


@pytest.mark.parametrize(("k", "seed"), [(3, 1), (6, 2), (9, 3)])
def test_the_best_start_is_no_worse_than_that_of_scikit_learn(k: int, seed: int) -> None:
    rows = planted(k, 800, seed=seed)[0]
    found = driver_fit.fit(sample_of(rows), k, 8, np.random.default_rng(1))
    assert found.cost <= KMeans(k, n_init=10, random_state=1).fit(rows).inertia_ * (1 + 1e-4)


def test_the_same_seed_gives_the_same_centres() -> None:
    sample = sample_of(noise(500))
    one, other = (driver_fit.fit(sample, 5, 3, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.centres, other.centres)


def test_a_given_start_takes_part() -> None:
    rows, labels = planted(9, 900, seed=5)
    truth = np.array([rows[labels == i].mean(axis=0) for i in range(9)])
    with_it = driver_fit.fit(sample_of(rows), 9, 0, np.random.default_rng(1), also=[truth])
    assert with_it.cost <= driver_fit.fit(sample_of(rows), 9, 1, np.random.default_rng(1)).cost


def test_starts_are_distinct_points_even_where_most_are_equal() -> None:
    sample = sample_of(np.array([[0.0, 0.0]] * 1000 + [[1.0, 0.0], [0.0, 1.0], [3.0, 3.0]]))
    for seed in range(20):
        start = driver_fit.plus_plus(sample, 4, np.random.default_rng(seed))
        assert len(np.unique(start, axis=0)) == 4


def test_a_local_centre_without_points_moves_to_the_farthest_point() -> None:
    sample = sample_of(np.array([[0.0], [0.1], [5.0], [9.0]]))
    found = driver_fit.lloyd(sample, np.array([[0.0], [100.0], [-100.0]]))
    assert sorted(found.centres[:, 0].round(2).tolist()) == [0.05, 5.0, 9.0]


@pytest.mark.both_engines
def test_the_same_rows_are_drawn_in_any_order(spark: SparkSession) -> None:
    frame, columns = as_frame(noise(2000, 2), spark)
    one, other = (examine(f, columns, "id", 300).sample for f in (frame, frame.repartition(5, "x1")))
    assert np.array_equal(one.points, other.points)
    assert int(one.weights.sum()) == 291, "the hash decides: the same number on every engine"


def test_few_rows_are_all_drawn_and_equal_ones_merged(spark: SparkSession) -> None:
    frame, columns = as_frame(np.array([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0], [-0.0, 0.0]]), spark)
    sample = examine(frame, columns, "id", 100).sample
    assert sample.points.tolist() == [[0.0, 0.0], [1.0, 2.0]]
    assert sample.weights.tolist() == [2, 2]


def test_thinning_and_resampling_keep_to_the_rows() -> None:
    sample = Sample(np.array([[0.0], [1.0], [2.0]]), np.array([1, 10_000, 5]))
    thin = sample.thinned(2_000, np.random.default_rng(1))
    assert int(thin.weights.sum()) == 2_000
    assert thin.weights.max() > 1_900
    drawn = sample.resampled(np.random.default_rng(1))
    assert int(drawn.weights.sum()) == 10_006
    assert set(drawn.points[:, 0]) <= {0.0, 1.0, 2.0}
    assert np.array_equal(sample.thinned(99_999, np.random.default_rng(1)).weights, sample.weights)


@pytest.mark.parametrize(("rows", "k"), [(noise(700, 3), 4), (coarse(900), 5), (planted(3, 600)[0], 2)])
def test_the_silhouette_is_that_of_scikit_learn(rows: Matrix, k: int) -> None:
    sample = sample_of(rows)
    labelings = [driver_fit.assign(sample.points, sample.points[:n]) for n in (k, k + 1)]
    expected = [silhouette_score(repeated(sample), np.repeat(labels, sample.weights)) for labels in labelings]
    assert silhouettes(sample, labelings) == pytest.approx(expected, abs=1e-6)


def test_the_silhouette_of_points_alone_or_all_together_is_zero() -> None:
    sample = Sample(np.array([[0.0], [1.0], [5.0]]), np.array([1, 1, 1]))
    assert silhouettes(sample, [np.array([0, 1, 2]), np.array([0, 0, 0])]) == [0.0, 0.0]


def test_the_silhouette_passes_over_a_cluster_that_no_point_is_in() -> None:
    sample = Sample(np.array([[0.0], [1.0], [8.0], [9.0]]), np.array([1, 1, 1, 1]))
    full, gap = silhouettes(sample, [np.array([0, 0, 1, 1]), np.array([0, 0, 2, 2])])
    assert full == gap == pytest.approx(silhouette_score(sample.points, [0, 0, 1, 1]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 5)), min_size=2, max_size=40))
def test_the_adjusted_rand_index_is_that_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    one, other, weights = (np.array(column) for column in zip(*rows, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn takes many classes for a regression
        expected = adjusted_rand_score(np.repeat(one, weights), np.repeat(other, weights))
    assert adjusted_rand(one, other, weights) == pytest.approx(expected, abs=1e-12)


def test_agreement_is_the_mean_over_all_pairs() -> None:
    one, same, other = np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), np.array([0, 1, 0, 1])
    expected = (1 + 2 * adjusted_rand_score(one, other)) / 3
    assert mean_agreement([one, same, other], np.ones(4, dtype=np.int64)) == pytest.approx(expected)
