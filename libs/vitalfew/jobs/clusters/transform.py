"""Which kinds of customers there are: groups that buy alike, with names, and numbers that stay from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from pyspark.sql import DataFrame

from vitalfew.algorithms.kmeans import choose_k
from vitalfew.algorithms.kmeans import fit as kmeans
from vitalfew.algorithms.kmeans.choose_k import Score, Trial
from vitalfew.algorithms.kmeans.standardised_points import Points
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.domain.clock_times import has_times
from vitalfew.domain.fits import Fit
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.clusters import fitted
from vitalfew.jobs.clusters.attributes import levels, with_attributes
from vitalfew.jobs.clusters.feature_space import Feature, dimensions, locate, units
from vitalfew.jobs.clusters.features import Calendar, customer_features
from vitalfew.jobs.clusters.fitted import Found
from vitalfew.jobs.clusters.matching_to_previous import History, number, recall
from vitalfew.jobs.clusters.outputs import cluster_rows, feature_rows, profile_rows, profiles, score_rows
from vitalfew.jobs.clusters.params import ClusterParams
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES, CLUSTER_FIT, CLUSTER_PROFILES, CLUSTER_SCORES, CLUSTERS
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables import AsFitted

__all__ = ["ClusterParams", "clusters"]


TABLES = (CLUSTERS, CLUSTER_PROFILES, CLUSTER_FEATURES, CLUSTER_SCORES)


def clusters(
    orders: DataFrame,
    customer_profile: DataFrame,
    previous_features: DataFrame,
    fit: DataFrame | None = None,
    *,
    params: ClusterParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """CLUSTERS, CLUSTER_PROFILES, CLUSTER_FEATURES and CLUSTER_SCORES of the customers with a sale in the window.

    And CLUSTER_FIT. Where `fit`, the rows of an earlier one, still serves, customers are assigned to its clusters, in
    its units. It does not, where they differ in other features than then, such as a new level of an attribute.
    """
    params = without_hours(orders, params)
    customers = stage(described(orders, customer_profile, params, as_of))
    features = dimensions(params.features, levels(customers, params.attributes, params.most_levels))
    last = serving(fits.read(fit), orders, features, as_of, params)
    unit = units(customers, features) if last is None else fitted.units(last, features)
    points = locate(customers, features, unit, params, stage)
    if points.rows == 0:
        seen = local_table(CLUSTER_FIT, fits.made(orders, as_of).rows(), orders)
        return *[local_table(table, [], orders) for table in TABLES], seen
    if last is None:
        found, scores = newly_fitted(points, recall(previous_features, unit), params)
        last = fits.made(orders, as_of, fitted.cells(found, unit))
        scored: DataFrame | None = local_table(CLUSTER_SCORES, scores, orders)
    else:
        found, scored = fitted.found(last, features), None
    assigned = kmeans.assign(points, found.centres, found.labels)  # no dearer than reading it staged
    told = profiles(assigned, features, dict(zip(found.labels, found.centres, strict=True)), found.before)
    return (
        cluster_rows(assigned, told, words),
        local_table(CLUSTER_PROFILES, profile_rows(told, words), orders),
        local_table(CLUSTER_FEATURES, feature_rows(told, unit), orders),
        AsFitted() if scored is None else scored,
        local_table(CLUSTER_FIT, last.rows(), orders),
    )


def serving(
    last: Fit | None, orders: DataFrame, features: Sequence[Feature], as_of: date, params: ClusterParams
) -> Fit | None:
    """The `last` fit, if customers can still be assigned with it."""
    if last is None or set(last.names(fitted.UNIT)) != {feature.name for feature in features}:
        return None
    return last if fits.serves(last, orders, as_of, params) else None


def newly_fitted(points: Points, history: History, params: ClusterParams) -> tuple[Found, list[dict[str, Any]]]:
    """The clusters of today, from those of the run before on, and the rows of CLUSTER_SCORES."""
    scores, chosen = choice(points, history, params)
    settled = kmeans.fit(points, chosen.centres)
    numbers = number(history.matches(settled.centres, params.match_limit), history.numbers, settled.counts.tolist())
    order = np.argsort(numbers)
    found = Found([numbers[i] for i in order], settled.centres[order], history.numbers)
    return found, score_rows(scores, chosen)


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
