"""What each method proposes to each customer, by joins on capped lists: never every customer with every product."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.signals import Evidence, favourites
from vitalfew.jobs.recommendations.snapshot import Past

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
    proposals = [strongest(frame, method, past, params) for method, frame in strengths.items() if method != "popular"]
    proposals.append(no_durable_twice(strengths["popular"], "popular", past))  # of a segment there are no more
    gathered = (
        reduce(DataFrame.unionByName, proposals)
        .groupBy(*PAIR)
        .agg(*[F.max(F.when(F.col("method") == m, F.col("strength")).otherwise(0.0)).alias(m) for m in strengths])
    )
    bought = gathered.drop("repeat").join(own, on=PAIR, how="left")
    return bought.withColumn("is_bought", F.col("orders").isNotNull())


def strongest(proposals: DataFrame, method: str, past: Past, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id, method, strength: a method's best proposals to each customer, but no durable twice."""
    free = no_durable_twice(proposals, method, past)
    return best(free, params.candidates, ["customer_id"], [F.desc("strength"), F.asc("product_id")]).drop("rank")


def no_durable_twice(proposals: DataFrame, method: str, past: Past) -> DataFrame:
    """customer_id, product_id, method, strength: all that a method proposes, but what lasts only to who has it not."""
    rows = proposals.select(*PAIR, F.lit(method).alias("method"), F.col(method).alias("strength"))
    return rows.join(past.owned, on=PAIR, how="left_anti")


def popular(past: Past, known: Evidence, customers: DataFrame) -> DataFrame:
    """customer_id, product_id, popular: the share of the customer's segment that bought it lately."""
    segments = past.segments.join(customers, on="customer_id", how="left_semi")
    return segments.join(known.popular, on="segment", how="inner").withColumnRenamed("share", "popular")


def similar(own: DataFrame, known: Evidence, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id, similar: cosines with what the customer buys, each times how much and how lately."""
    met = liked(own, params).join(neighbours(known), on="item", how="inner")
    return met.groupBy(*PAIR).agg(F.round(F.sum(weight()), 9).alias("similar"))


def liked(own: DataFrame, params: RecommendationParams) -> DataFrame:
    """customer_id, item, recent: the items from which similarity starts."""
    found = favourites(own, params.recent_items)
    return found.select("customer_id", F.col("product_id").alias("item"), "recent")


def neighbours(known: Evidence) -> DataFrame:
    """item, product_id, cosine."""
    return known.similar.withColumnRenamed("other", "product_id")


def weight() -> Column:
    """What an item that the customer buys counts for a product similar to it."""
    return F.col("recent") * F.col("cosine")


def followers(own: DataFrame, known: Evidence, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id, rules: the probability that a rule comes true, were the rules independent."""
    fails = F.lit(1.0) - F.least(F.col("confidence"), F.lit(NEVER_CERTAIN))
    one_holds = F.lit(1.0) - F.exp(F.sum(F.log(fails)))
    met = just_bought(own, params).join(rules_of(known), on="item", how="inner")
    return met.groupBy(*PAIR).agg(F.round(one_holds, 9).alias("rules"))


def just_bought(own: DataFrame, params: RecommendationParams) -> DataFrame:
    """customer_id, item: the items from which rules start, bought in the last order or shortly before."""
    last = own.groupBy("customer_id").agg(F.min("since_days").alias("last_days"))
    is_recent = F.col("since_days") <= F.col("last_days") + params.recent_days
    recent = own.join(last, on="customer_id", how="inner").where(is_recent)
    found = favourites(recent, params.recent_items)
    return found.select("customer_id", F.col("product_id").alias("item"))


def rules_of(known: Evidence) -> DataFrame:
    """item, product_id, confidence, lift."""
    return known.rules.withColumnRenamed("other", "product_id")
