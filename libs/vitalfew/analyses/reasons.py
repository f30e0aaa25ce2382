"""Why a product is recommended, in words."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.ranking import best
from vitalfew.analyses.candidates import neighbours_bought, rules_met
from vitalfew.analyses.evidence import Evidence
from vitalfew.analyses.past import Past
from vitalfew.analyses.recommendation_params import RecommendationParams
from vitalfew.analyses.sentences import said

MOST_CAUSES = 2


def with_reasons(
    chosen: DataFrame, past: Past, known: Evidence, products: DataFrame, params: RecommendationParams
) -> DataFrame:
    """`chosen` (customer_id, product_id, method and more) with `because`, product ids, and `reason`, in words."""
    key = ["customer_id", "product_id"]
    own = past.habits.select(*key, "days", "since_days", "gap_days")
    causes = chosen.join(named_causes(chosen, past, known, products, params), on=key, how="left")
    popular = known.popular.join(past.segments, on="segment", how="inner").select(*key, "segment", "inside", "overall")
    return (
        causes.join(own, on=key, how="left")
        .join(popular, on=key, how="left")
        .select(*chosen.columns, because().alias("because"), words(params).alias("reason"))
    )


def named_causes(
    chosen: DataFrame, past: Past, known: Evidence, products: DataFrame, params: RecommendationParams
) -> DataFrame:
    """customer_id, product_id, item_1, name_1, lift_1, item_2 …: what they bought that speaks loudest for it."""
    followed = rules_met(past.habits, known, params).withColumn("strength", F.col("lift"))
    similar = neighbours_bought(past.habits, known, params).select(
        "customer_id", "item", "product_id", F.lit(None).cast("double").alias("lift"), F.col("weight").alias("strength")
    )
    met = [
        chosen.where(F.col("method") == method)
        .select("customer_id", "product_id")
        .join(frame, on=["customer_id", "product_id"], how="inner")
        for method, frame in (("rules", followed), ("similar", similar))
    ]
    columns = ["customer_id", "product_id", "item", "lift", "strength"]
    both = met[0].select(*columns).unionByName(met[1].select(*columns))
    loudest = best(both, MOST_CAUSES, ["customer_id", "product_id"], [F.desc("strength"), F.asc("item")])
    names = products.select(F.col("product_id").alias("item"), "name")
    told = loudest.join(names, on="item", how="left").withColumn("name", F.coalesce(tidy("name"), "item"))
    return told.groupBy("customer_id", "product_id").agg(
        *[
            F.max(F.when(F.col("rank") == rank, F.col(column))).alias(f"{column}_{rank}")
            for rank in range(1, MOST_CAUSES + 1)
            for column in ("item", "name", "lift")
        ]
    )


def because() -> Column:
    """The product itself where habit speaks, nothing where popularity does, else what the customer bought."""
    causes = F.when(F.col("item_2").isNull(), F.array("item_1")).otherwise(F.array("item_1", "item_2"))
    nothing = F.array().cast("array<string>")
    return (
        F.when(F.col("method") == "repeat", F.array("product_id"))
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
