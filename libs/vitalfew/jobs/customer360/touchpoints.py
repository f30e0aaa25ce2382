"""Where a person was met, first and last; what they did besides buying; what they looked for in vain; favourites."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.sort_keys import moment, name_in
from vitalfew.dataframes.top_n import best
from vitalfew.domain.event_kinds import is_kind, kind_of_event
from vitalfew.domain.order_windows import is_sale
from vitalfew.domain.weekdays import weekday_of
from vitalfew.jobs.customer360.tables import SIGNS, UNMET_DEMAND
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

UNKNOWN = "unknown"
LARGEST_RATING = 1e9
SOUGHT = {"searches": "search", "views": "view", "carts": "cart", "wishes": "wishlist"}


def touches(orders: DataFrame, events: DataFrame) -> DataFrame:
    """TOUCHPOINTS, from orders and events with their person_id."""
    nothing, money = F.lit(0).cast("bigint"), F.lit(0).cast("decimal(28,2)")
    # Sail 0.7 does not group a union by a mere coalesce: the metadata of its column differ from what was planned
    where = F.concat(F.coalesce("channel", F.lit(UNKNOWN)), F.lit("")).alias("channel")
    bought = orders.select(
        "person_id",
        where,
        F.col("ordered_at").alias("at"),
        moment("ordered_at", F.lit("order")).alias("touch"),
        is_sale().cast("bigint").alias("orders"),
        "net_amount",
        nothing.alias("events"),
    )
    happened = events.select(
        "person_id",
        where,
        F.col("happened_at").alias("at"),
        moment("happened_at", kind_of_event()).alias("touch"),
        nothing.alias("orders"),
        money.alias("net_amount"),
        F.lit(1).cast("bigint").alias("events"),
    )
    found = bought.unionByName(happened).groupBy("person_id", "channel")
    return found.agg(
        F.min("at").alias("first_at"),
        F.max("at").alias("last_at"),
        name_in(F.min("touch")).alias("first_kind"),
        name_in(F.max("touch")).alias("last_kind"),
        *[F.sum(name).alias(name) for name in ("orders", "net_amount", "events")],
    ).select(
        "person_id",
        "channel",
        "first_at",
        "first_kind",
        "last_at",
        "last_kind",
        "orders",
        F.col("net_amount").cast("decimal(28,2)").alias("net_amount"),
        "events",
    )


def ends(touched: DataFrame) -> DataFrame:
    """The first and the last touch of each person over all channels."""
    ordered = {"first": [F.asc("first_at"), F.asc("channel")], "last": [F.desc("last_at"), F.desc("channel")]}
    first, last = (
        best(touched, 1, ["person_id"], order).select(
            "person_id",
            F.col(f"{end}_at").alias(f"{end}_touch_at"),
            F.col("channel").alias(f"{end}_touch_channel"),
            F.col(f"{end}_kind").alias(f"{end}_touch_kind"),
        )
        for end, order in ordered.items()
    )
    return first.join(last, on="person_id", how="inner")


def behaviour(events: DataFrame) -> DataFrame:
    """How many events of each kind a person has, and the mean rating they gave."""
    kind = kind_of_event()
    is_rating = (kind == "review") & (F.abs("value") < LARGEST_RATING)  # NaN is not
    rating = F.round(F.when(is_rating, F.col("value")), 6).cast("decimal(28,6)")
    return events.groupBy("person_id").agg(
        *[F.count_if(kind == sign).alias(f"{sign}_events") for sign in SIGNS],
        F.count_if(~kind.isin([*SIGNS])).alias("other_events"),
        F.avg(rating).cast("double").alias("mean_rating"),
    )


def unmet_demand(
    events: DataFrame, purchases: DataFrame, products: DataFrame, least_signs: int, words: Words
) -> DataFrame:
    """UNMET_DEMAND: of events with their person_id, what those who looked for it have not bought."""
    kind = kind_of_event()
    looked = events.where(is_kind(SOUGHT.values()) & F.col("product_id").isNotNull())
    counted = looked.groupBy("person_id", "product_id").agg(
        *[F.count_if(kind == sign).alias(name) for name, sign in SOUGHT.items()],
        F.count(F.lit(1)).alias("signs"),
        F.max("happened_at").alias("last_at"),
    )
    bought = purchases.select("person_id", "product_id").distinct()
    unmet = counted.where(F.col("signs") >= least_signs).join(bought, on=["person_id", "product_id"], how="left_anti")
    known = unmet.join(products.select("product_id", "is_available"), on="product_id", how="left")
    written = with_texts(known.select("*", *wanted_action().named("action")), UNMET_DEMAND, words)
    return written.select(*[name for name in UNMET_DEMAND.columns if name != UNMET_DEMAND.slice])


def wanted_action() -> Sentence:
    return choose(
        (~F.col("is_available"), say("unmet_demand.action.unavailable")),
        (F.col("carts") > 0, say("unmet_demand.action.in_cart")),
        otherwise=say("unmet_demand.action.looked_at"),
    )


def favourites(orders: DataFrame, purchases: DataFrame, is_timed: bool = True) -> DataFrame:
    """Per person favourite_channel, _weekday, _hour (NULL without times), _category, _brand; ties to the first name."""
    sales = orders.where("kind = 'sale'")
    texts = {
        "channel": (sales, F.col("channel")),
        "weekday": (sales, two_digits(weekday_of("ordered_at"))),
        "hour": (sales, two_digits(F.hour("ordered_at")) if is_timed else F.lit(None).cast("string")),
        "category": (purchases, F.col("category")),
        "brand": (purchases, F.col("brand")),
    }
    each = [
        frame.select("person_id", text.alias("value"))
        .where("value is not null")
        .groupBy("person_id", "value")
        .agg(F.count(F.lit(1)).alias("n"))
        .withColumn("axis", F.lit(axis))
        for axis, (frame, text) in texts.items()
    ]
    counted = reduce(DataFrame.unionByName, each)
    first = best(counted, 1, ["person_id", "axis"], [F.desc("n"), F.asc("value")])
    return first.groupBy("person_id").agg(
        *[
            F.max(F.when(F.col("axis") == axis, F.col("value")))
            .cast("int" if axis in ("weekday", "hour") else "string")
            .alias(f"favourite_{axis}")
            for axis in texts
        ]
    )


def two_digits(number: Column) -> Column:
    """A number as a text that sorts as numbers do."""
    return F.lpad(number.cast("string"), 2, "0")
