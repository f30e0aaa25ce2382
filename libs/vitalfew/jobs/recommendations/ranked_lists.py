"""The list that each method, the blend and each baseline would show to a customer."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best
from vitalfew.jobs.recommendations.candidates import PAIR
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.signals import Evidence
from vitalfew.jobs.recommendations.snapshot import Past
from vitalfew.jobs.recommendations.tables import (
    BLEND,
    BUY_AGAIN,
    DISCOVERY,
    METHODS,
    MOST_POPULAR,
    NEW_AND_POPULAR,
)

COLUMNS = ("method", "customer_id", "product_id", "rank")
MEASURED = (*METHODS, BLEND)
"""What might be published: each method alone, and all together."""

RIVALS = (MOST_POPULAR, BUY_AGAIN)
"""What a list must beat; a place for what is new must beat NEW_AND_POPULAR."""

LENGTHS = (1, 3, 5, 10, 20, 50)
HALF_LIVES = (7, 14, 28, 60, 120, 240, 100_000)
"""Days after which a purchase may count half for `buy again`; with the last nothing fades in anybody's lifetime."""


def lengths(params: RecommendationParams) -> list[int]:
    """How much of the lists is measured: their first products, and all `k`."""
    return [*(n for n in LENGTHS if n < params.k), params.k]


def all_lists(
    scored: DataFrame,
    known: Past,
    speaking: Evidence,
    customers: DataFrame,
    half_life_days: int,
    params: RecommendationParams,
) -> DataFrame:
    """method, customer_id, product_id, rank: the first `k` by every method, the blend and the baselines."""
    alone = [F.struct(F.lit(name).alias("method"), F.col(name).alias("strength")) for name in MEASURED]
    spoken = scored.select(*PAIR, F.explode(F.array(*alone)).alias("word"))
    words = spoken.select("word.method", *PAIR, "word.strength").where("strength is not null")
    again = faded(known, customers, [half_life_days]).withColumn("method", F.lit(BUY_AGAIN))
    others = words.unionByName(again).unionByName(bestsellers(known, speaking, customers, MOST_POPULAR))
    return best(others, params.k, ["method", "customer_id"], likeliest("strength")).select(*COLUMNS)


def likeliest(strength: str) -> list[Column]:
    """The order of a list."""
    return [F.desc(strength), F.asc("product_id")]


def faded(known: Past, customers: DataFrame, half_lives: Sequence[int]) -> DataFrame:
    """method, customer_id, product_id, strength: orders of each product by each customer. An order counts
    half after a half-life; `method` is that half-life in days. No durable twice."""
    age = F.datediff(F.lit(known.on), F.col("ordered_on"))
    found = [
        F.struct(
            F.lit(str(days)).alias("method"),
            F.round(F.sum(F.col("orders") * F.pow(F.lit(0.5), age / F.lit(float(days)))), 9).alias("strength"),
        )
        for days in half_lives
    ]
    own = known.days.join(customers, on="customer_id", how="left_semi").groupBy(*PAIR).agg(F.array(*found).alias("all"))
    each = own.join(known.owned, on=PAIR, how="left_anti").select(*PAIR, F.explode("all").alias("one"))
    return each.select("one.method", *PAIR, "one.strength")


def bestsellers(known: Past, speaking: Evidence, customers: DataFrame, method: str) -> DataFrame:
    """method, customer_id, product_id, strength: what most customers bought; no durable twice."""
    strength = F.col("buyers").cast("double").alias("strength")
    every = customers.crossJoin(speaking.best_sellers).select(F.lit(method).alias("method"), *PAIR, strength)
    return every.join(known.owned, on=PAIR, how="left_anti")


def shown(scored: DataFrame, method: str, places: int, params: RecommendationParams) -> DataFrame:
    """The rows of `scored` that a customer is shown, with their `rank`: the first `k` by a method or the blend, and
    after them the likeliest of what is new to the customer, as many as there are `places`."""
    first = first_of(scored, method, params)
    if not places:
        return first
    ends = first.groupBy("customer_id").agg(F.max("rank").alias("last"))
    added = best(new_to_them(scored, first), places, ["customer_id"], likeliest(BLEND))
    after = added.join(ends, on="customer_id", how="inner").withColumn("rank", F.col("rank") + F.col("last"))
    return first.unionByName(after.select(*first.columns))


def first_of(scored: DataFrame, method: str, params: RecommendationParams) -> DataFrame:
    """The rows of `scored` that are the first `k` of each customer by a method or the blend, with their `rank`."""
    return best(scored.where(F.col(method).isNotNull()), params.k, ["customer_id"], likeliest(method))


def new_to_them(scored: DataFrame, first: DataFrame) -> DataFrame:
    """The rows of `scored` of products that the customer never bought and that are not in the list already."""
    return scored.where(~F.col("is_bought")).join(first.select(*PAIR), on=PAIR, how="left_anti")


def places_for_new(
    scored: DataFrame, known: Past, speaking: Evidence, customers: DataFrame, method: str, params: RecommendationParams
) -> DataFrame:
    """method, customer_id, product_id, rank: what stands in the places after the list of `method`, and what would if
    they were given to the bestsellers that are new to the customer."""
    first = first_of(scored, method, params)
    ours = new_to_them(scored, first).select(F.lit(DISCOVERY).alias("method"), *PAIR, F.col(BLEND).alias("strength"))
    popular = bestsellers(known, speaking, customers, NEW_AND_POPULAR)
    new = popular.join(known.habits, on=PAIR, how="left_anti").join(first, on=PAIR, how="left_anti")
    both = ours.unionByName(new)
    return best(both, params.new_products, ["method", "customer_id"], likeliest("strength")).select(*COLUMNS)
