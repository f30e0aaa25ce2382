"""Who buys: the traits of the customers, from their numbers."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.dice import Dice, pick
from generator.segments import CASUAL, LOYAL, SEGMENTS
from generator.shop import Shop
from generator.styles import STYLES
from generator.world import WEEKS, World

TASTES = 12
"""Groups of customers that like the same products; independent of style and segment."""

PAIRS_EVERY = 200
"""Of so many customers, the first leads and the second follows."""

MOST_PIECES = 10.0
USUAL_GAP = 4.0
"""Weeks between orders at which a customer buys as many pieces in a seasonal world as in a flat one."""


def people(shop: Shop, numbers: DataFrame) -> DataFrame:
    """`numbers` (`customer_no`) with all that decides what each customer does."""
    dice = shop.dice
    return (
        numbers.withColumns(
            {
                "is_unknown": F.col("customer_no") >= shop.world.customers,
                "style": pick(dice.unit("style", "customer_no"), [style.share for style in STYLES]),
                "segment": segment(shop.world),
                "taste": dice.below(TASTES, "taste", "customer_no"),
                "pieces_factor": pieces_factor(dice),
                "is_leader": is_leader(shop.world),
            }
        )
        .join(shop.styles, on="style", how="left")
        .join(shop.segments, on="segment", how="left")
        .transform(lambda traits: spells(shop.world, traits))
    )


def segment(world: World) -> Column:
    """The number of the customer's segment: those of a leading pair are loyal, those who follow are casual."""
    drawn = pick(world.dice.unit("segment", "customer_no"), [segment.share for segment in SEGMENTS])
    return F.when(is_leader(world), F.lit(LOYAL)).when(is_follower(world), F.lit(CASUAL)).otherwise(drawn)


def is_leader(world: World) -> Column:
    number = F.col("customer_no")
    return (number % PAIRS_EVERY == 0) & (number + 1 < world.customers)


def is_follower(world: World) -> Column:
    number = F.col("customer_no")
    return (number % PAIRS_EVERY == 1) & (number < world.customers)


def pieces_factor(dice: Dice) -> Column:
    """How many times the usual pieces, on average: Pareto distributed with index 2, capped."""
    tail = F.lit(1.0) / F.sqrt(F.lit(1.0) - dice.unit("pieces", "customer_no"))
    return F.least(tail, F.lit(MOST_PIECES))


def pieces_by_rhythm(world: World) -> Column:
    """In a seasonal world, a customer who comes four times as often buys twice the pieces at a time."""
    if not world.is_seasonal:
        return F.col("pieces_factor")
    return F.least(F.col("pieces_factor") * F.sqrt(USUAL_GAP / F.col("gap_weeks")), F.lit(MOST_PIECES))


def spells(world: World, traits: DataFrame) -> DataFrame:
    """`traits` and the one or two spells in which the customer orders: from, until, every so many weeks, how often.

    Unknown customers come once, in any week.
    """
    dice = world.dice
    draw, unknown = dice.unit("gap", "customer_no"), F.col("is_unknown")
    stop = F.when(unknown, dice.below(WEEKS, "week", "customer_no") + 1).otherwise(drawn(dice, "stop"))
    length = F.when(unknown, F.lit(1).cast("bigint")).otherwise(drawn(dice, "length"))
    gap = F.col("gap_low") + (F.col("gap_high") - F.col("gap_low")) * (draw * draw)
    weeks = F.col("stop_week") - F.col("start_week")
    fitted = F.when(unknown, weeks.cast("double")).otherwise(F.least(gap, weeks.cast("double")))
    again = F.floor((WEEKS - F.col("again_week")) / F.col("again_gap_weeks"))
    return (
        traits.withColumns({"stop_week": stop, "length": length})
        .withColumn("start_week", F.greatest(F.lit(0).cast("bigint"), F.col("stop_week") - F.col("length")))
        .withColumn("gap_weeks", fitted)
        .withColumn("again_gap_weeks", F.col("gap_weeks") / F.col("faster"))
        .withColumn("pieces_factor", pieces_by_rhythm(world))
        .withColumn("orders", F.floor(weeks / F.col("gap_weeks")))
        .withColumn("again_orders", F.when(unknown, F.lit(0).cast("bigint")).otherwise(again))
        .drop("stop_low", "stop_high", "length_low", "length_high", "gap_low", "gap_high", "faster", "length")
    )


def drawn(dice: Dice, what: str) -> Column:
    """A whole number between the segment's `what`_low and `what`_high."""
    return dice.between(F.col(f"{what}_low"), F.col(f"{what}_high"), what, "customer_no")
