"""What a page shows of clusters: the same features of each, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.clusters.tables import CLUSTER_PROFILES
from vitalfew.messages.catalogue import group
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Said, called
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

APART, LOOSE = 0.5, 0.25
"""Mean silhouettes from which groups are called apart, and overlapping a little (Kaufman and Rousseeuw, 1990)."""
MOST_FEATURES, LEAST_SPREAD = 7, 0.25
SHARES = ("weekend_share", "evening_share", "returns_share")
MONEY = ("monetary", "average_basket_value")


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where there is one cluster or none."""
    del asked  # small clusters are hidden already
    order = [F.desc("monetary"), F.desc("customers"), F.asc("cluster")]
    profiles = collect_rows(known["cluster_profiles"].orderBy(*order), "clusters")
    if len(profiles) < 2:
        return []
    scores = collect_rows(known["cluster_scores"].where("is_chosen"), "scores of clusters")
    silhouette = scores[0]["silhouette"] if scores else None
    first = profiles[0]
    sizes = {"clusters": len(profiles), "share": first["share_of_customers"]}
    held = first["share_of_monetary"] or 0
    answer = (
        message("page.clusters.answer", **sizes, held=held) if held > 0 else message("page.clusters.by_size", **sizes)
    )
    return [
        Evidence(
            "clusters",
            answer,
            of_row(first, "action", CLUSTER_PROFILES),
            features(known, profiles, silhouette),
        )
    ]


def features(known: Known, profiles: Sequence[Row], silhouette: float | None) -> list[Chart]:
    found = collect_rows(known["cluster_features"].orderBy("feature", "cluster"), "features of clusters")
    known_names = group("clusters.feature")
    spread: dict[str, float] = {}
    for row in found:
        spread[row["feature"]] = max(spread.get(row["feature"], 0), abs(row["centre"]))
    named = [name for name in known_names if name in spread] or sorted(spread)
    telling = [name for name in named if spread[name] >= LEAST_SPREAD] or named
    chosen = sorted(telling, key=lambda name: -spread[name])[:MOST_FEATURES]
    by_key = {(row["cluster"], row["feature"]): row for row in found}
    rows: list[dict[str, Any]] = [
        {
            "cluster": profile["cluster"],
            "name": of_row(profile, "name", CLUSTER_PROFILES),
            "size": message("page.clusters.size", customers=profile["customers"], share=profile["share_of_customers"]),
            "feature": feature_name(feature),
            "deviations": row["centre"],
            "shown": shown(feature, row["cluster_mean"]),
            "mean": row["cluster_mean"],
            "overall": row["overall_mean"],
        }
        for profile in profiles
        for feature in chosen
        for row in [by_key.get((profile["cluster"], feature))]
        if row is not None
    ]
    if not rows:
        return []
    fields = (
        column("cluster", "cluster", "count"),
        column("feature", "feature"),
        column("mean", "mean", "number"),
        column("overall", "all_mean", "number"),
        column("deviations", "deviations", "number"),
    )
    note = message("page.clusters.note")
    return [
        Chart(
            "profiles",
            "profiles",
            rows,
            "cluster_features",
            verdict(silhouette),
            note,
            fields,
            "feature",
            "deviations",
            "cluster",
        )
    ]


def verdict(silhouette: float | None) -> Message:
    """How far apart the groups are."""
    if silhouette is None:
        return message("page.clusters.unknown")
    code = "apart" if silhouette >= APART else "loose" if silhouette >= LOOSE else "overlap"
    return message(f"page.clusters_title.{code}", silhouette=silhouette)


def feature_name(feature: str) -> Said:
    """A feature of the suite in words; one made of an attribute by its name."""
    return called("clusters.feature", feature)


def shown(feature: str, mean: float) -> Message:
    """A mean in its unit."""
    if feature in SHARES:
        return message("page.clusters_mean.share", share=mean)
    if feature in MONEY:
        return message("page.clusters_mean.money", money=mean)
    return message("page.clusters_mean.number", number=mean)
