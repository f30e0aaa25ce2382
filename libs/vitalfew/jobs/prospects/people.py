"""What people did, by day, before their first order; and who they are."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.identifiers import PLACEHOLDERS, is_placeholder
from vitalfew.dataframes.known_text import known_text
from vitalfew.dataframes.sort_keys import moment, name_in
from vitalfew.domain.event_kinds import is_kind, kind_of_event
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.prospects.params import ProspectsParams

COUNTED = {"searches": "search", "views": "view", "carts": "cart", "wishes": "wishlist"}
FIRST_CHANNEL, FIRST_KIND = "first_channel", "first_kind"
NOT_KNOWN = tuple(text for text in PLACEHOLDERS if text not in ("none", "nil") and not text.startswith("0"))
"""Of an attribute: `none` and 0 may be a number of children."""
FIRSTS = ("channel_moment", "kind_moment")


def ago(day: Column | str, as_of: date) -> Column:
    """Days from `day` to `as_of`: whole numbers, with which no calendar ends."""
    return F.datediff(F.lit(as_of), day)


def signs_of_interest(events: DataFrame, params: ProspectsParams, as_of: date) -> DataFrame:
    """Events before `as_of` of somebody who is known, that are a sign of interest; with `ago`."""
    dated = events.where(F.col("customer_id").isNotNull() & (F.col("happened_at").cast("date") < F.lit(as_of)))
    wanted = dated.where(~is_kind(params.ignored_kinds)) if params.ignored_kinds else dated
    return wanted.withColumn("ago", ago(F.col("happened_at").cast("date"), as_of))


def days_of(
    events: DataFrame, customers: DataFrame, referrals: DataFrame, params: ProspectsParams, as_of: date
) -> DataFrame:
    """One row for each person and day with events: how many of each kind, products, and the first of the day.

    Registrations and referrals are rows without events. customer_id, ago, events, COUNTED, others, products, FIRSTS.
    """
    kind = kind_of_event()
    kinds = (*COUNTED, "others")
    seen = signs_of_interest(events, params, as_of)
    by_product = seen.groupBy("customer_id", "ago", "product_id").agg(
        F.count(F.lit(1)).alias("events"),
        *[F.count_if(kind == name).alias(column) for column, name in COUNTED.items()],
        F.count_if(~kind.isin(*COUNTED.values())).alias("others"),
        F.min(moment("happened_at", known_text("channel"))).alias("channel_moment"),
        F.min(moment("happened_at", known_text(kind))).alias("kind_moment"),
    )
    counted = by_product.groupBy("customer_id", "ago").agg(
        *[F.sum(name).alias(name) for name in ("events", *kinds)],
        F.count("product_id").alias("products"),
        *[F.min(name).alias(name) for name in FIRSTS],
    )
    registered = customers.where(F.col("joined_on") < F.lit(as_of)).select(
        "customer_id", ago("joined_on", as_of).alias("ago")
    )
    brought = referred(referrals, as_of).select("customer_id", F.col("referred_ago").alias("ago"))
    nothing = F.lit(0).cast("bigint")
    quiet = registered.unionByName(brought).select(
        "customer_id",
        "ago",
        *[nothing.alias(name) for name in ("events", *COUNTED, "others", "products")],
        *[F.lit(None).cast("string").alias(name) for name in FIRSTS],
    )
    return counted.unionByName(quiet)


def referred(referrals: DataFrame, as_of: date) -> DataFrame:
    """customer_id, referred_ago: when somebody was first brought by another, before `as_of`."""
    day = F.col("referred_at").cast("date")
    is_brought = (day < F.lit(as_of)) & (F.col("referrer_id") != F.col("customer_id"))
    return referrals.where(is_brought).groupBy("customer_id").agg(F.max(ago(day, as_of)).alias("referred_ago"))


def first_orders(orders: DataFrame, as_of: date) -> DataFrame:
    """customer_id, order_ago of each customer's first sale, or return of one that is older than the data."""
    bought = in_window(orders, as_of, None).where("customer_id is not null and kind in ('sale', 'return')")
    return bought.groupBy("customer_id").agg(F.max(ago("ordered_on", as_of)).alias("order_ago"))


def people_of(
    days: DataFrame, firsts: DataFrame, customers: DataFrame, referrals: DataFrame, params: ProspectsParams, as_of: date
) -> DataFrame:
    """One row for each person of `days`.

    seen_ago and last_ago of the first and the last day; is_automatic; order_ago (NULL without an order), joined_ago,
    referred_ago; the attributes, first_channel and first_kind, as texts, and channel_ago and kind_ago of these two.
    """
    summed = days.groupBy("customer_id").agg(
        F.max("ago").alias("seen_ago"),
        F.min("ago").alias("last_ago"),
        F.max(F.when(F.col("channel_moment").isNotNull(), F.col("ago"))).alias("channel_ago"),
        F.max(F.when(F.col("kind_moment").isNotNull(), F.col("ago"))).alias("kind_ago"),
        (F.max("events") > params.max_daily_events).alias("is_automatic"),
        name_in(F.min("channel_moment")).alias(FIRST_CHANNEL),
        name_in(F.min("kind_moment")).alias(FIRST_KIND),
    )
    return (
        summed.join(firsts, on="customer_id", how="left")
        .join(described(customers, params, as_of), on="customer_id", how="left")
        .join(referred(referrals, as_of), on="customer_id", how="left")
    )


def said(attribute: str) -> Column:
    """An attribute as text; NULL where it is blank, or a word for what nobody knows.

    Such a word is often that of all who never ordered: known by it are then the customers.
    """
    text = known_text(F.col(attribute).cast("string"))
    return F.when(~is_placeholder(text, NOT_KNOWN), text)


def described(customers: DataFrame, params: ProspectsParams, as_of: date) -> DataFrame:
    """customer_id, joined_ago (NULL where it is not known, or to come), and the attributes as texts; blank is NULL."""
    joined = F.when(F.col("joined_on") < F.lit(as_of), ago("joined_on", as_of))
    texts = [said(name).alias(name) for name in params.attributes]
    return customers.select("customer_id", joined.alias("joined_ago"), *texts)
