"""What was known before a day: all that recommendations for that day are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.staging import Stage
from vitalfew.dataframes.surrogate_keys import numbered, with_numbers
from vitalfew.domain.order_windows import in_window
from vitalfew.domain.rfm_scores import cut_points, score, summarise
from vitalfew.domain.segmentation_params import SegmentationParams
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.purchase_habits import habits, purchases, shopping_days

NO_SEGMENT = "other customers"


@dataclass(frozen=True)
class World:
    """All there is: orders, what was bought in them (`purchases`), on which days (`shopping_days`).

    products: one row per product bought, with what the catalogue says of it; customers: one per customer. `known_as` is
    the id of a product or a customer, whatever product_id and customer_id are here.
    """

    orders: DataFrame
    bought: DataFrame
    days: DataFrame
    products: DataFrame
    customers: DataFrame


@dataclass(frozen=True)
class Past:
    """Frames made of what was bought before `on`, and nothing later.

    bought: one row per product of each sale; days: one per customer, product and shopping day; habits: one per customer
    and product; segments: one per customer; owned: customer_id, product_id of durables already bought; gone: product_id
    of what cannot be had.
    """

    on: date
    bought: DataFrame
    days: DataFrame
    habits: DataFrame
    segments: DataFrame
    owned: DataFrame
    gone: DataFrame


def world(orders: DataFrame, products: DataFrame, as_of: date) -> World:
    """The part of it that may be known on the day `as_of`."""
    before = in_window(orders, as_of, None)
    bought = purchases(before)
    catalogue = products.select("product_id", "name", "is_durable", "is_available")
    sold = bought.select("product_id").distinct().join(catalogue, on="product_id", how="left")
    buyers = before.where("customer_id is not null").select("customer_id").distinct()
    return World(
        orders=before,
        bought=bought,
        days=shopping_days(bought),
        products=sold.withColumn("known_as", F.col("product_id")),
        customers=buyers.withColumn("known_as", F.col("customer_id")),
    )


def in_numbers(world: World, stage: Stage) -> World:
    """The same with numbers, in their order, for customer_id, product_id and order_id.

    Nothing but products and customers has ids any more, so that what is read often is small.
    """
    customers = numbered(world.customers, "customer_id", stage)
    items = numbered(world.products, "product_id", stage)
    baskets = numbered(world.orders.select(F.col("order_id").alias("known_as")), "order_id", stage)
    orders = with_numbers(world.orders, customers, "customer_id", how="left")
    lines = purchases(with_numbers(orders, baskets, "order_id", how="inner"))
    bought = stage(with_numbers(lines, items, "product_id", how="inner"))
    return World(
        orders=stage(orders.select("customer_id", "ordered_on", "kind", "net_amount", "pieces")),
        bought=bought,
        days=stage(shopping_days(bought)),
        products=stage(world.products.drop("product_id").join(items, on="known_as", how="inner")),
        customers=customers,
    )


def part_of(past: Past, customers: Column, stage: Stage) -> Past:
    """What the past says of some customers, by a condition on customer_id; what was bought stays whole."""
    return replace(
        past,
        habits=stage(past.habits.where(customers)),
        segments=past.segments.where(customers),
        owned=past.owned.where(customers),
    )


def past(world: World, on: date, *, params: RecommendationParams, stage: Stage, is_today: bool) -> Past:
    """What was known before `on`.

    Only today do we know what is out of stock: to leave that out of a measurement in the past would be to know the
    future.
    """
    days = in_window(world.days, on, params.history_days)
    known = stage(habits(days, on, params.half_life_days, stage))
    durable = world.products.where("is_durable").select("product_id")
    gone = world.products.where("not is_available").select("product_id")
    return Past(
        on=on,
        bought=in_window(world.bought, on, params.history_days),
        days=days,
        habits=known,
        segments=stage(segments(world.orders, known, on, params.segments, stage)),
        owned=stage(known.join(durable, on="product_id", how="left_semi").select("customer_id", "product_id")),
        gone=gone if is_today else gone.where(F.lit(False)),
    )


def segments(orders: DataFrame, known: DataFrame, on: date, params: SegmentationParams, stage: Stage) -> DataFrame:
    """customer_id, segment of all customers in `known`, as on that day: those of today betray what came after."""
    customers = stage(summarise(in_window(orders, on, params.window_days).where("customer_id is not null"), on))
    scored = score(customers, cut_points(customers, params), params.segment_map)
    named = known.select("customer_id").distinct().join(scored, on="customer_id", how="left")
    return named.select("customer_id", F.coalesce("segment", F.lit(NO_SEGMENT)).alias("segment"))
