"""One strength from several: the probability that a customer buys a product in the days to come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics import logistic
from vitalfew.dataframes.collect import collect_table
from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.fits import Cell, Fit
from vitalfew.jobs.recommendations.tables import METHODS

DECIMALS = 9


@dataclass(frozen=True)
class Feature:
    """One number about a candidate: whose word it is, and its weight before data have spoken."""

    name: str
    method: str
    prior: float


FEATURES = (
    Feature("is_known", "repeat", 0.0),
    Feature("how_often", "repeat", 0.9),
    Feature("how_lately", "repeat", 1.25),
    Feature("how_early", "repeat", 0.2),
    Feature("how_overdue", "repeat", -0.3),
    Feature("how_repeatable", "repeat", 2.0),
    Feature("by_rules", "rules", 1.0),
    Feature("by_similar", "similar", 0.4),
    Feature("by_popular", "popular", 0.15),
)
"""The priors are what Complete Journey taught, rounded: a shop with too little history gets a grocer's blend."""

INTERCEPT = "intercept"
PRIOR_INTERCEPT = -5.0
NEVER_NEGATIVE = tuple(i for i, feature in enumerate(FEATURES) if feature.method != "repeat")


@dataclass(frozen=True)
class Blend:
    """The weight of each feature, and its mean over candidates not bought before: louder than that is loud."""

    intercept: float
    weights: dict[str, float]
    means: dict[str, float]


def cells(blend: Blend) -> dict[tuple[str, str], list[Cell]]:
    """The blend, as part of a fit."""
    weights: dict[tuple[str, str], list[Cell]] = {("weight", name): [value] for name, value in blend.weights.items()}
    means: dict[tuple[str, str], list[Cell]] = {("mean", name): [value] for name, value in blend.means.items()}
    return {**weights, **means, ("weight", INTERCEPT): [blend.intercept]}


def of_fit(fit: Fit) -> Blend:
    """The blend of a fit."""
    (intercept,) = fit.numbers("weight", INTERCEPT)
    weights, means = ({f.name: fit.numbers(part, f.name)[0] for f in FEATURES} for part in ("weight", "mean"))
    return Blend(intercept, weights, means)


def with_features(candidates: DataFrame) -> DataFrame:
    """`candidates` and the features: habit alone speaks for what was bought before, the other methods for the rest."""
    gap = F.greatest(F.col("gap_days"), F.lit(1.0))  # skips NULL, so that it must be told apart first
    cycles = F.when(F.col("gap_days").isNull(), F.lit(1.0)).otherwise(ratio(F.col("since_days"), gap))
    values = {
        "is_known": F.lit(1.0),
        "how_often": F.log1p("orders"),
        "how_lately": F.log1p("recent"),
        "how_early": F.greatest(F.lit(1.0) - cycles, F.lit(0.0)),
        "how_overdue": F.log(F.greatest(cycles, F.lit(1.0))),
        "how_repeatable": F.col("rebought"),
        "by_rules": F.col("rules"),
        "by_similar": F.log1p("similar"),
        "by_popular": F.log1p(F.col("popular") * 1000),
    }
    spoken = {f.name: F.col("is_bought") if f.method == "repeat" else ~F.col("is_bought") for f in FEATURES}
    return candidates.select("*", *[F.when(spoken[n], v).otherwise(F.lit(0.0)).alias(n) for n, v in values.items()])


def learn(candidates: DataFrame, wanted: DataFrame) -> Blend:
    """The blend that foretells `wanted` (customer_id, product_id: what was bought afterwards) best."""
    labelled = wanted.select("customer_id", "product_id", F.lit(1.0).alias("was_bought"))
    rows = with_features(candidates).join(labelled, on=["customer_id", "product_id"], how="left")
    names = [feature.name for feature in FEATURES]
    outcome = F.coalesce("was_bought", F.lit(0.0)).alias("was_bought")
    table = collect_table(
        rows.select("customer_id", "product_id", outcome, *names),
        "the sample on which the blend is fitted (fit_customers x candidates)",
    ).sort_by([("customer_id", "ascending"), ("product_id", "ascending")])
    x = np.column_stack([table[name].to_numpy() for name in names])
    prior = [PRIOR_INTERCEPT, *(feature.prior for feature in FEATURES)]
    fit = logistic.fit(x, table["was_bought"].to_numpy(), prior, never_negative=NEVER_NEGATIVE)
    new = max(1.0 - float(fit.means[0]), 1e-9)
    return Blend(
        intercept=round(fit.intercept, DECIMALS),
        weights={name: round(float(weight), DECIMALS) for name, weight in zip(names, fit.weights, strict=True)},
        means={name: round(float(mean) / new, DECIMALS) for name, mean in zip(names, fit.means, strict=True)},
    )


def score(candidates: DataFrame, blend: Blend) -> DataFrame:
    """customer_id, product_id, is_bought, each method's strength (NULL: it is silent), blend, and loudest, a method."""
    featured = with_features(candidates)
    repeat = word("repeat", blend)
    log_odds = reduce(add, [word(method, blend) for method in METHODS], F.lit(blend.intercept))
    return featured.select(
        "customer_id",
        "product_id",
        "is_bought",
        F.when(F.col("is_bought"), F.round(repeat, DECIMALS)).alias("repeat"),
        *[F.when(F.col(m) > 0, F.col(m)).alias(m) for m in METHODS if m != "repeat"],
        F.round(ratio(F.lit(1.0), F.lit(1.0) + F.exp(-log_odds)), DECIMALS).alias("blend"),
        loudest(blend).alias("loudest"),
    )


def word(method: str, blend: Blend) -> Column:
    """What a method adds to the log-odds."""
    parts = [F.lit(blend.weights[f.name]) * F.col(f.name) for f in FEATURES if f.method == method]
    return reduce(add, parts)


def loudest(blend: Blend) -> Column:
    """The method that adds most to the log-odds, compared with what it adds on average to a product that is new."""
    volumes = {
        f.method: F.when(
            F.col(f.method) > 0, F.lit(blend.weights[f.name]) * (F.col(f.name) - F.lit(blend.means[f.name]))
        )
        for f in FEATURES
        if f.method != "repeat"
    }
    top = F.greatest(*volumes.values())
    named = F.coalesce(*[F.when(volume == top, F.lit(method)) for method, volume in volumes.items()])
    return F.when(F.col("is_bought"), F.lit("repeat")).otherwise(named)
