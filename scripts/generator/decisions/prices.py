"""Prices that change by chance from week to week, and units that answer to them: by how much is known."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generator.decisions.chances import counts, noise, uniforms
from generator.decisions.layout import PRODUCTS_PER_PRICE_CATEGORY, first_of, goods, price_categories
from generator.decisions.sources import lines
from generator.ordering import DAY, OPENED, WEEK
from generator.shop import Shop
from generator.world import WEEKS

MEANS = (-2.0, 0.0, -0.6)
"""Elasticities of the categories, in turn; where it is 0, no product answers to its price."""

SPREAD = 0.3
"""Products of a category are so far from its mean, at most."""

DISCOUNTS, DISCOUNT_SHARE = (0.1, 0.2, 0.3), 0.35
LINES_A_WEEK, SEASON, SURPRISE = (8.0, 20.0), 0.3, 0.15


def products(shop: Shop) -> list[int]:
    first = first_of(shop, "price 0")
    return list(range(first, first + price_categories(shop) * PRODUCTS_PER_PRICE_CATEGORY))


def elasticities(shop: Shop) -> dict[int, float]:
    """By product."""
    numbers = products(shop)
    apart = (2 * uniforms(shop.world.seed, "elasticities", len(numbers)) - 1) * SPREAD
    means = [MEANS[n // PRODUCTS_PER_PRICE_CATEGORY % len(MEANS)] for n in range(len(numbers))]
    return {number: mean + (own if mean else 0.0) for number, mean, own in zip(numbers, means, apart, strict=True)}


def weekly(shop: Shop) -> DataFrame:
    """product_no, week, `sold` (lines) and `cents`, what a piece costs in that week."""
    seed, numbers = shop.world.seed, products(shop)
    shape = len(numbers), WEEKS
    draw = uniforms(seed, "discounts", *shape)
    size = np.minimum((draw / DISCOUNT_SHARE * len(DISCOUNTS)).astype(int), len(DISCOUNTS) - 1)
    cut = np.where(draw < DISCOUNT_SHARE, np.array(DISCOUNTS)[size], 0.0)
    usual = np.array([goods(shop)[number].cents for number in numbers])
    low, high = LINES_A_WEEK
    level = low + (high - low) * uniforms(seed, "price levels", len(numbers))
    season = 1 + SEASON * np.sin(2 * np.pi * (np.arange(WEEKS) / 52 + 0.1))
    answer = (1 - cut) ** np.array(list(elasticities(shop).values()))[:, None]
    means = level[:, None] * season[None, :] * answer * noise(seed, "price surprises", SURPRISE, *shape)
    sold, cents = counts(seed, "price sales", means), np.rint(usual[:, None] * (1 - cut)).astype(int)
    rows = [
        (number, week, int(sold[i, week]), int(cents[i, week]))
        for i, number in enumerate(numbers)
        for week in range(WEEKS)
    ]
    return shop.spark.createDataFrame(rows, "product_no bigint, week bigint, sold bigint, cents bigint")


def by_strangers(shop: Shop, sold: DataFrame, purpose: str) -> DataFrame:
    """A line for each that was `sold` of product_no in week, by somebody unknown, on any day and of a piece or two."""
    key = ("product_no", "week", "line")
    each = sold.where("sold > 0").withColumn("line", F.explode(F.expr("sequence(1L, sold)")))
    keyed = each.withColumn("order_key", F.col("product_no") * 1_000_000 + F.col("week") * 1_000 + F.col("line"))
    second = shop.dice.below(10 * 3_600, f"{purpose} second", *key) + 9 * 3_600
    return keyed.withColumns(
        {
            "customer_no": F.lit(None).cast("bigint"),
            "at": F.lit(OPENED) + F.col("week") * WEEK + shop.dice.below(7, f"{purpose} day", *key) * DAY + second,
            "pieces": shop.dice.below(2, f"{purpose} pieces", *key) + 1,
        }
    )


def tables(shop: Shop) -> dict[str, DataFrame]:
    truth = [(goods(shop)[n].product_id, goods(shop)[n].category, e) for n, e in elasticities(shop).items()]
    return {
        "order_lines": lines(by_strangers(shop, weekly(shop), "price"), "p"),
        "truth_elasticities": shop.spark.createDataFrame(
            truth, "product_id string, category string, elasticity double"
        ),
    }
