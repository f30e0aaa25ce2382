"""The number of clusters: found where it was planted, kept where nothing speaks against it."""

from __future__ import annotations

import numpy as np
import pytest
from kmeans_points import noise, planted

from vitalfew.algorithms.kmeans.choose_k import Score, Trial, choose, score
from vitalfew.algorithms.kmeans.standardised_points import Sample
from vitalfew.dataframes.arrays import Matrix

TRIAL = Trial(starts=8, bootstraps=6, size=600, seed=1)


def scores_of(rows: Matrix, ks: range, before: Matrix | None = None) -> list[Score]:
    distinct, weights = np.unique(rows, axis=0, return_counts=True)
    return score(Sample(distinct, weights), ks, TRIAL, before)


def chosen(scores: list[Score], before: int | None = None, margin: float = 0.02) -> int:
    return choose(scores, least_stability=0.6, before=before, margin=margin).k


def drawn(k: int, silhouette: float | None, stability: float | None) -> Score:
    return Score(k, silhouette, stability, 1.0, np.zeros((k, 1)))


@pytest.mark.parametrize("k", [2, 3, 5, 7])
def test_the_planted_number_is_chosen(k: int) -> None:
    scores = scores_of(planted(k, 900, seed=k)[0], range(2, 10))
    assert chosen(scores) == k
    right = scores[k - 2]
    assert right.stability == pytest.approx(1.0, abs=0.01)
    assert right.silhouette is not None
    assert right.silhouette > 0.6


def test_noise_is_not_stable() -> None:
    scores = scores_of(noise(900, 5), range(4, 8))
    assert all((s.stability or 0.0) < 0.6 for s in scores)


def test_the_cost_falls_with_every_cluster_and_is_that_of_the_whole_sample() -> None:
    rows = noise(900)
    scores = scores_of(rows, range(1, 6))
    costs = [s.cost for s in scores]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == pytest.approx(np.square(rows - rows.mean(axis=0)).sum(), rel=1e-6)
    assert (scores[0].silhouette, scores[0].stability) == (None, None)


def test_scores_are_the_same_every_time() -> None:
    one, other = (scores_of(noise(700), range(2, 5)) for _ in range(2))
    assert [(s.k, s.silhouette, s.stability, s.cost) for s in one] == [
        (s.k, s.silhouette, s.stability, s.cost) for s in other
    ]


def test_as_many_clusters_as_points_can_be_tried() -> None:
    scores = scores_of(np.array([[0.0], [1.0], [2.0]]), range(1, 4))
    assert scores[-1].cost == 0.0
    assert scores[-1].silhouette == 0.0


def test_more_clusters_than_fit_the_part_are_tried_on_the_whole() -> None:
    rows = np.arange(40.0).reshape(-1, 1) / 8
    distinct = Sample(rows, np.ones(40, dtype=np.int64))
    found = score(distinct, [20], Trial(starts=2, bootstraps=2, size=10, seed=1))[0]
    assert len(found.centres) == 20
    assert found.cost < 0.4


def test_the_centres_of_the_run_before_are_tried_for_their_number() -> None:
    rows, labels = planted(6, 900, seed=4)
    truth = np.array([rows[labels == i].mean(axis=0) for i in range(6)])
    distinct, weights = np.unique(rows, axis=0, return_counts=True)
    found = score(Sample(distinct, weights), [5, 6], Trial(0 + 1, 2, 600, 1), truth)[1]
    assert found.centres == pytest.approx(truth, abs=1e-5), "in the order of the run before"


def test_the_best_silhouette_among_the_stable_wins() -> None:
    assert chosen([drawn(2, 0.9, 0.5), drawn(3, 0.4, 0.9), drawn(4, 0.5, 0.6), drawn(5, 0.3, 1.0)]) == 4


def test_equal_silhouettes_go_to_the_fewest_clusters() -> None:
    assert chosen([drawn(3, 0.5, 0.9), drawn(4, 0.5, 0.95)]) == 3


def test_where_none_is_stable_the_most_stable_wins() -> None:
    assert chosen([drawn(3, 0.9, 0.1), drawn(4, 0.2, 0.5), drawn(5, 0.1, 0.5)]) == 4


def test_the_number_of_the_run_before_stays_within_the_margin() -> None:
    scores = [drawn(3, 0.51, 0.9), drawn(4, 0.495, 0.9), drawn(5, 0.4, 0.9), drawn(6, 0.51, 0.2)]
    assert chosen(scores, before=4) == 4
    assert chosen(scores, before=4, margin=0.01) == 3
    assert chosen(scores, before=5) == 3
    assert chosen(scores, before=6) == 3, "it is no longer stable"
    assert chosen(scores, before=9) == 3


def test_one_cluster_is_chosen_where_there_is_no_other() -> None:
    assert chosen([drawn(1, None, None)]) == 1
