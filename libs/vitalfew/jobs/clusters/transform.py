"""Which kinds of customers there are: groups that buy alike, with names, and numbers that stay from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from pyspark.sql import DataFrame

from vitalfew.algorithms.kmeans import choose_k, fit
from vitalfew.algorithms.kmeans.choose_k import Score, Trial
from vitalfew.algorithms.kmeans.standardised_points import Points
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.clock_times import has_times
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.clusters.attributes import levels, with_attributes
from vitalfew.jobs.clusters.feature_space import dimensions, locate, units
from vitalfew.jobs.clusters.features import Calendar, customer_features
from vitalfew.jobs.clusters.matching_to_previous import History, number, recall
from vitalfew.jobs.clusters.outputs import cluster_rows, feature_rows, profile_rows, profiles, score_rows
from vitalfew.jobs.clusters.params import ClusterParams
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES, CLUSTER_PROFILES, CLUSTER_SCORES, CLUSTERS
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["ClusterParams", "clusters"]


def clusters(
    orders: DataFrame,
    customer_profile: DataFrame,
    previous_features: DataFrame,
    *,
    params: ClusterParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame, DataFrame]:
    """CLUSTERS, CLUSTER_PROFILES, CLUSTER_FEATURES and CLUSTER_SCORES of the customers with a sale in the window."""
    params = without_hours(orders, params)
    customers = stage(described(orders, customer_profile, params, as_of))
    features = dimensions(params.features, levels(customers, params.attributes, params.most_levels))
    unit = units(customers, features)
    points = locate(customers, features, unit, params, stage)
    if points.rows == 0:
        empty = [local_table(t, [], orders) for t in (CLUSTERS, CLUSTER_PROFILES, CLUSTER_FEATURES, CLUSTER_SCORES)]
        return empty[0], empty[1], empty[2], empty[3]
    history = recall(previous_features, unit)
    scores, chosen = choice(points, history, params)
    fitted = fit.fit(points, chosen.centres)
    numbers = number(history.matches(fitted.centres, params.match_limit), history.numbers, fitted.counts.tolist())
    order = np.argsort(numbers)
    labels, centres = [numbers[i] for i in order], fitted.centres[order]
    assigned = fit.assign(points, centres, labels)  # no dearer than reading it staged
    found = profiles(assigned, features, dict(zip(labels, centres, strict=True)), history.numbers)
    return (
        cluster_rows(assigned, found, words),
        local_table(CLUSTER_PROFILES, profile_rows(found, words), orders),
        local_table(CLUSTER_FEATURES, feature_rows(found, unit), orders),
        local_table(CLUSTER_SCORES, score_rows(scores, chosen), orders),
    )


def without_hours(orders: DataFrame, params: ClusterParams) -> ClusterParams:
    """`params`, without features of the hour where the orders have dates and no times."""
    left = tuple(name for name in params.features if name != "evening_share")
    if left == params.features or has_times(orders):
        return params
    return params.model_copy(update={"features": left})


def described(orders: DataFrame, customer_profile: DataFrame, params: ClusterParams, as_of: date) -> DataFrame:
    """One row per customer with a sale in the window: features of the orders, and attributes as text."""
    seen = in_window(orders, as_of, params.window_days).where("customer_id is not null")
    calendar = Calendar(params.weekend_days, params.evening_from_hour)
    return with_attributes(
        customer_features(seen, params.features, as_of, calendar), customer_profile, params.attributes
    )


def choice(points: Points, history: History, params: ClusterParams) -> tuple[Sequence[Score], Score]:
    """The scores of every number of clusters in the range that the points allow, and the chosen one."""
    most = min(params.most_clusters, len(points.sample.points))
    ks = range(min(params.fewest_clusters, most), most + 1)
    trial = Trial(params.starts, params.bootstraps, params.scoring_size, params.seed)
    scores = choose_k.score(points.sample, ks, trial, history.start)
    before = len(history.numbers) or None
    return scores, choose_k.choose(
        scores, least_stability=params.least_stability, before=before, margin=params.keep_margin
    )
