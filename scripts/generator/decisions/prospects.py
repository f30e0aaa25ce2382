"""People on file without an order: who comes often orders soon, who comes seldom hardly ever."""

from __future__ import annotations

import math

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import GENERAL_CATEGORIES, GENERAL_PER_CATEGORY, first_of, numbered, product_id
from generator.decisions.sources import at, lines, priced
from generator.lines import customer_id
from generator.shop import Shop
from generator.world import AS_OF

KEEN, KEEN_HAZARD, OTHER_HAZARD = 0.25, 0.06, 0.004
"""Share of keen people; probability of a first order in a week, of these and of the others."""

KEEN_EVERY, OTHER_EVERY, JOINED_DAYS = 3, 35, 420
"""Days between visits; and people joined in the last days."""


def people(shop: Shop) -> DataFrame:
    """`joined` and `ordered`: days before the end; ordered is 0 or less for who has not ordered by then."""
    is_keen = shop.dice.happens(KEEN, "keen", "customer_no")
    hazard = F.when(is_keen, KEEN_HAZARD).otherwise(OTHER_HAZARD)
    draw = F.greatest(shop.dice.unit("first order", "customer_no"), F.lit(1e-12))
    waited = F.floor(F.log(draw) / F.log(1 - hazard) * 7) + 1
    joined = joined_days(shop)
    return numbered(shop, "prospects").withColumns({"is_keen": is_keen, "joined": joined, "ordered": joined - waited})


def joined_days(shop: Shop) -> Column:
    return shop.dice.below(JOINED_DAYS, "registered", "customer_no") + 1


def attributes(shop: Shop) -> dict[str, Column]:
    """Columns of customers."""
    return {"joined_on": F.date_sub(F.lit(AS_OF), joined_days(shop).cast("int"))}


def visits(shop: Shop, everybody: DataFrame) -> DataFrame:
    """Views, from joining to the order or the end, as the source table events has them."""
    key = ("customer_no", "visit")
    every = F.when(F.col("is_keen"), KEEN_EVERY).otherwise(OTHER_EVERY)
    until = F.greatest(F.col("ordered"), F.lit(0))
    count = F.floor((F.col("joined") - until) / every).cast("bigint")
    each = everybody.where(count > 0).withColumn("visit", F.explode(F.sequence(F.lit(1).cast("bigint"), count)))
    moved = F.floor(shop.dice.unit("visit jitter", *key) * every)
    days = F.col("joined") - (F.col("visit") - 1) * every - moved
    product = shop.dice.below(GENERAL_CATEGORIES * GENERAL_PER_CATEGORY, "visited", *key) + first_of(shop, "general 0")
    nothing = F.lit(None)
    seen = each.withColumn("days", days).where(F.col("days") > until)
    return seen.select(
        customer_id(F.col("customer_no")).alias("customer_id"),
        F.timestamp_seconds(at(shop, F.col("days"), "visited second", *key)).alias("happened_at"),
        F.lit("view").alias("kind"),
        product_id(product).alias("product_id"),
        F.lit("web").alias("channel"),
        nothing.cast("string").alias("detail"),
        nothing.cast("double").alias("value"),
        nothing.cast("string").alias("line_id"),
        nothing.cast("string").alias("file_digest"),
    )


def tables(shop: Shop) -> dict[str, DataFrame]:
    everybody = people(shop)
    count = GENERAL_CATEGORIES * GENERAL_PER_CATEGORY
    bought = everybody.where("ordered > 0").withColumns(
        {
            "product_no": shop.dice.below(count, "first bought", "customer_no") + first_of(shop, "general 0"),
            "order_key": F.lit(0).cast("bigint"),
            "at": at(shop, F.col("ordered"), "first second", "customer_no"),
        }
    )
    within = [1 - math.pow(1 - hazard, days / 7) for hazard in (KEEN_HAZARD, OTHER_HAZARD) for days in (30, 90)]
    return {
        "order_lines": lines(priced(shop, bought), "n"),
        "events": visits(shop, everybody),
        "truth_hazards": everybody.where("ordered <= 0").select(
            customer_id(F.col("customer_no")).alias("customer_id"),
            "is_keen",
            F.when(F.col("is_keen"), within[0]).otherwise(within[2]).alias("p_order_30"),
            F.when(F.col("is_keen"), within[1]).otherwise(within[3]).alias("p_order_90"),
        ),
    }
