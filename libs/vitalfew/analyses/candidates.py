"""What each method proposes to each customer, by joins on capped lists: never every customer with every product."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.ranking import best
from vitalfew.analyses.evidence import Evidence, favourites
from vitalfew.analyses.past import Past
from vitalfew.analyses.recommendation_params import RecommendationParams

NEVER_CERTAIN = 0.999
PAIR = ["customer_id", "product_id"]


def candidates(past: Past, known: Evidence, params: RecommendationParams, customers: DataFrame) -> DataFrame:
    """One row per customer (of `customers`: customer_id) and product that some method proposes.

    similar, rules, popular: the strength of each method's proposal, 0 where it makes none; is_bought, and the columns
    of `habits`, NULL for what is new. Durables already owned and what is out of stock are not among them.
    """
    own = past.habits.join(customers, on="customer_id", how="left_semi")
    strengths = {
        "repeat": own.join(past.gone, on="product_id", how="left_anti").withColumn("repeat", F.col("recent")),
        "similar": similar(own, known, params),
        "rules": followers(own, known, params),
        "popular": popular(past, known, customers),
    }
    proposals = [strongest(frame, method, past, params) for method, frame in strengths.items()]
    gathered = (
        reduce(DataFrame.unionByName, proposals)
        .groupBy(*PAIR)
        .agg(*[F.max(F.when(F.col("method") == m, F.col("strength")).otherwise(0.0)).alias(m) for m in strengths])
    )
    bought = gathered.drop("repeat").join(own, on=PAIR, how="left")
    return bought.withColumn("is_bought", F.col("orders").isNotNull())


def strongest(proposals: DataFrame, method: str, past: Past, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id, method, strength: a method's best proposals to each customer, but no durable twice."""
    rows = proposals.select(*PAIR, F.lit(method).alias("method"), F.col(method).alias("strength"))
    free = rows.join(past.owned, on=PAIR, how="left_anti")
    return best(free, params.candidates, ["customer_id"], [F.desc("strength"), F.asc("product_id")]).drop("rank")


def popular(past: Past, known: Evidence, customers: DataFrame) -> DataFrame:
    """customer_id, product_id, popular: the share of the customer's segment that bought it lately."""
    segments = past.segments.join(customers, on="customer_id", how="left_semi")
    return segments.join(known.popular, on="segment", how="inner").withColumnRenamed("share", "popular")


def similar(own: DataFrame, known: Evidence, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id, similar: cosines with what the customer buys, each times how much and how lately."""
    weights = neighbours_bought(own, known, params).groupBy(*PAIR)
    return weights.agg(F.round(F.sum("weight"), 9).alias("similar"))


def neighbours_bought(own: DataFrame, known: Evidence, params: RecommendationParams) -> DataFrame:
    """customer_id, item, product_id, weight: what is similar to an item that the customer buys, and what it counts."""
    liked = favourites(own, params.recent_items).withColumnRenamed("product_id", "item")
    weight = F.col("recent") * F.col("cosine")
    return liked.join(known.similar, on="item", how="inner").select(
        "customer_id", "item", F.col("other").alias("product_id"), weight.alias("weight")
    )


def followers(own: DataFrame, known: Evidence, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id, rules: the probability that a rule comes true, were the rules independent."""
    fails = F.lit(1.0) - F.least(F.col("confidence"), F.lit(NEVER_CERTAIN))
    one_holds = F.lit(1.0) - F.exp(F.sum(F.log(fails)))
    return rules_met(own, known, params).groupBy(*PAIR).agg(F.round(one_holds, 9).alias("rules"))


def rules_met(own: DataFrame, known: Evidence, params: RecommendationParams) -> DataFrame:
    """customer_id, item, product_id, confidence, lift: rules of an item bought in the last order or shortly before."""
    last = own.groupBy("customer_id").agg(F.min("since_days").alias("last_days"))
    is_recent = F.col("since_days") <= F.col("last_days") + params.recent_days
    recent = own.join(last, on="customer_id", how="inner").where(is_recent)
    liked = favourites(recent, params.recent_items).withColumnRenamed("product_id", "item")
    return liked.join(known.rules, on="item", how="inner").select(
        "customer_id", "item", F.col("other").alias("product_id"), "confidence", "lift"
    )
