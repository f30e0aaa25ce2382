"""Whether a person pays more than others for the like, buys on promotion, or buys what most buy."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.dataframes.top_n import best
from vitalfew.jobs.customer360.params import Customer360Params

MILLION = 1_000_000


def purchases(orders: DataFrame, products: DataFrame, like_level: str) -> DataFrame:
    """A product in a sale, one row each: person_id, ordered_on, product_id, category, brand, like, pieces, cents."""
    lists = F.inline(F.arrays_zip("product_ids", "product_pieces", "product_amounts"))
    items = orders.where("kind = 'sale'").select(
        "person_id", "ordered_on", lists.alias("product_id", "pieces", "amount")
    )
    known = products.select("product_id", "category", "brand", F.col(like_level).alias("like"))
    # as NULL where there is no unit price: free, or returned at once
    each = F.when(F.col("pieces") > 0, ratio(F.col("amount") * 100, F.col("pieces")))
    return items.join(known, on="product_id", how="left").select(
        "person_id",
        "ordered_on",
        "product_id",
        "category",
        "brand",
        "like",
        "pieces",
        F.when(F.col("amount") > 0, F.round(each, 0)).cast("bigint").alias("cents"),
    )


def price_habits(bought: DataFrame, params: Customer360Params, stage: Stage) -> DataFrame:
    """One row per person with a priced purchase: the columns of CUSTOMER360 from priced_purchases on that say numbers.

    The position of a unit price is the share of the pieces of its kind sold cheaper, and half of those sold at it; a
    kind sold at one price tells nothing. The usual price of a product is the median of its pieces.
    """
    priced = stage(bought.where("cents is not null"))
    known = (
        priced.where("person_id is not null")
        .join(stage(positions(priced)), on=["like", "cents"], how="left")
        .join(stage(usual_prices(priced)), on="product_id", how="left")
        .join(stage(leaders(priced)), on="like", how="left")
    )
    limit = F.col("usual_cents") * (1 - params.promotion_discount)
    place = F.col("position").cast("decimal(20,0)")
    totals = known.groupBy("person_id").agg(
        F.count("position").alias("priced_purchases"),
        F.sum(place).cast("double").alias("sum"),
        F.sum((place * place).cast("decimal(38,0)")).cast("double").alias("squares"),
        F.count(F.lit(1)).alias("purchases"),
        F.count_if(F.col("cents") <= limit).alias("on_promotion"),
        F.count(F.when(F.col("brand").isNotNull(), F.col("leader"))).alias("of_choice"),
        F.count_if(F.col("brand") == F.col("leader")).alias("of_leader"),
        F.sum(F.when(F.col("brand").isNotNull(), F.col("leader_millionths"))).alias("usual"),
    )
    n, mean = F.col("priced_purchases"), ratio(F.col("sum"), F.col("priced_purchases"))
    of_choice = F.col("of_choice")
    variance = F.greatest(ratio(F.col("squares"), n) - mean * mean, F.lit(0.0))
    return totals.select(
        "person_id",
        "priced_purchases",
        (mean / MILLION).alias("price_position"),
        F.when(n > 1, F.sqrt(ratio(variance, n - 1)) / MILLION).alias("price_position_error"),
        ratio(F.col("on_promotion"), F.col("purchases")).alias("promotion_share"),
        ratio(F.col("of_leader"), of_choice).alias("leader_share"),
        (ratio(F.col("usual"), of_choice) / MILLION).alias("usual_leader_share"),
        of_choice.alias("branded_purchases"),
    )


def positions(priced: DataFrame) -> DataFrame:
    """like, cents, position in millionths, of kinds sold at several prices."""
    tally = priced.where("like is not null").groupBy("like", "cents").agg(F.sum("pieces").alias("pieces"))
    place, total = midpoint("like"), F.sum("pieces").over(whole("like"))
    ranked = tally.select(
        "like",
        "cents",
        place.alias("place"),
        total.alias("total"),
        F.count("cents").over(whole("like")).alias("prices"),
    )
    millionths = F.floor(ratio(F.col("place").cast("double"), F.col("total").cast("double")) * MILLION)
    return ranked.where("prices > 1").select("like", "cents", millionths.cast("bigint").alias("position"))


def usual_prices(priced: DataFrame) -> DataFrame:
    """product_id, usual_cents: the price at or below which half of the pieces were sold."""
    tally = priced.groupBy("product_id", "cents").agg(F.sum("pieces").alias("pieces"))
    ranked = tally.select(
        "product_id",
        "cents",
        F.sum("pieces").over(running("product_id")).alias("sold"),
        F.sum("pieces").over(whole("product_id")).alias("total"),
    )
    return ranked.where("sold * 2 >= total").groupBy("product_id").agg(F.min("cents").alias("usual_cents"))


def leaders(priced: DataFrame) -> DataFrame:
    """like, leader: the brand with the most purchases of a kind that has several; and its share of these in millionths.

    Ties to the first by name.
    """
    branded = priced.where("like is not null and brand is not null")
    tally = branded.groupBy("like", "brand").agg(F.count(F.lit(1)).alias("n"))
    brands, total = F.count("brand").over(whole("like")), F.sum("n").over(whole("like"))
    several = tally.select("*", brands.alias("brands"), total.alias("total")).where("brands > 1")
    first = best(several, 1, ["like"], [F.desc("n"), F.asc("brand")])
    share = F.floor(ratio(F.col("n"), F.col("total")) * MILLION).cast("bigint")
    return first.select("like", F.col("brand").alias("leader"), share.alias("leader_millionths"))


def midpoint(group: str) -> Column:
    """Pieces sold cheaper, and half of those sold at this price."""
    return F.sum("pieces").over(running(group)) - F.col("pieces") / 2


def running(group: str) -> WindowSpec:
    return Window.partitionBy(group).orderBy("cents").rowsBetween(Window.unboundedPreceding, Window.currentRow)


def whole(group: str) -> WindowSpec:
    return Window.partitionBy(group).rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
