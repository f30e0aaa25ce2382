"""What was planted, as tables to compare results with.

truth_customers (segment, style, taste, rhythm, silence), truth_repeats (customer x product cycles), truth_influence
(leader, follower), truth_identities (accounts of one person), truth_wanted (searched, never bought), truth_rules and
truth_substitutes (products), truth_peaks (style x weekday x hour), truth_bursts (complaints), and truth_dirt: the
broken lines themselves, with their kind.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator import bundles, events, styles
from generator.baskets import habit
from generator.catalogue import MOST_SUBSTITUTES, SUBSTITUTES_EVERY
from generator.contacts import same_persons
from generator.customers import UNREGISTERED
from generator.lines import customer_id
from generator.ordering import FOLLOW_DAYS, FOLLOW_SHARE
from generator.people import is_follower, people
from generator.season import LAST_MOMENT, calendar_week, monday
from generator.shop import Shop
from generator.world import FIRST_DAY


def tables(shop: Shop) -> Mapping[str, DataFrame]:
    """Every truth table by its name."""
    known = people(shop, shop.spark.range(shop.world.customers).withColumnRenamed("id", "customer_no"))
    return {
        "truth_customers": customers(shop, known),
        "truth_repeats": repeats(shop, known),
        "truth_influence": influence(known),
        "truth_identities": same_persons(shop),
        "truth_wanted": wanted(shop, known),
        "truth_rules": rules(shop),
        "truth_substitutes": substitutes(shop),
        "truth_peaks": shop.spark.createDataFrame(styles.peaks(), "style string, weekday int, hour int, share double"),
        "truth_bursts": bursts(shop),
    }


def customers(shop: Shop, known: DataFrame) -> DataFrame:
    """One row per known customer: segment, style (the cluster), taste, rhythm, and since when there was silence.

    `mean_gap_days` is that of the customer's own orders in its (first) spell; `mean_variant` is the position of the
    price, 0 the cheapest and 3 the dearest of the like. A follower's style is not that of the orders that follow.
    """
    last = calendar_week(shop.world, F.col("stop_week") - LAST_MOMENT)
    start, stop = monday(calendar_week(shop.world, F.col("start_week"))), monday(last + 1)
    return known.select(
        named(),
        F.col("segment_name").alias("segment"),
        F.col("style_name").alias("style"),
        "taste",
        "mean_variant",
        (F.col("orders") + F.col("again_orders")).alias("orders"),
        (F.col("gap_weeks") * 7).alias("mean_gap_days"),
        start.alias("active_from"),
        F.when(F.col("is_silent"), stop).alias("silent_from"),
        "is_leader",
        is_follower(shop.world).alias("is_follower"),
        (~shop.dice.happens(UNREGISTERED, "unregistered", "customer_no")).alias("is_registered"),
    )


def repeats(shop: Shop, known: DataFrame) -> DataFrame:
    """One row per customer with a repeat product: in one of how many orders it is bought, and after how many days."""
    return (
        known.withColumns(habit(shop.goods))
        .where("repeat_product is not null")
        .select(
            named(),
            shop.goods.product_id(F.col("repeat_product")).alias("product_id"),
            F.col("repeat_every").alias("every_orders"),
            (F.col("repeat_every") * F.col("gap_weeks") * 7).alias("cycle_days"),
        )
    )


def influence(known: DataFrame) -> DataFrame:
    """One row per pair: in a share of the cases the follower buys what was new in a leader's order, some days later."""
    low, high = FOLLOW_DAYS
    return known.where("is_leader").select(
        named().alias("leader_id"),
        customer_id(F.col("customer_no") + 1).alias("follower_id"),
        F.lit(FOLLOW_SHARE).alias("share"),
        F.lit(low).alias("least_days"),
        F.lit(high).alias("most_days"),
    )


def wanted(shop: Shop, known: DataFrame) -> DataFrame:
    """One row per customer and product searched three times and never bought, as it is out of stock."""
    found = events.wants(shop, known)
    return found.select(named(), shop.goods.product_id(F.col("product_no")).alias("product_id"))


def rules(shop: Shop) -> DataFrame:
    """One row per planted rule, with the probabilities of an order, but for those that follow or are poor."""
    rows = [
        (
            list(r.antecedent),
            r.consequent,
            r.probability(*r.antecedent, r.consequent),
            r.probability(*r.antecedent),
            r.probability(r.consequent),
            r.confidence,
            r.lift,
        )
        for r in bundles.rules(shop.goods)
    ]
    drawn = shop.spark.createDataFrame(
        rows,
        "antecedent_no array<bigint>, consequent_no bigint, support double, antecedent_support double, "
        "consequent_support double, confidence double, lift double",
    )
    return drawn.select(
        F.array_sort(F.transform("antecedent_no", shop.goods.product_id)).alias("antecedent"),
        shop.goods.product_id(F.col("consequent_no")).alias("consequent"),
        *drawn.columns[2:],
    )


def substitutes(shop: Shop) -> DataFrame:
    """One row per pair of products of one kind that no basket contains together."""
    goods = shop.goods
    families = [f for f in range(3, goods.families, SUBSTITUTES_EVERY) if f < SUBSTITUTES_EVERY * MOST_SUBSTITUTES]
    drawn = shop.spark.createDataFrame([(goods.first_family + 4 * f + 1,) for f in families], "number bigint")
    one, other = goods.product_id(F.col("number")), goods.product_id(F.col("number") + 1)
    return drawn.select(F.least(one, other).alias("product_a"), F.greatest(one, other).alias("product_b"))


def bursts(shop: Shop) -> DataFrame:
    """One row per product about which many complained within a week."""
    rows = [(events.burst_product(shop, family), week, events.burst_size(shop)) for family, week in events.BURSTS]
    drawn = shop.spark.createDataFrame(rows, "number bigint, week int, events bigint")
    return drawn.select(
        shop.goods.product_id(F.col("number")).alias("product_id"),
        F.date_add(F.lit(FIRST_DAY), F.col("week") * 7).alias("from_day"),
        F.date_add(F.lit(FIRST_DAY), F.col("week") * 7 + 6).alias("to_day"),
        "events",
    )


def named() -> Column:
    return customer_id(F.col("customer_no")).alias("customer_id")
