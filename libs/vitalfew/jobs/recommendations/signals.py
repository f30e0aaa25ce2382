"""What speaks for a product: what is bought with it, who else buys it, and how popular it is."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.similarity import (
    both_ways,
    co_occurrences,
    cosine,
    log_likelihood_ratio,
    with_sizes,
)
from vitalfew.dataframes.ratios import ratio, ratio_to_digits
from vitalfew.dataframes.staging import Stage
from vitalfew.dataframes.top_n import best
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.snapshot import Past

BOTH_OF_DOUBT = 10.0
CUSTOMERS_OF_DOUBT = 50.0


@dataclass(frozen=True)
class Evidence:
    """Where the methods look their proposals up; nothing in it is out of stock.

    rules: item, other, confidence, lift; similar: item, other, cosine; of each item the few best.
    popular: segment, product_id, share, inside, overall; of each segment the few best.
    best_sellers: product_id, buyers; the few best.
    """

    rules: DataFrame
    similar: DataFrame
    popular: DataFrame
    best_sellers: DataFrame


def evidence(past: Past, params: RecommendationParams, stage: Stage) -> Evidence:
    """Rules, similar products and what is popular, from the past alone."""
    recent = stage(lately(past, params))
    sellers = stage(best_sellers(recent, params))
    return Evidence(
        rules=stage(rules(past, params)),
        similar=stage(similar_products(past, params, stage)),
        popular=stage(popular_products(recent, sellers, past, params)),
        best_sellers=sellers,
    )


def rules(past: Past, params: RecommendationParams) -> DataFrame:
    """item, other, confidence, lift: significant rules with one product on each side, the surest of each item.

    Baskets of nobody known count, those beyond the cap do not. With one product given, not redundant means lift > 1.
    """
    lines = past.bought.where(F.col("basket_size") <= params.max_basket)
    sizes = lines.groupBy(F.col("product_id").alias("item")).agg(F.count(F.lit(1)).alias("n_item"))
    frequent = sizes.where(F.col("n_item") >= params.min_baskets)
    baskets = (
        lines.join(frequent.withColumnRenamed("item", "product_id"), on="product_id", how="left_semi")
        .groupBy("order_id")
        .agg(F.sort_array(F.collect_list("product_id")).alias("items"))
    )
    counted = lines.agg(F.count_distinct("order_id").cast("double").alias("baskets"))
    pairs = with_sizes(co_occurrences(baskets, params.min_baskets), frequent).crossJoin(counted)
    by_chance = F.col("n_item").cast("double") * F.col("n_other")
    measured = pairs.select(
        *("item", "other", "n", "n_item", "n_other"),
        F.signum(F.col("n") * F.col("baskets") - by_chance).alias("beyond_chance"),
        ratio_to_digits(F.col("n") * F.col("baskets"), by_chance).alias("lift"),
        log_likelihood_ratio(F.col("baskets")).alias("evidence"),
    ).where((F.col("beyond_chance") > 0) & (F.col("evidence") >= params.min_log_likelihood_ratio))
    ruled = both_ways(measured, "n", "lift").withColumn("confidence", ratio(F.col("n"), F.col("n_item")))
    return nearest(ruled.select("item", "other", "confidence", "lift"), "confidence", past, params)


def similar_products(past: Past, params: RecommendationParams, stage: Stage) -> DataFrame:
    """item, other, cosine: products that the same customers buy, the nearest of each item.

    A customer counts with the products they buy most and latest, up to a cap.
    """
    shared = past.habits.where(F.col("buyers") >= params.min_buyers)
    liked = stage(favourites(shared, params.items_per_customer).select("customer_id", "product_id"))
    sets = liked.groupBy("customer_id").agg(F.sort_array(F.collect_list("product_id")).alias("items"))
    sizes = liked.groupBy(F.col("product_id").alias("item")).agg(F.count(F.lit(1)).alias("n_item"))
    pairs = with_sizes(co_occurrences(sets, params.min_buyers), sizes)
    near = both_ways(pairs.withColumn("cosine", cosine(BOTH_OF_DOUBT)), "cosine")
    return nearest(near.select("item", "other", "cosine"), "cosine", past, params)


def nearest(pairs: DataFrame, by: str, past: Past, params: RecommendationParams) -> DataFrame:
    """Of each item the pairs with the highest `by` whose other product can be had."""
    offered = pairs.join(past.gone.withColumnRenamed("product_id", "other"), on="other", how="left_anti")
    return best(offered, params.neighbours, ["item"], [F.desc(by), F.asc("other")]).drop("rank")


def favourites(habits: DataFrame, n: int) -> DataFrame:
    """The `n` products that each customer buys most and latest."""
    return best(habits, n, ["customer_id"], [F.desc("recent"), F.asc("product_id")]).drop("rank")


def lately(past: Past, params: RecommendationParams) -> DataFrame:
    """customer_id, segment, product_id: who bought what in the last days, of what can be had."""
    recent = in_window(past.bought, past.on, params.popular_days).select("customer_id", "product_id").distinct()
    return recent.join(past.gone, on="product_id", how="left_anti").join(past.segments, on="customer_id", how="inner")


def popular_products(recent: DataFrame, sellers: DataFrame, past: Past, params: RecommendationParams) -> DataFrame:
    """segment, product_id, share, inside, overall: what most customers of a segment bought, or else what most did.

    inside, overall: shares of the segment and of all customers who bought it lately; share: inside drawn to overall.
    """
    members = past.segments.groupBy("segment").agg(F.count(F.lit(1)).alias("members"))
    everyone = members.agg(F.sum("members").alias("customers"))
    overall = recent.groupBy("product_id").agg(F.count(F.lit(1)).alias("all_buyers")).crossJoin(everyone)
    by_nobody = members.select("segment").crossJoin(sellers.select("product_id")).withColumn("buyer", F.lit(0))
    by_someone = recent.select("segment", "product_id", F.lit(1).alias("buyer"))
    inside = by_someone.unionByName(by_nobody).groupBy("segment", "product_id").agg(F.sum("buyer").alias("buyers"))
    of_all, doubt = ratio(F.col("all_buyers"), F.col("customers")), F.lit(CUSTOMERS_OF_DOUBT)
    shares = (
        inside.join(overall, on="product_id", how="inner")
        .join(members, on="segment", how="inner")
        .select(
            "segment",
            "product_id",
            ratio(F.col("buyers") + doubt * of_all, F.col("members") + doubt).alias("share"),
            ratio(F.col("buyers"), F.col("members")).alias("inside"),
            of_all.alias("overall"),
        )
    )
    return best(shares, params.candidates, ["segment"], [F.desc("share"), F.asc("product_id")]).drop("rank")


def best_sellers(recent: DataFrame, params: RecommendationParams) -> DataFrame:
    """product_id, buyers: what most customers bought."""
    counted = recent.groupBy("product_id").agg(F.count(F.lit(1)).alias("buyers"))
    return counted.orderBy(F.desc("buyers"), F.asc("product_id")).limit(params.candidates)
