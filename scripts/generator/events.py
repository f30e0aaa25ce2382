"""The source table events: what customers did besides buying, and what they were sent."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.customers import is_member
from generator.dice import lookup
from generator.lines import customer_id, itemised
from generator.ordering import CLOSED, DAY, HOUR, OPENED, WEEK, opened
from generator.shop import Shop
from generator.styles import VARIANTS
from generator.world import WEEKS

TOLD_SHARE = 0.3
ABOUT_SLOTS = 1_000
ABOUT_ITEMS = {"view": 300, "cart": 150, "wishlist": 30, "review": 60, "support": 6}
"""Of the items of the orders told of, so many of ABOUT_SLOTS have an event of each kind."""

AFTER = ("review", "support")
"""These come after the purchase, the others before."""

BROWSES, BROWSED = 6, ("search", "view", "view", "view", "share")
FIRST_HOUR, HOURS = 8, 15
WANT_SHARE, WANTS = 0.05, 3
CAMPAIGN_WEEKS, COUPON_SHARE = 13, 0.1
CLASSIC = 1
BURSTS = ((2, 100), (12, 96), (22, 50))
"""Family (its classic variant) and week of a burst of complaints and bad reviews."""


def about_purchases(shop: Shop, orders: DataFrame) -> DataFrame:
    """Views, carts and wishes up to an hour before a purchase; reviews and questions days after."""
    dice, key = shop.dice, ("order_key", "product_no")
    told = orders.where(dice.happens(TOLD_SHARE, "told", "order_key"))
    items = itemised(told).where(F.col("product_no") < shop.goods.postage)
    about = items.withColumn("slot", dice.below(ABOUT_SLOTS, "about", *key)).join(about_kinds(shop), "slot", "inner")
    is_early = F.col("week") + 2 <= F.col("stop_week")  # after they have stopped, customers say nothing either
    after = F.col("at") + (dice.below(9, "after", *key) + 2) * DAY
    before = F.col("at") - 60 - dice.below(HOUR, "before", *key)
    return event(
        about.where(~F.col("is_after") | is_early).withColumns(
            {
                "at": F.when(F.col("is_after"), after).otherwise(before),
                "channel": F.when(F.col("channel") == "store", "web").otherwise(F.col("channel")),
                "rating": dice.below(3, "rating", *key) + 3,
            }
        ),
        product=shop.goods.product_id(F.col("product_no")),
        value=F.when(F.col("kind") == "review", F.col("rating")),
    )


def about_kinds(shop: Shop) -> DataFrame:
    """`slot` to `kind` and `is_after`; slots without an event are not there."""
    kinds = [kind for kind, count in ABOUT_ITEMS.items() for _ in range(count)]
    rows = [(slot, kind, kind in AFTER) for slot, kind in enumerate(kinds)]
    return shop.spark.createDataFrame(rows, "slot bigint, kind string, is_after boolean")


def browsing(shop: Shop, people: DataFrame) -> DataFrame:
    """Searches, views and shares that lead to nothing, by the hours at which people look rather than buy."""
    dice, key = shop.dice, ("customer_no", "visit")
    visits = F.sequence(F.lit(1).cast("bigint"), dice.below(BROWSES, "visits", "customer_no") + 1)
    seen = people.withColumn("visit", F.explode(visits))
    span = F.col("stop_week") - F.col("start_week")
    hour = F.floor(F.greatest(dice.unit("hour a", *key), dice.unit("hour b", *key)) * HOURS) + FIRST_HOUR
    day = F.floor(dice.unit("visit day", *key) * span * 7)
    family = shop.goods.popular(dice.unit("looked at", *key))
    kind = lookup(dice.below(len(BROWSED), "browsed", *key), BROWSED)
    in_day = hour * HOUR + dice.below(HOUR, "visit second", *key)
    at = opened(shop, F.col("start_week") + F.floor(day / 7)) + day % 7 * DAY + in_day
    return event(
        seen.select("*", kind.alias("kind"), at.alias("at"), F.lit("web").alias("channel"), family.alias("family")),
        product=F.when(
            F.col("kind") != "search", shop.goods.product_id(F.col("family") * VARIANTS + shop.goods.first_family)
        ),
        detail=F.when(F.col("kind") == "search", F.concat(F.lit("kind "), F.col("family").cast("string"))),
    )


def wants(shop: Shop, people: DataFrame) -> DataFrame:
    """One row per customer who looks for what is not to be had: `people`, with `product_no`."""
    wanted = shop.dice.below(shop.goods.wanted, "wanted", "customer_no") + shop.goods.first_wanted
    longing = shop.dice.happens(WANT_SHARE, "wants", "customer_no") & ~F.col("is_unknown")
    return people.where(longing).withColumn("product_no", wanted)


def longing(shop: Shop, people: DataFrame) -> DataFrame:
    """Searches for products that are out of stock, three by each who wants one."""
    searches = F.sequence(F.lit(0).cast("bigint"), F.lit(WANTS - 1).cast("bigint"))
    second = shop.dice.below(DAY, "longing", "customer_no", "search")
    at = opened(shop, F.col("start_week")) + F.col("search") * DAY + second
    return event(
        wants(shop, people)
        .withColumn("search", F.explode(searches))
        .select("*", F.lit("search").alias("kind"), at.alias("at"), F.lit("web").alias("channel")),
        product=shop.goods.product_id(F.col("product_no")),
    )


def campaigns(shop: Shop, people: DataFrame) -> DataFrame:
    """A campaign to every member at the start of each quarter, and the coupons that some redeem in that week."""
    dice, key = shop.dice, ("customer_no", "quarter")
    quarters = F.sequence(F.lit(0).cast("bigint"), F.lit(WEEKS // CAMPAIGN_WEEKS - 1).cast("bigint"))
    sent_at = F.lit(OPENED) + F.col("quarter") * (CAMPAIGN_WEEKS * WEEK) + 9 * HOUR
    detail = F.concat(F.lit("campaign "), (F.col("quarter") + 1).cast("string"))
    members = people.where(~F.col("is_unknown") & is_member(shop)).withColumn("quarter", F.explode(quarters))
    sent = members.select("*", F.lit("campaign").alias("kind"), sent_at.alias("at"), F.lit("mail").alias("channel"))
    redeemed = sent.where(dice.happens(COUPON_SHARE, "coupon", *key)).withColumns(
        {"kind": F.lit("coupon"), "at": F.col("at") + dice.below(6 * DAY, "redeemed", *key)}
    )
    return event(sent.unionByName(redeemed), detail=detail)


def bursts(shop: Shop) -> DataFrame:
    """Complaints and the worst of ratings about a product, many within one week."""
    dice, number = shop.dice, F.col("id")
    found = []
    for family, week in BURSTS:
        who = dice.below(shop.world.customers, f"burst {week}", number)
        at = F.lit(OPENED + week * WEEK) + dice.below(WEEK, f"burst second {week}", number)
        product = F.lit(burst_product(shop, family)).cast("bigint")
        told = shop.spark.range(burst_size(shop)).select(
            who.alias("customer_no"),
            F.lit(False).alias("is_unknown"),
            lookup(number % 2, AFTER).alias("kind"),
            at.alias("at"),
            F.lit("web").alias("channel"),
            product.alias("product_no"),
        )
        found.append(
            event(
                told,
                product=shop.goods.product_id(F.col("product_no")),
                detail=F.when(F.col("kind") == "support", "complaint"),
                value=F.when(F.col("kind") == "review", 1),
            )
        )
    return found[0].unionByName(found[1]).unionByName(found[2])


def burst_product(shop: Shop, family: int) -> int:
    return shop.goods.first_family + VARIANTS * family + CLASSIC


def burst_size(shop: Shop) -> int:
    return max(30, shop.world.customers // 500)


def event(
    rows: DataFrame, product: Column | None = None, detail: Column | None = None, value: Column | None = None
) -> DataFrame:
    """`rows` (customer_no, is_unknown, kind, at, channel) in the columns of events, those before the end."""
    nothing = F.lit(None)
    return rows.where(F.col("at") < CLOSED).select(
        F.when(~F.col("is_unknown"), customer_id(F.col("customer_no"))).alias("customer_id"),
        F.timestamp_seconds("at").alias("happened_at"),
        "kind",
        (nothing if product is None else product).cast("string").alias("product_id"),
        "channel",
        (nothing if detail is None else detail).cast("string").alias("detail"),
        (nothing if value is None else value).cast("double").alias("value"),
        nothing.cast("string").alias("line_id"),
        nothing.cast("string").alias("file_digest"),
    )
