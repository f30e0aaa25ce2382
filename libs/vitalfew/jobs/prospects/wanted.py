"""What each prospect looks for, and what to offer first: by what those who looked at it bought in their first order."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.known_text import known_text
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.dataframes.top_n import best
from vitalfew.domain.basket_items import with_catalogue, without_products
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.people import ago, signs_of_interest

PRIOR_PEOPLE = 20.0
"""As many people of all weigh in the rate of a product."""
PARTS = 1_000_000
"""Interest is summed in such parts: exactly, in whatever order."""


def interest(events: DataFrame, people: DataFrame, params: ProspectsParams, as_of: date) -> DataFrame:
    """customer_id, product_id, order_ago, interest: what each of `people` looked at before the first order, if any.

    Events of memory_days; each counts 1, and half of it after half_life_days.
    """
    seen = signs_of_interest(events, params, as_of).where(F.col("product_id").isNotNull())
    recent = without_products(seen, params).where(F.col("ago") <= F.lit(params.memory_days))
    looked = recent.select("customer_id", "product_id", "ago").join(
        people.select("customer_id", "order_ago"), on="customer_id", how="inner"
    )
    before = looked.where(F.col("order_ago").isNull() | (F.col("ago") >= F.col("order_ago")))
    part = F.round(F.pow(F.lit(2.0), -F.col("ago") / F.lit(params.half_life_days)) * F.lit(float(PARTS))).cast("bigint")
    return before.groupBy("customer_id", "product_id", "order_ago").agg(F.sum(part).alias("interest"))


def first_baskets(orders: DataFrame, firsts: DataFrame, params: ProspectsParams, as_of: date) -> DataFrame:
    """customer_id, product_id: what was in the sales of the first day."""
    sold = in_window(orders, as_of, None).where(is_sale()).join(firsts, on="customer_id", how="inner")
    first = sold.where(ago("ordered_on", as_of) == F.col("order_ago"))
    items = first.select("customer_id", F.explode("product_ids").alias("product_id")).distinct()
    return without_products(items, params)


def rates(looked: DataFrame, baskets: DataFrame) -> DataFrame:
    """product_id, rate: of the people who looked at it, the share whose first order has it, drawn to that of all."""
    had = baskets.withColumn("had", F.lit(1))
    counted = (
        looked.join(had, on=["customer_id", "product_id"], how="left")
        .groupBy("product_id")
        .agg(F.count(F.lit(1)).alias("people"), F.count("had").alias("bought"))
    )
    every = counted.agg(F.sum("people").alias("all_people"), F.sum("bought").alias("all_bought"))
    rate = ratio(F.col("all_bought").cast("double"), F.col("all_people").cast("double"))
    drawn = ratio(F.col("bought") + F.lit(PRIOR_PEOPLE) * rate, F.col("people") + F.lit(PRIOR_PEOPLE))
    return counted.crossJoin(F.broadcast(every)).select("product_id", F.round(drawn, 6).alias("rate"))


def wanted(
    looked: DataFrame, baskets: DataFrame, products: DataFrame, params: ProspectsParams, stage: Stage
) -> DataFrame:
    """customer_id, looks_for, looks_for_product_id, first_offer_product_id, offer_rate: of prospects who looked at any.

    What is not available is not offered; what is excluded is left out. `looked` is of `interest`.
    """
    available = products.select("product_id", F.coalesce("is_available", F.lit(True)).alias("is_available"))
    own = stage(
        with_catalogue(looked.where("order_ago is null"), products, params)
        .join(rates(looked, baskets), on="product_id", how="inner")
        .join(available, on="product_id", how="left")
        .select(
            *["customer_id", "product_id", "interest", "rate"],
            known_text(params.level).alias("group"),
            F.coalesce("is_available", F.lit(True)).alias("is_available"),
        )
    )
    who, by = ["customer_id"], [F.desc("interest"), F.asc("product_id")]
    product = best(own, 1, who, by).select("customer_id", F.col("product_id").alias("looks_for_product_id"))
    groups = (
        own.where(F.col("group").isNotNull()).groupBy("customer_id", "group").agg(F.sum("interest").alias("interest"))
    )
    group = best(groups, 1, who, [F.desc("interest"), F.asc("group")])
    order = [F.desc(F.round(F.col("interest") * F.col("rate"), 3)), *by]
    offer = best(own.where("is_available"), 1, who, order)
    return product.join(
        group.select("customer_id", F.col("group").alias("looks_for")), on="customer_id", how="left"
    ).join(
        offer.select(
            "customer_id", F.col("product_id").alias("first_offer_product_id"), F.col("rate").alias("offer_rate")
        ),
        on="customer_id",
        how="left",
    )


def popular(baskets: DataFrame, products: DataFrame) -> tuple[str, int] | None:
    """The available product in most first orders, and in how many; None without any."""
    gone = products.where("not is_available").select("product_id")
    counted = (
        baskets.join(gone, on="product_id", how="left_anti").groupBy("product_id").agg(F.count(F.lit(1)).alias("n"))
    )
    rows = collect_rows(counted.orderBy(F.desc("n"), F.asc("product_id")).limit(1), "the most popular first product")
    return (rows[0]["product_id"], rows[0]["n"]) if rows else None
