"""Friends who buy after each other, known by referrals; and neighbours of one taste who do not, by address."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import FILLERS, NOVELTIES, first_of, numbered
from generator.decisions.sources import at, lines, priced
from generator.lines import customer_id
from generator.ordering import DAY
from generator.shop import Shop
from generator.world import AS_OF

NEWS, OWN_NEWS, FOLLOW_SHARE, FOLLOW_DAYS = 6, 3, 0.5, 7
"""New things that a leader buys, and that each buys alone; how often the other buys them, within how many days."""

NEWS_DAYS = 175
"""They are bought in these last days; the job looks at 180."""
BEFORE, BEFORE_DAYS = 3, (200, 600)


def known(shop: Shop, name: str) -> DataFrame:
    """The block, with `pair` and `is_second`."""
    return numbered(shop, name).withColumns(
        {"pair": F.floor(F.col("member") / 2), "is_second": F.col("member") % 2 == 1}
    )


def earlier(shop: Shop, name: str) -> DataFrame:
    """Some orders of everybody, long before: they are customers already."""
    low, high = BEFORE_DAYS
    visits = known(shop, name).withColumn("n", F.explode(F.expr(f"sequence(1L, {BEFORE}L)")))
    days = shop.dice.below(high - low, f"{name} before", "customer_no", "n") + low
    return visits.select(
        "customer_no",
        days.alias("days_before"),
        (shop.dice.below(FILLERS, f"{name} filler", "customer_no", "n") + first_of(shop, "filler")).alias("product_no"),
    )


def news(shop: Shop, name: str, count: int, who: str, whose: str) -> DataFrame:
    """What is bought for the first time: `count` things drawn by the column `who`, on days drawn by `whose`."""
    each = known(shop, name).withColumn("n", F.explode(F.expr(f"sequence(1L, {count}L)")))
    thing = shop.dice.below(NOVELTIES, f"{name} news {who}", who, "n") + first_of(shop, f"novelty {name}")
    days = shop.dice.below(NEWS_DAYS - FOLLOW_DAYS, f"{name} day {who}", whose, "n") + FOLLOW_DAYS + 1
    return each.select("customer_no", "pair", "is_second", "n", days.alias("days_before"), thing.alias("product_no"))


def of_friends(shop: Shop) -> DataFrame:
    """The first of two buys news; in a share of the cases the second buys the same some days later."""
    name = "referrals"
    shared = news(shop, name, NEWS, "pair", "pair")
    follows = ~F.col("is_second") | shop.dice.happens(FOLLOW_SHARE, "friends follow", "pair", "n")
    later = shop.dice.below(FOLLOW_DAYS, "friends later", "pair", "n") + 1
    days = F.when(F.col("is_second"), F.col("days_before") - later).otherwise(F.col("days_before"))
    columns = ("customer_no", "days_before", "product_no")
    followed = shared.where(follows).withColumn("days_before", days).select(*columns)
    return followed.unionByName(news(shop, name, OWN_NEWS, "customer_no", "customer_no").select(*columns)).unionByName(
        earlier(shop, name)
    )


def of_neighbours(shop: Shop) -> DataFrame:
    """Two of one taste buy the same news, each on a day of their own."""
    name = "neighbours"
    columns = ("customer_no", "days_before", "product_no")
    return news(shop, name, NEWS, "pair", "customer_no").select(*columns).unionByName(earlier(shop, name))


def bought(shop: Shop) -> DataFrame:
    both = of_friends(shop).unionByName(of_neighbours(shop)).distinct()
    return priced(shop, both).withColumns(
        {
            "order_key": F.col("days_before"),
            "at": at(shop, F.col("days_before"), "friends second", "customer_no", "days_before"),
        }
    )


def first_of_pair() -> Column:
    return customer_id(F.col("customer_no") - F.when(F.col("is_second"), 1).otherwise(0))


def tables(shop: Shop) -> dict[str, DataFrame]:
    nothing = F.lit(None)
    seconds = known(shop, "referrals").where("is_second")
    referred_on = F.lit(AS_OF).cast("timestamp").cast("bigint") - (BEFORE_DAYS[1] + 10) * DAY
    neighbours = known(shop, "neighbours")
    address = F.concat(F.lit("Lane "), F.col("pair").cast("string"), F.lit(", 1010 Vienna"))
    return {
        "order_lines": lines(bought(shop), "i"),
        "referrals": seconds.select(
            first_of_pair().alias("referrer_id"),
            customer_id(F.col("customer_no")).alias("customer_id"),
            F.timestamp_seconds(referred_on).alias("referred_at"),
            nothing.cast("string").alias("line_id"),
            nothing.cast("string").alias("file_digest"),
        ),
        "contacts": neighbours.select(
            customer_id(F.col("customer_no")).alias("customer_id"),
            F.lit("address").alias("kind"),
            address.alias("value"),
            nothing.cast("timestamp").alias("updated_at"),
        ),
        "truth_ties": shop.spark.createDataFrame(
            [("referral", "influence", FOLLOW_SHARE), ("contact", "alike_taste", 0.0)],
            "tie string, verdict string, share double",
        ),
    }
