"""After this, within 31 to 60 days, that: planted for some pairs; the two of others are unrelated."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import FILLERS, PAIRS, UNRELATED_PAIRS, first_of, goods, numbered
from generator.decisions.sources import lines, priced
from generator.ordering import DAY, HOUR, OPENED
from generator.shop import Shop

SHARES = (0.5, 0.6, 0.7, 0.8)
"""Of those who buy the first, the share that buys the second two orders later."""

ORDERS, APART_DAYS, JITTER_DAYS, LATER = 24, 20, 5, 2
"""Orders of a customer, the days between them, by how many they vary, and how many orders later the second comes: that
is after 36 to 44 days."""

AT_RANDOM = 0.3
"""Of all customers, the share that buys the second on any day as well."""
FROM_DAYS, TO_DAYS = 31, 60


def bought(shop: Shop) -> DataFrame:
    """customer_no, order_no and product_no."""
    people = numbered(shop, "sequences")
    first, second = first_of(shop, "first"), first_of(shop, "second")
    found = people.select(
        "customer_no",
        F.explode(F.sequence(F.lit(0).cast("bigint"), F.lit(ORDERS - 1).cast("bigint"))).alias("order_no"),
    ).withColumn("product_no", shop.dice.below(FILLERS, "filler", "customer_no", "order_no") + first_of(shop, "filler"))
    for pair, share in zip(range(PAIRS), SHARES, strict=True):
        begins = index(shop, ORDERS - LATER, f"sequence {pair}")
        follows = shop.dice.happens(share, f"follows {pair}", "customer_no")
        at_random = shop.dice.happens(AT_RANDOM, f"at random {pair}", "customer_no")
        found = (
            found.unionByName(one(people, begins, first + pair))
            .unionByName(one(people.where(follows), begins + LATER, second + pair))
            .unionByName(one(people.where(at_random), index(shop, ORDERS, f"random {pair}"), second + pair))
        )
    for pair in range(UNRELATED_PAIRS):
        for role in ("lone first", "lone second"):
            number = first_of(shop, role) + pair
            found = found.unionByName(one(people, index(shop, ORDERS, f"{role} {pair}"), number))
    return found.distinct()


def index(shop: Shop, below: int, purpose: str) -> Column:
    return shop.dice.below(below, purpose, "customer_no")


def one(people: DataFrame, order_no: Column, product_no: int) -> DataFrame:
    return people.select(
        "customer_no", order_no.alias("order_no"), F.lit(product_no).cast("bigint").alias("product_no")
    )


def tables(shop: Shop) -> dict[str, DataFrame]:
    jitter = shop.dice.below(JITTER_DAYS, "sequence jitter", "customer_no", "order_no")
    day = shop.dice.below(200, "sequence start", "customer_no") + F.col("order_no") * APART_DAYS + jitter
    at = F.lit(OPENED) + day * DAY + shop.dice.below(9 * HOUR, "sequence hour", "customer_no", "order_no") + 9 * HOUR
    timed = priced(shop, bought(shop)).withColumns({"order_key": F.col("order_no"), "at": at})
    listed = goods(shop)
    pairs = [
        (listed[first_of(shop, a) + n].product_id, listed[first_of(shop, b) + n].product_id, share)
        for a, b, shares in (("first", "second", SHARES), ("lone first", "lone second", [0.0] * UNRELATED_PAIRS))
        for n, share in enumerate(shares)
    ]
    return {
        "order_lines": lines(timed, "s"),
        "truth_sequences": shop.spark.createDataFrame(pairs, "antecedent string, consequent string, share double"),
    }
