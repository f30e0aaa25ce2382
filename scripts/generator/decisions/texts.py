"""What customers write: words that rise, words of the pleased and displeased, a crisis of one batch and region."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.customers import REGIONS
from generator.decisions.layout import GENERAL_CATEGORIES, GENERAL_PER_CATEGORY, block, first_of, goods, numbered
from generator.decisions.layout import product_id as named
from generator.decisions.sources import at
from generator.dice import Key, lookup
from generator.lines import customer_id
from generator.shop import Shop

NEUTRAL = (
    "table kitchen colour garden morning family weekend size handle bottle parcel shelf green blue winter summer "
    "corner lamp basket cover string paper wheel window drawer towel"
).split()
PLEASED, DISPLEASED = ("sturdy", "lovely", "perfect"), ("leaks", "broken", "rattles")
RISING, STEADY = ("refill", "subscription"), ("gift", "packaging")
RARE, OFTEN, STEADY_SHARE, MOOD_SHARE = 0.02, 0.12, 0.06, 0.5
"""Of reviews: with a rising word before and in the last weeks, with a steady one, and with one of the mood."""

RISING_DAYS, REVIEW_DAYS, CRISIS_DAYS = 28, 364, 6
CRISIS_WORD, CRISIS_REGION, REGION_SHARE, BATCHES = "mouldy", "south", 0.8, 20
CRISIS_BATCH = "l7731"


def reviews(shop: Shop) -> int:
    return max(4_000, shop.world.customers // 5)


def crisis_product(shop: Shop) -> str:
    return goods(shop)[first_of(shop, "general 3")].product_id


def word(shop: Shop, words: tuple[str, ...], share: Column | float, purpose: str, *keys: Key) -> Column:
    """One of `words` with the probability `share`; else NULL."""
    chosen = lookup(shop.dice.below(len(words), purpose, *keys), words)
    return F.when(shop.dice.happens(share, f"{purpose} share", *keys), chosen)


def written(shop: Shop) -> DataFrame:
    """Reviews of a year, with ratings."""
    dice, count = shop.dice, GENERAL_CATEGORIES * GENERAL_PER_CATEGORY
    numbers = block(shop, "groups")
    days, draw = dice.below(REVIEW_DAYS, "review day", "id") + 1, dice.unit("review rating", "id")
    rating = F.when(draw < 0.1, 1.0).when(draw < 0.2, 2.0).when(draw < 0.4, 3.0).when(draw < 0.7, 4.0).otherwise(5.0)
    is_bad, is_good = rating <= 2, rating >= 4
    rising = F.when(days <= RISING_DAYS, OFTEN).otherwise(RARE)
    words = [lookup(dice.below(len(NEUTRAL), f"neutral {n}", "id"), NEUTRAL) for n in range(4)] + [
        F.when(is_bad, word(shop, DISPLEASED, MOOD_SHARE, "displeased", "id")),
        F.when(is_good, word(shop, PLEASED, MOOD_SHARE, "pleased", "id")),
        *[word(shop, (each,), rising, each, "id") for each in RISING],
        *[word(shop, (each,), STEADY_SHARE, each, "id") for each in STEADY],
    ]
    return shop.spark.range(reviews(shop)).select(
        (dice.below(len(numbers), "reviewer", "id") + numbers.start).alias("customer_no"),
        at(shop, days, "review second", "id").alias("at"),
        F.lit("review").alias("kind"),
        named(dice.below(count, "reviewed", "id") + first_of(shop, "general 0")).alias("product_id"),
        F.concat_ws(" ", *words).alias("detail"),
        rating.alias("value"),
    )


def complaints(shop: Shop) -> DataFrame:
    """Complaints of a year, about anything and any batch."""
    dice, count = shop.dice, GENERAL_CATEGORIES * GENERAL_PER_CATEGORY
    numbers = block(shop, "groups")
    batch = F.concat(F.lit("l"), (dice.below(BATCHES, "batch", "id") + 1_000).cast("string"))
    words = [lookup(dice.below(len(NEUTRAL), f"complaint {n}", "id"), NEUTRAL) for n in range(3)]
    return shop.spark.range(reviews(shop) // 2).select(
        (dice.below(len(numbers), "complainer", "id") + numbers.start).alias("customer_no"),
        at(shop, dice.below(REVIEW_DAYS, "complaint day", "id") + 1, "complaint second", "id").alias("at"),
        F.lit("support").alias("kind"),
        named(dice.below(count, "complained", "id") + first_of(shop, "general 0")).alias("product_id"),
        F.concat_ws(" ", *words, F.lit("batch"), batch).alias("detail"),
        F.lit(None).cast("double").alias("value"),
    )


def crisis_size(shop: Shop) -> int:
    return max(60, shop.world.customers // 600)


def crisis(shop: Shop) -> DataFrame:
    """Complaints of the last days about one product and batch, most of them from one region; a customer once."""
    dice = shop.dice
    region = lookup(dice.below(len(REGIONS), "region", "customer_no"), REGIONS)
    is_there = F.col("region") == CRISIS_REGION
    share = crisis_size(shop) / len(block(shop, "groups"))
    likely = F.when(is_there, REGION_SHARE * len(REGIONS)).otherwise(
        (1 - REGION_SHARE) * len(REGIONS) / (len(REGIONS) - 1)
    )
    hit = (
        numbered(shop, "groups").withColumn("region", region).where(dice.unit("crisis", "customer_no") < likely * share)
    )
    words = [lookup(dice.below(len(NEUTRAL), f"crisis {n}", "customer_no"), NEUTRAL) for n in range(2)]
    return hit.select(
        "customer_no",
        at(shop, dice.below(CRISIS_DAYS, "crisis day", "customer_no") + 1, "crisis second", "customer_no").alias("at"),
        F.lit("support").alias("kind"),
        F.lit(crisis_product(shop)).alias("product_id"),
        F.concat_ws(" ", *words, F.lit(CRISIS_WORD), F.lit("batch"), F.lit(CRISIS_BATCH)).alias("detail"),
        F.lit(None).cast("double").alias("value"),
    )


def tables(shop: Shop) -> dict[str, DataFrame]:
    nothing = F.lit(None).cast("string")
    said = written(shop).unionByName(complaints(shop)).unionByName(crisis(shop))
    truth = [("rising", word) for word in RISING] + [("steady", word) for word in STEADY]
    truth += [("dissatisfaction", word) for word in DISPLEASED] + [("satisfaction", word) for word in PLEASED]
    truth += [("neither", word) for word in NEUTRAL]
    truth += [("code", CRISIS_BATCH), ("region", CRISIS_REGION), ("product", crisis_product(shop))]
    return {
        "events": said.select(
            customer_id(F.col("customer_no")).alias("customer_id"),
            F.timestamp_seconds("at").alias("happened_at"),
            "kind",
            "product_id",
            F.lit("web").alias("channel"),
            "detail",
            "value",
            nothing.alias("line_id"),
            nothing.alias("file_digest"),
        ),
        "truth_themes": shop.spark.createDataFrame(truth, "what string, value string"),
    }
