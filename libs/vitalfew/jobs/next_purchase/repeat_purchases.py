"""What each customer buys again and again, and when it is due: coffee on the 12th."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.identifiers import is_placeholder
from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.basket_items import is_of_excluded_group, without_products
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.next_purchase.due_windows import is_unusual, usual_days, windows
from vitalfew.jobs.next_purchase.gap_model import Rhythm
from vitalfew.jobs.next_purchase.params import NextPurchaseParams, RepeatLevel
from vitalfew.jobs.next_purchase.tables import REPEAT_PURCHASES
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

PAIR = ("customer_id", "item")
PAST_DUE = "past due"  # a thing; a customer is overdue, by another limit
BUYERS_OF_DOUBT = 5.0
"""What the rhythm of all things weighs in that of one, in buyers who came back for it."""


def known_level(products: DataFrame, wanted: RepeatLevel) -> RepeatLevel:
    """The level asked for; product, where no product has it."""
    if wanted == "product" or collect_rows(products.where(F.col(wanted).isNotNull()).limit(1), "levels of products"):
        return wanted
    return "product"


def item_days(
    orders: DataFrame, products: DataFrame, level: RepeatLevel, as_of: date, params: NextPurchaseParams
) -> DataFrame:
    """customer_id, item and each day before `as_of` on which it was bought.

    Left out are durables, what is no part of a basket, and things that are called `repeat_not_of`.
    """
    sold = in_window(orders, as_of, None).where("kind = 'sale' and customer_id is not null")
    each = sold.select("customer_id", "ordered_on", F.explode("product_ids").alias("product_id"))
    bought = without_products(each, params)
    if level == "product":
        out = products.where(is_left_out(F.col("name"), params)).select("product_id")
        named = bought.join(out, on="product_id", how="left_anti").withColumn("item", F.col("product_id"))
    else:
        known = products.where(F.col(level).isNotNull() & ~is_left_out(F.col(level), params))
        named = bought.join(known.select("product_id", F.col(level).alias("item")), on="product_id", how="inner")
    days = named.select(*PAIR, "ordered_on").distinct()
    money = F.lit(None).cast("decimal(28,2)")
    return days.select("*", money.alias("net"), F.lit(True).alias("is_sale"), F.col("ordered_on").alias("first_on"))


def is_left_out(name: Column, params: NextPurchaseParams) -> Column:
    """Whether nobody buys this product again and again: it lasts, or its `name` means nothing, or it is excluded."""
    lasts = F.coalesce(F.col("is_durable"), F.lit(False))
    return lasts | is_placeholder(F.trim(name), params.repeat_not_of) | is_of_excluded_group(params)


def timed(known: DataFrame, rhythm: Rhythm, on: date) -> DataFrame:
    """Histories of customer and item, with windows that lean on the buyers of the item, these on all."""
    own = (
        known.where("gaps > 0")
        .groupBy("item")
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.sum(ratio(F.col("log_sum"), F.col("gaps"))).alias("logs"),
            F.sum(ratio(F.col("recency_days"), F.col("gaps"))).alias("days"),
        )
    )
    priors = own.select(
        "item",
        F.round(leaning("logs", rhythm.mean_log), 9).alias("prior_log"),
        F.round(leaning("days", rhythm.mean_gap), 9).alias("prior_gap"),
    )
    joined = known.join(priors, on="item", how="left")
    log_prior = F.coalesce(F.col("prior_log"), F.lit(rhythm.mean_log))
    gap_prior = F.coalesce(F.col("prior_gap"), F.lit(rhythm.mean_gap))
    return windows(joined, rhythm, F.lit(on), log_prior, gap_prior)


def leaning(total: str, of_all: float) -> Column:
    return ratio(F.col(total) + F.lit(BUYERS_OF_DOUBT * of_all), F.col("n") + F.lit(BUYERS_OF_DOUBT))


def due(
    timed: DataFrame, products: DataFrame, level: RepeatLevel, params: NextPurchaseParams, words: Words
) -> DataFrame:
    """REPEAT_PURCHASES: what was bought on enough days and is not given up."""
    again = timed.where((F.col("gaps") + 1 >= params.repeat_min_days) & F.col("due_on").isNotNull())
    most = Window.partitionBy("customer_id").orderBy(F.desc("gaps"), F.asc("item"))
    kept = again.withColumn("place", F.row_number().over(most)).where(F.col("place") <= params.repeat_items)
    if level == "product":
        names = products.select(F.col("product_id").alias("item"), "name")
        kept = kept.join(names, on="item", how="left")
    else:
        kept = kept.withColumn("name", F.col("item"))
    found = kept.select(
        "customer_id",
        F.lit(level).alias("level"),
        "item",
        (F.col("gaps") + 1).cast("int").alias("days_bought"),
        "last_on",
        "gap_days",
        "due_on",
        F.col("due_50_from").alias("due_from"),
        F.col("due_50_to").alias("due_to"),
        F.when(is_unusual(), PAST_DUE).otherwise("on schedule").alias("status"),
        *sentence().named("text"),
    )
    return with_texts(found, REPEAT_PURCHASES, words)


def sentence() -> Sentence:
    """Whether it is due, and how often it was bought."""
    values = {"item": F.coalesce("name", "item"), "gap": usual_days(), "last": F.col("last_on")}
    return choose(
        (is_unusual(), say("repeat_purchases.text.past", **values)),
        otherwise=say("repeat_purchases.text.due", **values, due=F.col("due_on")),
    )
