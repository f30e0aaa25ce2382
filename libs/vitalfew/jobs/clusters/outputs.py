"""What is written of clusters: who is in which, what sets each apart, and how the number of them was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.kmeans.choose_k import Score
from vitalfew.algorithms.kmeans.standardise import Spread
from vitalfew.dataframes.arrays import Matrix
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.clusters.actions import action
from vitalfew.jobs.clusters.feature_space import Feature
from vitalfew.jobs.clusters.names import Name, Shape, name_columns, names
from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.messages.sentences import VALUES
from vitalfew.messages.words import Words

PARTS = 1_000_000


@dataclass(frozen=True)
class Profile:
    """One cluster: its number and name, who is in it, what they spend, and where it lies."""

    cluster: int
    name: Name
    customers: int
    monetary: Decimal
    is_new: bool
    shape: Shape


def profiles(
    assigned: DataFrame, features: Sequence[Feature], centres: Mapping[int, Matrix], before: Sequence[int]
) -> list[Profile]:
    """A profile for each cluster that has customers, by number; `before` are those of the run before."""
    means = [F.avg(feature.value).alias(f"mean{i}") for i, feature in enumerate(features)]
    totals = assigned.groupBy("cluster").agg(
        F.count("*").alias("customers"), F.sum("net_amount").cast("decimal(28,2)").alias("monetary"), *means
    )
    found = sorted(collect_rows(totals, "clusters"), key=lambda row: int(row["cluster"]))
    shapes = [
        Shape(
            {f.name: float(x) for f, x in zip(features, centres[row["cluster"]], strict=True)},
            {f.name: six_digits(row[f"mean{i}"]) for i, f in enumerate(features)},
        )
        for row in found
    ]
    called = names(shapes, {feature.name: feature.trait for feature in features})
    return [
        Profile(row["cluster"], name, row["customers"], row["monetary"], row["cluster"] not in before, shape)
        for row, name, shape in zip(found, called, shapes, strict=True)
    ]


def cluster_rows(assigned: DataFrame, found: Sequence[Profile], words: Words) -> DataFrame:
    """CLUSTERS."""
    called = {p.cluster: name_columns(p.name, words) for p in found}
    shown = {
        **{
            column: F.coalesce(*[F.when(F.col("cluster") == p.cluster, lit(called[p.cluster][column])) for p in found])
            for column in ("name", "name_code", "name_values")
        },
        "distance": to_a_millionth(F.col("distance")),
        "second_distance": to_a_millionth(F.col("second_distance")),
    }
    return assigned.select(
        *[shown.get(column, F.col(column)).alias(column) for column in CLUSTERS.columns if column != CLUSTERS.slice]
    )


def lit(value: str | Mapping[str, str]) -> Column:
    """A text, or a map of texts, as a column."""
    if isinstance(value, str):
        return F.lit(value)
    return F.create_map(*[F.lit(each) for pair in value.items() for each in pair]).cast(VALUES)


def profile_rows(found: Sequence[Profile], words: Words) -> list[dict[str, Any]]:
    """Rows of CLUSTER_PROFILES."""
    customers, monetary = sum(p.customers for p in found), sum((p.monetary for p in found), Decimal(0))
    return [
        {
            "cluster": p.cluster,
            **name_columns(p.name, words),
            "customers": p.customers,
            "share_of_customers": p.customers / customers,
            "monetary": p.monetary,
            "share_of_monetary": float(p.monetary / monetary) if monetary else None,
            "is_new": p.is_new,
            **action(p.shape, words),
        }
        for p in found
    ]


def feature_rows(found: Sequence[Profile], unit: Mapping[str, Spread]) -> list[dict[str, Any]]:
    """Rows of CLUSTER_FEATURES."""
    everyone = sum(p.customers for p in found)
    overall = {f: sum(p.customers * p.shape.mean[f] for p in found) / everyone for f in unit} if found else {}
    return [
        {
            "cluster": p.cluster,
            "feature": feature,
            "centre": round(p.shape.centre[feature], 6),
            "cluster_mean": p.shape.mean[feature],
            "overall_mean": six_digits(overall[feature]),
            "shift": spread.shift,
            "scale": spread.scale,
        }
        for p in found
        for feature, spread in unit.items()
    ]


def score_rows(scores: Sequence[Score], chosen: Score) -> list[dict[str, Any]]:
    """Rows of CLUSTER_SCORES."""
    return [
        {"k": s.k, "silhouette": s.silhouette, "stability": s.stability, "cost": s.cost, "is_chosen": s is chosen}
        for s in scores
    ]


def six_digits(value: float) -> float:
    """Rounded to six significant digits: what the order of a summation cannot change."""
    return float(f"{value:.6g}")


def to_a_millionth(value: Column) -> Column:
    return F.floor(value * F.lit(PARTS) + F.lit(0.5)) / F.lit(PARTS)
