"""The space in which customers are near or far: their features, logarithms taken, standardised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.kmeans.standardise import Spread, rounded, signed_log, spreads
from vitalfew.algorithms.kmeans.standardised_points import Points, examine
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.clusters.attributes import AttributeName, Level
from vitalfew.jobs.clusters.features import SHARES, FeatureName
from vitalfew.jobs.clusters.names import TRAITS, Trait
from vitalfew.jobs.clusters.params import ClusterParams


@dataclass(frozen=True)
class Feature:
    """One dimension: what it is called, its value in its own unit, the value that is compared, and how it is told."""

    name: str
    value: Column
    compared: Column
    trait: Trait
    attribute: AttributeName | None = None


def dimensions(names: Sequence[FeatureName], levels: Sequence[Level]) -> list[Feature]:
    """A dimension for each feature of the orders, and for each level of an attribute."""
    measured = [
        Feature(name, F.col(name), F.col(name) if name in SHARES else signed_log(F.col(name)), TRAITS[name])
        for name in names
    ]
    known = [Feature(level.name, level.indicator, level.indicator, trait(level), level.attribute) for level in levels]
    return measured + known


def trait(level: Level) -> Trait:
    return Trait(level.attribute, level.item, level.item_where_rare)


def units(customers: DataFrame, features: Sequence[Feature]) -> dict[str, Spread]:
    """The spread of each dimension.

    The levels of an attribute share one scale, which gives the whole attribute a variance of 1: it weighs as much as
    one feature, however many levels it has and however rare they are.
    """
    found = spreads(customers, {feature.name: feature.compared for feature in features})
    for attribute in {feature.attribute for feature in features if feature.attribute}:
        of_it = [f.name for f in features if f.attribute == attribute and not found[f.name].is_constant]
        scale = rounded(math.sqrt(sum(found[name].scale ** 2 for name in of_it)))
        found.update({name: replace(found[name], scale=scale) for name in of_it})
    return found


def locate(
    customers: DataFrame, features: Sequence[Feature], unit: Mapping[str, Spread], params: ClusterParams, stage: Stage
) -> Points:
    """The customers as points: their columns, and beside them a coordinate for each dimension, in order."""
    columns = [f"z{i}" for i in range(len(features))]
    places = [
        unit[feature.name].standardised(feature.compared, params.most_deviations).alias(column)
        for feature, column in zip(features, columns, strict=True)
    ]
    return examine(stage(customers.select("*", *places)), columns, "customer_id", params.sample_size)
