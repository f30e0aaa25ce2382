"""Why a product is recommended, in words."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.text_columns import said
from vitalfew.dataframes.top_n import best
from vitalfew.jobs.recommendations.candidates import PAIR, just_bought, liked, neighbours, rules_of, weight
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.signals import Evidence
from vitalfew.jobs.recommendations.snapshot import Past

MOST_CAUSES = 2


def with_reasons(
    chosen: DataFrame, past: Past, known: Evidence, products: DataFrame, params: RecommendationParams
) -> DataFrame:
    """`chosen` (customer_id, product_id, method and more) with `because`, product ids, and `reason`, in words.

    products: product_id, known_as, name; what is told, product_id too, is `known_as`.
    """
    own = past.habits.select(*PAIR, "days", "since_days", "gap_days")
    popular = known.popular.select("segment", "product_id", "inside", "overall")
    told = {"product_id": F.col("known_as"), "because": because(), "reason": words(params)}
    return (
        chosen.join(named_causes(chosen, past, known, products, params), on=PAIR, how="left")
        .join(own, on=PAIR, how="left")
        .join(past.segments, on="customer_id", how="left")
        .join(popular, on=["segment", "product_id"], how="left")
        .join(products.select("product_id", "known_as"), on="product_id", how="inner")
        .select(
            *[name for name in chosen.columns if name != "product_id"], *[c.alias(name) for name, c in told.items()]
        )
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


def words(params: RecommendationParams) -> Column:
    """The reason as people say it."""
    is_one = F.col("name_2").isNull() | (F.col("name_2") == F.col("name_1"))
    names = F.when(is_one, F.col("name_1")).otherwise(F.concat_ws(" and ", "name_1", "name_2"))
    lifts = F.when(is_one, tenths(F.col("lift_1"))).otherwise(
        F.concat_ws(" and ", tenths(F.col("lift_1")), tenths(F.col("lift_2")))
    )
    return (
        F.when(F.col("method") == "rules", said("because of ", names, ": ", lifts, " times as likely"))
        .when(F.col("method") == "similar", said("bought by customers who also buy ", names))
        .when(F.col("method") == "popular", popularity(params.popular_days))
        .otherwise(habit())
    )


def popularity(days: int) -> Column:
    """Among whom it is popular: the customer's segment, if it is more so there than among all."""
    inside = said(
        "popular among ", F.col("segment"), ": ", tenths(F.col("inside") * 100), f" % bought it in {days} days"
    )
    overall = said("popular: ", tenths(F.col("overall") * 100), f" % of all customers bought it in {days} days")
    return F.when(F.col("inside") >= F.col("overall"), inside).otherwise(overall)


def habit() -> Column:
    """How often the customer bought it, and when last."""
    since, gap = F.col("since_days").cast("string"), F.round("gap_days").cast("bigint").cast("string")
    ago = said(since, F.when(F.col("since_days") == 1, F.lit(" day ago")).otherwise(F.lit(" days ago")))
    return (
        F.when(F.col("days") == 1, said("bought once, ", ago))
        .when(F.col("days") == 2, said("bought twice, last ", ago))
        .otherwise(said("bought every ", gap, " days, last ", ago))
    )


def tidy(column: str) -> Column:
    return F.trim(F.regexp_replace(F.col(column), r"\s+", " "))


def tenths(number: Column) -> Column:
    return number.cast("decimal(18,1)").cast("string")
