"""When customers order: rhythm by segment, weekday and hour by style; and the orders that follow from others."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator import baskets
from generator.dice import Dice
from generator.season import LAST_MOMENT, calendar_week
from generator.segments import DROP_WEEK, DROPPING, JITTER
from generator.shop import Shop
from generator.styles import CHANNELS, TIME_SLOTS
from generator.world import FIRST_DAY, WEEKS

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
OPENED = int(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC).timestamp())
CLOSED = OPENED + WEEKS * WEEK

RETURN_SHARE, RETURN_DAYS = 0.02, (3, 20)
FOLLOW_SHARE, FOLLOW_DAYS = 0.5, (2, 5)
FOLLOWED_FROM = 5_000
"""Orders that follow a leader's are numbered from here."""


def orders(shop: Shop, people: DataFrame) -> DataFrame:
    """One row per order of `people`: who, its number, its time `at` in seconds, its `channel`, its `items`."""
    counted = F.col("orders") + F.col("again_orders")
    numbered = people.withColumn("order_no", F.explode(F.sequence(F.lit(0).cast("bigint"), counted - 1)))
    keyed = numbered.withColumn("order_key", shop.dice.hash("order", "customer_no", "order_no"))
    timely = timed(shop, keyed).withColumns(
        {
            "channel": channel(shop),
            "is_poor": (F.col("segment") == DROPPING) & (F.col("week") >= DROP_WEEK),
        }
    )
    return baskets.filled(shop.goods, shop.themes, timely)


def timed(shop: Shop, keyed: DataFrame) -> DataFrame:
    """`keyed` with `week` and `at`: the week (of activity) by the customer's rhythm, the hour by the customer's style.

    A spell ends as it went on: what is not filled by whole gaps comes before its first order, so that the last one
    is no longer ago, when the spell ends, than a gap.
    """
    dice, first = shop.dice, F.col("order_no") < F.col("orders")
    spell_no = F.when(first, F.col("order_no")).otherwise(F.col("order_no") - F.col("orders"))
    since = F.when(first, F.col("start_week")).otherwise(F.col("again_week"))
    gap = F.when(first, F.col("gap_weeks")).otherwise(F.col("again_gap_weeks"))
    weeks = F.when(first, F.col("stop_week") - since).otherwise(WEEKS - since)
    number = F.when(first, F.col("orders")).otherwise(F.col("again_orders"))
    begun = weeks - number * gap + gap * dice.unit("phase", "customer_no") * (1 - JITTER)
    moved = begun + gap * (spell_no + dice.unit("jitter", "order_key") * JITTER)
    within = F.least(moved, weeks - LAST_MOMENT)
    week = since + F.floor(within)
    activity = since + within if shop.world.is_seasonal else week
    slot = F.col("style").cast("bigint") * TIME_SLOTS + dice.below(TIME_SLOTS, "time", "order_key")
    second = dice.below(HOUR, "second", "order_key")
    return (
        keyed.withColumns({"activity": activity, "week": week, "time_slot": slot})
        .join(shop.times, on="time_slot", how="left")
        .withColumn("at", opened(shop, F.col("activity")) + F.col("hour_of_week") * HOUR + second)
        .drop("activity")
    )


def opened(shop: Shop, activity: Column) -> Column:
    """The first second of the week in which so much activity has passed."""
    return F.lit(OPENED) + calendar_week(shop.world, activity) * WEEK


def channel(shop: Shop) -> Column:
    draw = shop.dice.unit("channel", "order_key")
    store, web, app = CHANNELS
    return F.when(draw < F.col("to_store"), store).when(draw < F.col("to_web"), web).otherwise(app)


def followed(shop: Shop, orders: DataFrame) -> DataFrame:
    """The orders of followers: some days after a leader's, with the leader's novelty, and products of their own."""
    dice = shop.dice
    copied = orders.where(F.col("is_leader") & dice.happens(FOLLOW_SHARE, "follows", "order_key"))
    return (
        copied.withColumns(
            {
                "customer_no": F.col("customer_no") + 1,
                "order_no": F.col("order_no") + FOLLOWED_FROM,
                "order_key": dice.hash("followed", "order_key"),
                "at": F.col("at") + days_later(dice, FOLLOW_DAYS, "follow days"),
            }
        )
        .where(F.col("at") < CLOSED)
        .transform(lambda late: baskets.filled_after(shop.goods, late))
    )


def returned(shop: Shop, orders: DataFrame) -> DataFrame:
    """Orders whose first item comes back: its `items` are that one, and `at` is some days later."""
    is_early = F.col("week") + 4 <= F.col("stop_week")  # whoever has stopped for good sends nothing back either
    chosen = orders.where(is_early & shop.dice.happens(RETURN_SHARE, "returns", "order_key"))
    late = F.col("at") + days_later(shop.dice, RETURN_DAYS, "return days")
    return chosen.withColumns({"items": F.slice("items", 1, 1), "at": late}).where(F.col("at") < CLOSED)


def days_later(dice: Dice, days: tuple[int, int], purpose: str) -> Column:
    """Seconds of a whole number of days, between the two."""
    low, high = days
    return (dice.below(high - low + 1, purpose, "order_key") + low) * DAY
