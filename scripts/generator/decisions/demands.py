"""What is asked for each week: at a level, with a season, or with weeks in which nothing is in stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generator.decisions.chances import Numbers, counts, uniforms
from generator.decisions.layout import DEMAND_KINDS, demand_products, first_of, goods, product_id
from generator.decisions.prices import by_strangers
from generator.decisions.sources import lines
from generator.shop import Shop
from generator.world import FIRST_DAY, WEEKS

AHEAD = 4
"""Weeks after the end whose demand is planted, too, and said in the truth alone."""

LEVELS, SEASON, OUT_SHARE, ON_HAND = (5.0, 30.0), 0.6, 0.25, 40
PIECES = 1.5
"""Mean pieces of a line."""


def products(shop: Shop) -> list[int]:
    first = first_of(shop, f"demand {DEMAND_KINDS[0]}")
    return list(range(first, first + len(DEMAND_KINDS) * demand_products(shop)))


def kind(shop: Shop, index: int) -> str:
    return DEMAND_KINDS[index // demand_products(shop)]


def means(shop: Shop) -> Numbers:
    """Lines by product and week, those ahead too."""
    numbers = products(shop)
    low, high = LEVELS
    level = low + (high - low) * uniforms(shop.world.seed, "demand levels", len(numbers))
    begins = uniforms(shop.world.seed, "demand seasons", len(numbers))
    weeks = np.arange(WEEKS + AHEAD)
    season = 1 + SEASON * np.sin(2 * np.pi * (weeks[None, :] / 52 + begins[:, None]))
    is_seasonal = np.array([kind(shop, i) == "seasonal" for i in range(len(numbers))])
    return level[:, None] * np.where(is_seasonal[:, None], season, 1.0)


def is_out(shop: Shop) -> NDArray[np.bool_]:
    """Weeks before the end in which nothing was in stock, by product; never the first ones."""
    drawn = uniforms(shop.world.seed, "stock outs", len(products(shop)), WEEKS) < OUT_SHARE
    drawn[:, :8] = False
    has = np.array([kind(shop, i) == "stock_outs" for i in range(len(products(shop)))])
    return np.asarray(drawn & has[:, None])


def tables(shop: Shop) -> dict[str, DataFrame]:
    numbers, mean, out = products(shop), means(shop), is_out(shop)
    asked = counts(shop.world.seed, "demand", mean)
    sold = np.where(out, 0, asked[:, :WEEKS])
    rows = [(n, week, int(sold[i, week])) for i, n in enumerate(numbers) for week in range(WEEKS)]
    listed = shop.spark.createDataFrame(rows, "product_no bigint, week bigint, sold bigint")
    goes = [(n, week, bool(out[i, week])) for i, n in enumerate(numbers) for week in range(WEEKS)]
    truth = [
        (goods(shop)[n].product_id, kind(shop, i), step + 1, float(mean[i, WEEKS + step]) * PIECES)
        for i, n in enumerate(numbers)
        for step in range(AHEAD)
    ]
    cents = shop.spark.createDataFrame([(n, goods(shop)[n].cents) for n in numbers], "product_no bigint, cents bigint")
    bought = by_strangers(shop, listed, "demand").join(cents, on="product_no", how="left")
    return {
        "order_lines": lines(bought, "d"),
        "stock": stock(shop.spark.createDataFrame(goes, "product_no bigint, week bigint, is_out boolean")),
        "truth_demand": came(shop, truth, asked),
    }


def stock(weekly: DataFrame) -> DataFrame:
    """The source table: every evening, nothing in weeks without stock."""
    daily = weekly.withColumn("weekday", F.explode(F.sequence(F.lit(0), F.lit(6))))
    number, nothing = "decimal(18,3)", F.lit(None)
    return daily.select(
        product_id(F.col("product_no")).alias("product_id"),
        F.date_add(F.lit(FIRST_DAY), (F.col("week") * 7 + F.col("weekday")).cast("int")).alias("day"),
        F.when(F.col("is_out"), 0).otherwise(ON_HAND).cast(number).alias("on_hand"),
        nothing.cast(number).alias("on_order"),
        F.lit(7).alias("lead_time_days"),
        nothing.cast(number).alias("pack_size"),
        nothing.cast(number).alias("minimum_order"),
        nothing.cast("int").alias("shelf_life_days"),
        nothing.cast("timestamp").alias("updated_at"),
    )


def came(shop: Shop, truth: list[tuple[str, str, int, float]], asked: NDArray[np.int64]) -> DataFrame:
    """One row per product and week ahead: units expected, and units that come, in lines of one or two pieces."""
    ahead = asked[:, WEEKS:].ravel()
    most = int(ahead.max())
    twos = uniforms(shop.world.seed, "demand ahead", len(ahead), most) < PIECES - 1
    units = ahead + (twos & (np.arange(most)[None, :] < ahead[:, None])).sum(axis=1)
    rows = [(*row, int(came)) for row, came in zip(truth, units, strict=True)]
    return shop.spark.createDataFrame(
        rows, "product_id string, kind string, weeks_ahead int, expected double, came bigint"
    )
