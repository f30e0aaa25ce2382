"""Why a product is recommended."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best
from vitalfew.jobs.recommendations.candidates import PAIR, just_bought, liked, neighbours, rules_of, weight
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.signals import Evidence
from vitalfew.jobs.recommendations.snapshot import Past
from vitalfew.messages.sentences import Sentence, choose, say

MOST_CAUSES = 2


def with_reasons(
    chosen: DataFrame, past: Past, known: Evidence, products: DataFrame, params: RecommendationParams
) -> DataFrame:
    """`chosen` (customer_id, product_id, method and more) with `because`, product ids, and the message `reason`.

    products: product_id, known_as, name; every product_id of the result is `known_as`.
    """
    own = past.habits.select(*PAIR, "days", "since_days", "gap_days")
    popular = known.popular.select("segment", "product_id", "inside", "overall")
    found = [F.col("known_as").alias("product_id"), because().alias("because"), *reason(params).named("reason")]
    return (
        chosen.join(named_causes(chosen, past, known, products, params), on=PAIR, how="left")
        .join(own, on=PAIR, how="left")
        .join(past.segments, on="customer_id", how="left")
        .join(popular, on=["segment", "product_id"], how="left")
        .join(products.select("product_id", "known_as"), on="product_id", how="inner")
        .select(*[name for name in chosen.columns if name != "product_id"], *found)
    )


def named_causes(
    chosen: DataFrame, past: Past, known: Evidence, products: DataFrame, params: RecommendationParams
) -> DataFrame:
    """customer_id, product_id, item_1, name_1, lift_1, item_2 …: what they bought that speaks loudest for it."""
    nothing = F.lit(None).cast("double")
    followed = speaking("rules", chosen, just_bought(past.habits, params), rules_of(known))
    similar = speaking("similar", chosen, liked(past.habits, params), neighbours(known))
    both = followed.select(*PAIR, "item", "lift", F.col("lift").alias("strength")).unionByName(
        similar.select(*PAIR, "item", nothing.alias("lift"), weight().alias("strength"))
    )
    loudest = best(both, MOST_CAUSES, PAIR, [F.desc("strength"), F.asc("item")]).withColumnRenamed("item", "cause")
    names = products.select(
        F.col("product_id").alias("cause"),
        F.col("known_as").alias("item"),
        F.coalesce(tidy("name"), "known_as").alias("name"),
    )
    return (
        loudest.join(names, on="cause", how="inner")
        .groupBy(*PAIR)
        .agg(
            *[
                F.max(F.when(F.col("rank") == rank, F.col(column))).alias(f"{column}_{rank}")
                for rank in range(1, MOST_CAUSES + 1)
                for column in ("item", "name", "lift")
            ]
        )
    )


def speaking(method: str, chosen: DataFrame, items: DataFrame, links: DataFrame) -> DataFrame:
    """The `items` of each customer that a method's `links` (item, product_id) lead from to what it chose for them."""
    wanted = chosen.where(F.col("method") == method).select(*PAIR)
    return wanted.join(items, on="customer_id", how="inner").join(links, on=["item", "product_id"], how="inner")


def because() -> Column:
    """The product itself where habit speaks, nothing where popularity does, else what the customer bought."""
    causes = F.when(F.col("item_2").isNull(), F.array("item_1")).otherwise(F.array("item_1", "item_2"))
    nothing = F.array().cast("array<string>")
    return (
        F.when(F.col("method") == "repeat", F.array("known_as"))
        .when(F.col("method") == "popular", nothing)
        .otherwise(causes)
    )


def reason(params: RecommendationParams) -> Sentence:
    """The reason as a sentence."""
    is_one = F.col("name_2").isNull() | (F.col("name_2") == F.col("name_1"))
    one, two = {"item": F.col("name_1")}, {"item": F.col("name_1"), "other": F.col("name_2")}
    times, days = F.col("lift_1"), F.lit(params.popular_days)
    since, gap = F.col("since_days"), F.col("gap_days")
    is_more_so = F.col("inside") >= F.col("overall")
    return choose(
        ((F.col("method") == "rules") & is_one, say("recommendations.reason.rules", **one, times=times)),
        (
            F.col("method") == "rules",
            say("recommendations.reason.rules_two", **two, times=times, other_times=F.col("lift_2")),
        ),
        ((F.col("method") == "similar") & is_one, say("recommendations.reason.similar", **one)),
        (F.col("method") == "similar", say("recommendations.reason.similar_two", **two)),
        (
            (F.col("method") == "popular") & is_more_so,
            say("recommendations.reason.popular_segment", segment=F.col("segment"), share=F.col("inside"), days=days),
        ),
        (F.col("method") == "popular", say("recommendations.reason.popular", share=F.col("overall"), days=days)),
        (F.col("days") == 1, say("recommendations.reason.once", since=since)),
        (F.col("days") == 2, say("recommendations.reason.twice", since=since)),
        otherwise=say("recommendations.reason.often", gap=gap, since=since),
    )


def tidy(column: str) -> Column:
    return F.trim(F.regexp_replace(F.col(column), r"\s+", " "))
