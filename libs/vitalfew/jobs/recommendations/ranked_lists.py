"""The list that each method, each blend and each baseline would show to a customer."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.signals import Evidence
from vitalfew.jobs.recommendations.snapshot import Past
from vitalfew.jobs.recommendations.tables import METHODS

BASELINES = ("most popular", "buy again")
DISCOVERY, BLEND = "discovery", "blend"
COLUMNS = ("method", "customer_id", "product_id", "rank")


def methods(params: RecommendationParams) -> tuple[str, ...]:
    """What is measured and might be published: each method alone and the blends."""
    return (*METHODS, *blends(params))


def blends(params: RecommendationParams) -> tuple[str, ...]:
    """What is published rather than a method alone, the earlier rather than the later."""
    return (DISCOVERY, BLEND) if params.new_products else (BLEND,)


def all_lists(
    scored: DataFrame, known: Past, speaking: Evidence, customers: DataFrame, params: RecommendationParams
) -> DataFrame:
    """method, customer_id, product_id, rank: the first `k` by every method, blend and baseline."""
    alone = [F.struct(F.lit(name).alias("method"), F.col(name).alias("strength")) for name in METHODS]
    spoken = scored.select("customer_id", "product_id", F.explode(F.array(*alone)).alias("word"))
    words = spoken.select("word.method", "customer_id", "product_id", "word.strength").where("strength is not null")
    others = words.unionByName(baselines(known, speaking, customers, params))
    order = [F.desc("strength"), F.asc("product_id")]
    lists = best(others, params.k, ["method", "customer_id"], order).select(*COLUMNS)
    for method in blends(params):
        blended = shown(scored, method, params).withColumn("method", F.lit(method))
        lists = lists.unionByName(blended.select(*COLUMNS))
    return lists


def baselines(known: Past, speaking: Evidence, customers: DataFrame, params: RecommendationParams) -> DataFrame:
    """method, customer_id, product_id, strength: what each customer bought most, and what all did; no durable twice."""
    recency = F.col("since_days") / F.lit(params.history_days + 1.0)
    again = known.habits.join(customers, on="customer_id", how="left_semi").select(
        F.lit("buy again").alias("method"), "customer_id", "product_id", (F.col("orders") - recency).alias("strength")
    )
    buyers = F.col("buyers").cast("double").alias("strength")
    popular = customers.crossJoin(speaking.best_sellers).select(
        F.lit("most popular").alias("method"), "customer_id", "product_id", buyers
    )
    return again.unionByName(popular).join(known.owned, on=["customer_id", "product_id"], how="left_anti")


def shown(scored: DataFrame, method: str, params: RecommendationParams) -> DataFrame:
    """The rows of `scored` that a method or blend shows, with their `rank`; discovery keeps places for what is new."""
    by = strength(method)
    likeliest = [F.desc(by), F.asc("product_id")]
    if method == DISCOVERY:
        apart = best(scored, params.k, ["customer_id", "is_bought"], likeliest)
        is_kept = ~F.col("is_bought") & (F.col("rank") <= params.new_products)
        scored = best(apart.withColumn("is_kept", is_kept), params.k, ["customer_id"], [F.desc("is_kept"), *likeliest])
    return best(scored.where(F.col(by).isNotNull()), params.k, ["customer_id"], likeliest)


def strength(method: str) -> str:
    """The column of `scored` that a method or blend goes by."""
    return BLEND if method == DISCOVERY else method
