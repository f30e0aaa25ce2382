"""K-means over all rows: exact, the same however the rows are spread, and no dearer than the references."""

from __future__ import annotations

import math
from unittest.mock import Mock

import numpy as np
import pytest
from kmeans_points import as_frame, noise, plain_lloyd, planted
from pyspark.sql import DataFrame, SparkSession
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from conftest import ENGINE
from vitalfew.algorithms.kmeans import driver_fit, fit, full_pass
from vitalfew.algorithms.kmeans.exact_grid import to_grid
from vitalfew.algorithms.kmeans.full_pass import take
from vitalfew.algorithms.kmeans.standardised_points import Points, examine
from vitalfew.dataframes.arrays import Matrix
from vitalfew.errors import AnalysisError


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A census of few rows with few of them open, as those of many rows are."""
    monkeypatch.setattr(full_pass, "FEWEST", 2)
    monkeypatch.setattr(full_pass, "OPEN_ROWS", 50)


def points_of(rows: Matrix, spark: SparkSession, size: int | None = None) -> Points:
    """The rows as points, a half of them in the sample."""
    return examine(*as_frame(rows, spark), "id", size or max(1, len(rows) // 2))


def fitted(points: Points, k: int) -> fit.Fit:
    """As an analysis does it: the best of several starts on a sample, then passes over all rows."""
    return fit.fit(points, driver_fit.fit(points.sample, k, 8, np.random.default_rng(1)).centres)


def assigned(points: Points, centres: Matrix, labels: list[int] | None = None) -> dict[str, dict[str, object]]:
    return {row["id"]: row.asDict() for row in fit.assign(points, centres, labels).collect()}


@pytest.mark.parametrize("k", [1, 2, pytest.param(7, marks=pytest.mark.both_engines)])
def test_passes_equal_plain_lloyd_from_the_same_start(spark: SparkSession, k: int) -> None:
    rows = noise(400, 4, seed=k)
    points, start = points_of(rows, spark), rows[:k]
    found = fit.fit(points, start, passes=6, tolerance=-1.0)
    centres, labels, cost = plain_lloyd(rows, start, passes=found.passes - 1)
    assert found.centres == pytest.approx(centres, abs=5e-6)
    assert found.cost == pytest.approx(cost, rel=1e-7)
    assert found.counts.tolist() == np.bincount(labels, minlength=k).tolist()
    by_id = assigned(points, found.centres)
    assert [by_id[f"c{i}"]["cluster"] for i in range(len(rows))] == labels.tolist()


@pytest.mark.parametrize(("open_rows", "most"), [(0, 33), (60, 19), (400, 7), (9_000, 2)])
def test_however_many_rows_are_open_the_passes_are_the_same(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, open_rows: int, most: int
) -> None:
    taken = Mock(side_effect=take)
    monkeypatch.setattr(fit, "take", taken)
    monkeypatch.setattr(full_pass, "OPEN_ROWS", open_rows)
    rows = noise(1200, 2, seed=3)
    rows[::3] = to_grid(np.round(rows[::3], 1))  # many of them equal, many as far from one centre as from another
    points = points_of(rows, spark)
    start = rows[[0, 5, 10, 15]]
    found = fit.fit(points, start, tolerance=-1.0)
    centres, labels, cost = plain_lloyd(rows, start, passes=found.passes - 1)
    assert found.centres == pytest.approx(centres, abs=1e-5)
    assert found.cost == pytest.approx(cost, rel=1e-6)
    assert found.counts.tolist() == np.bincount(labels, minlength=4).tolist()
    assert found.passes == 33
    assert taken.call_count <= most
    assert (taken.call_count == found.passes) == (open_rows == 0)


def test_no_row_that_is_sure_changes_its_centre_while_the_census_holds(spark: SparkSession) -> None:
    rows = noise(2000)
    random = np.random.default_rng(5)
    centres = to_grid(rows[:5])
    census = take(points_of(rows, spark), centres)
    assert 20 < int(census.open.weights.sum()) < 200
    assert int(census.counts.sum() + census.open.weights.sum()) == 2000
    held = 0
    for size in np.geomspace(0.001, 1, 200) * census.room.mean():
        others = to_grid(centres + random.normal(0, size, centres.shape))
        held += census.holds(others)
        if census.holds(others):
            labels = np.square(rows[:, None] - others[None]).sum(axis=2).argmin(axis=1)
            assert census.tally(others).counts.tolist() == np.bincount(labels, minlength=5).tolist()
            assert census.tally(others).sums.tolist() == [rows[labels == i].sum(axis=0).tolist() for i in range(5)]
    assert 50 < held < 190


@pytest.mark.both_engines
def test_every_row_has_its_nearest_and_second_nearest_centre(spark: SparkSession) -> None:
    rows = noise(300, 3)
    centres = to_grid(rows[:5] * 0.5)
    by_id = assigned(points_of(rows, spark), centres, labels=[11, 7, 5, 3, 2])
    distances = np.sqrt(np.square(rows[:, None] - centres[None]).sum(axis=2))
    for i, order in enumerate(np.argsort(distances, axis=1, kind="stable")):
        row = by_id[f"c{i}"]
        assert (row["cluster"], row["second_cluster"]) == tuple([11, 7, 5, 3, 2][j] for j in order[:2])
        assert row["distance"] == pytest.approx(distances[i, order[0]], abs=1e-12)
        assert row["second_distance"] == pytest.approx(distances[i, order[1]], abs=1e-12)


@pytest.mark.both_engines
def test_a_point_between_two_centres_goes_to_the_first(spark: SparkSession) -> None:
    rows = np.array([[0.0, 0.0], [0.0, 5.0]])
    centres = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    points = points_of(rows, spark)
    by_id = assigned(points, centres, labels=[3, 2, 1])
    assert (by_id["c0"]["cluster"], by_id["c0"]["second_cluster"], by_id["c0"]["second_distance"]) == (3, 2, 1.0)
    assert take(points, centres).tally(centres).counts.tolist() == [1, 0, 1]


def test_one_centre_has_no_second(spark: SparkSession) -> None:
    by_id = assigned(points_of(np.array([[3.0, 4.0]]), spark), np.zeros((1, 2)))
    assert by_id["c0"] == {
        "id": "c0", "x0": 3.0, "x1": 4.0,
        "cluster": 0, "distance": 5.0, "second_cluster": None, "second_distance": None,
    }  # fmt: skip


@pytest.mark.parametrize("spread", [0.15, 0.4])
@pytest.mark.parametrize(("k", "seed"), [(3, 1), (5, 2), (8, 3)])
def test_the_cost_is_no_worse_than_that_of_scikit_learn(spark: SparkSession, k: int, seed: int, spread: float) -> None:
    rows, _ = planted(k, 1500, spread=spread, seed=seed)
    reference = KMeans(k, n_init=10, random_state=seed).fit(rows).inertia_
    assert fitted(points_of(rows, spark), k).cost <= reference * (1 + 1e-4)


def test_a_start_from_a_tenth_of_the_rows_ends_as_low(spark: SparkSession) -> None:
    rows, _ = planted(6, 3000, spread=0.3)
    reference = KMeans(6, n_init=10, random_state=1).fit(rows).inertia_
    assert fitted(points_of(rows, spark, 300), 6).cost <= reference * (1 + 1e-4)


def test_where_there_are_no_clusters_a_reference_is_no_better_on_average(spark: SparkSession) -> None:
    """Structureless points have many local optima, a per cent apart; who hits the lowest is luck."""
    sets = [noise(1500, seed=seed) for seed in (1, 2, 3)]
    ours = [fitted(points_of(rows, spark), 5).cost for rows in sets]
    assert np.mean(ours) <= np.mean([KMeans(5, random_state=1).fit(rows).inertia_ for rows in sets])


@pytest.mark.both_engines
def test_the_cost_is_no_worse_than_that_of_mllib(spark: SparkSession) -> None:
    if ENGINE != "spark":
        pytest.skip("MLlib needs Spark itself")
    from pyspark.ml.clustering import KMeans as Reference
    from pyspark.ml.feature import VectorAssembler

    for rows in (planted(6, 600, spread=0.4)[0], noise(600)):  # MLlib takes seconds for each fit
        frame, columns = as_frame(rows, spark)
        vectors = VectorAssembler(inputCols=columns, outputCol="features").transform(frame).persist()
        references = [Reference(k=6, seed=seed, maxIter=50).fit(vectors).summary.trainingCost for seed in (1, 2)]
        vectors.unpersist()
        assert fitted(examine(frame, columns, "id", 590), 6).cost <= np.mean(references) * (1 + 1e-4)


@pytest.mark.parametrize("k", [2, 4, 6])
def test_planted_clusters_are_found_again(spark: SparkSession, k: int) -> None:
    rows, truth = planted(k, 1200, seed=k)
    points = points_of(rows, spark)
    by_id = assigned(points, fitted(points, k).centres)
    assert adjusted_rand_score(truth, [by_id[f"c{i}"]["cluster"] for i in range(len(rows))]) > 0.95


@pytest.mark.both_engines
def test_the_order_and_the_spread_of_the_rows_change_nothing(spark: SparkSession) -> None:
    rows = noise(1000, 5)
    frame, columns = as_frame(rows, spark)
    shuffled = frame.repartition(7, "x0").union(frame.limit(0)).orderBy("x3")
    one, other = (fitted(examine(f, columns, "id", 500), 6) for f in (frame, shuffled))
    assert np.array_equal(one.centres, other.centres)
    assert np.array_equal(one.counts, other.counts)
    assert one.cost == pytest.approx(other.cost, rel=1e-12)


def test_sums_on_the_grid_have_no_rounding_error() -> None:
    values = to_grid(np.random.default_rng(1).normal(0, 1, 100_000))
    assert float(np.sum(values)) == math.fsum(values.tolist()) == float(np.cumsum(values[::-1])[-1])


def test_a_centre_that_no_point_is_nearest_to_moves_to_the_farthest_point(spark: SparkSession) -> None:
    rows = np.array([[0.0, 0.0], [0.1, 0.0], [4.0, 0.0], [0.0, 7.0]])
    start = np.array([[0.0, 0.0], [500.0, 500.0], [-500.0, 500.0]])
    found = fit.fit(points_of(rows, spark), start)
    assert sorted(found.counts.tolist()) == [1, 1, 2]
    assert found.cost == pytest.approx(0.005, rel=1e-4)


def test_the_farthest_points_are_distinct_and_on_no_centre(spark: SparkSession) -> None:
    points = points_of(np.array([[0.0], [1.0], [9.0], [9.0], [-5.0], [5.0]]), spark)
    centres = np.array([[0.0]])
    assert fit.farthest(points, centres, 3).tolist() == [[9.0], [-5.0], [5.0]]
    assert fit.farthest(points, centres, 9).tolist() == [[9.0], [-5.0], [5.0], [1.0]]


def test_a_centre_more_than_there_are_distinct_points_is_dropped(spark: SparkSession) -> None:
    rows = np.array([[1.0, 1.0]] * 5 + [[2.0, 2.0]] * 3)
    found = fit.fit(points_of(rows, spark), np.array([[1.0, 1.0], [2.0, 2.0], [9.0, 9.0]]))
    assert found.centres.tolist() == [[1.0, 1.0], [2.0, 2.0]]
    assert (found.counts.tolist(), found.cost) == ([5, 3], 0.0)


def test_equal_points_make_one_cluster_without_cost(spark: SparkSession) -> None:
    found = fit.fit(points_of(np.full((6, 3), 0.25), spark), np.array([[3.0, 3.0, 3.0]]))
    assert (found.centres.tolist(), found.counts.tolist(), found.cost) == ([[0.25, 0.25, 0.25]], [6], 0.0)


def test_no_points_have_no_clusters(spark: SparkSession) -> None:
    frame, columns = as_frame(np.zeros((1, 2)), spark)
    points = examine(frame.limit(0), columns, "id", 10)
    found = fit.fit(points, np.zeros((2, 2)))
    assert (points.rows, found.centres.shape, found.cost) == (0, (0, 2), 0.0)


def test_the_passes_have_an_end(spark: SparkSession) -> None:
    rows = noise(500)
    found = fit.fit(points_of(rows, spark), rows[:8], passes=2, tolerance=-1.0)
    assert found.passes == 2


@pytest.mark.both_engines
@pytest.mark.parametrize("value", ["NULL", "double('nan')", "double('infinity')", "-double('infinity')", "5000D"])
def test_what_is_not_a_coordinate_is_refused_with_its_column(spark: SparkSession, value: str) -> None:
    frame = spark.sql(f"select 1D as fine, {value} as odd union all select 2D, 0.5D union all select 3D, {value}")
    with pytest.raises(AnalysisError, match=r"beyond ±4,096: odd in 2 of 3 rows. Standardise the columns"):
        examine(frame, ["fine", "odd"], "fine", 2)


def test_what_is_no_coordinate_is_refused_where_the_sample_has_none(spark: SparkSession) -> None:
    rows = noise(500)
    drawn = points_of(rows, spark, 100).sample.points.tolist()
    rows[next(i for i, row in enumerate(rows.tolist()) if row not in drawn), 1] = np.nan
    points = points_of(rows, spark, 100)
    with pytest.raises(AnalysisError, match=r"beyond ±4,096: x1 in 1 of 500 rows"):
        fit.fit(points, points.sample.points[:3])


def test_more_clusters_than_bits_are_refused(spark: SparkSession) -> None:
    points = points_of(noise(100), spark)
    for act in (take, fit.assign):
        with pytest.raises(AnalysisError, match="63 clusters were asked for, and 62 are the most"):
            act(points, noise(63))


def test_as_many_clusters_as_there_are_bits_are_counted_right(spark: SparkSession) -> None:
    rows = noise(200)
    counts = take(points_of(rows, spark), rows[:62]).tally(rows[:62]).counts
    assert counts.tolist() == np.bincount(plain_lloyd(rows, rows[:62], passes=0)[1], minlength=62).tolist()


def test_other_columns_are_kept_whatever_they_are_called(spark: SparkSession) -> None:
    frame: DataFrame = spark.sql("select 'ann' as `the name`, 1D as `x.1`, 'z' as n")
    points, centres = examine(frame, ["x.1"], "the name", 10), np.array([[0.0], [3.0]])
    row = fit.assign(points, centres).collect()[0].asDict()
    assert (row["the name"], row["x.1"], row["n"], row["cluster"]) == ("ann", 1.0, "z", 0)
    assert take(points, centres).tally(centres).sums.tolist() == [[1.0], [0.0]]
