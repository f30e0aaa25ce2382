"""How people shop: the clusters that are planted, with their baskets, prices, days and hours."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from generator.dice import slots

VARIANTS = 4
"""Every kind of product comes in four variants, from the cheapest to the dearest."""

PRICE_SLOTS = 2_048
"""The price shares of a style are multiples of one over this."""

TIME_SLOTS = 1_000
"""A style's week of 168 hours is dealt out over so many slots: the share of every hour is an exact multiple of it."""


@dataclass(frozen=True)
class Style:
    """One way to shop. `prices` are the shares of the four variants, cheapest first; `hours` are (from, to, weight)."""

    name: str
    share: float
    basket: float  # products in a basket, on average, before what bundles and habits add
    prices: tuple[float, float, float, float]
    weekdays: tuple[float, float, float, float, float, float, float]  # Monday first
    hours: tuple[tuple[int, int, float], ...]
    channels: tuple[float, float, float]  # store, web, app

    def week(self) -> list[int]:
        """The slots of each hour of a week, Monday 00:00 first; together TIME_SLOTS."""
        by_hour = [0.0] * 24
        for first, last, weight in self.hours:
            for hour in range(first, last + 1):
                by_hour[hour] += weight
        return slots([day * hour for day in self.weekdays for hour in by_hour], TIME_SLOTS)


CHANNELS = ("store", "web", "app")

STYLES = (
    Style(
        name="weekend family",
        share=0.25,
        basket=6.7,
        prices=(0.20, 0.45, 0.25, 0.10),
        weekdays=(0.05, 0.05, 0.05, 0.05, 0.10, 0.45, 0.25),
        hours=((9, 17, 10.0), (18, 20, 1.0)),
        channels=(0.90, 0.08, 0.02),
    ),
    Style(
        name="evening gourmet",
        share=0.15,
        basket=3.0,
        prices=(0.05, 0.15, 0.30, 0.50),
        weekdays=(0.17, 0.17, 0.17, 0.17, 0.17, 0.10, 0.05),
        hours=((10, 17, 1.0), (18, 21, 12.0)),
        channels=(0.60, 0.30, 0.10),
    ),
    Style(
        name="weekday bargain",
        share=0.25,
        basket=5.0,
        prices=(0.65, 0.20, 0.10, 0.05),
        weekdays=(0.22, 0.19, 0.19, 0.19, 0.17, 0.03, 0.01),
        hours=((8, 11, 10.0), (12, 17, 2.0)),
        channels=(0.95, 0.05, 0.00),
    ),
    Style(
        name="lunch quick",
        share=0.25,
        basket=1.2,
        prices=(0.25, 0.30, 0.30, 0.15),
        weekdays=(0.20, 0.20, 0.20, 0.20, 0.17, 0.02, 0.01),
        hours=((8, 10, 1.0), (11, 13, 15.0), (14, 17, 1.0)),
        channels=(0.80, 0.05, 0.15),
    ),
    Style(
        name="sunday night",
        share=0.10,
        basket=3.0,
        prices=(0.25, 0.30, 0.25, 0.20),
        weekdays=(0.05, 0.05, 0.05, 0.05, 0.05, 0.10, 0.65),
        hours=((9, 20, 0.5), (21, 22, 16.0), (23, 23, 4.0)),
        channels=(0.05, 0.35, 0.60),
    ),
)


def table(spark: SparkSession) -> DataFrame:
    """The styles by number: products in a basket, where the three dearer variants begin, shares of the channels."""
    rows = []
    for number, s in enumerate(STYLES):
        dearer = [round(PRICE_SLOTS * sum(s.prices[:n])) for n in range(1, VARIANTS)]
        mean = sum(n * share for n, share in enumerate(s.prices))
        rows.append((number, s.name, s.basket, mean, *dearer, s.channels[0], s.channels[0] + s.channels[1]))
    return spark.createDataFrame(
        rows,
        "style int, style_name string, basket double, mean_variant double, "
        "dearer_1 bigint, dearer_2 bigint, dearer_3 bigint, to_store double, to_web double",
    )


def times(spark: SparkSession) -> DataFrame:
    """`time_slot` (style · TIME_SLOTS + slot) to `hour_of_week`, Monday 00:00 being 0."""
    rows = []
    for number, style in enumerate(STYLES):
        hours = [hour for hour, count in enumerate(style.week()) for _ in range(count)]
        rows += [(number * TIME_SLOTS + slot, hour) for slot, hour in enumerate(hours)]
    return spark.createDataFrame(rows, "time_slot bigint, hour_of_week bigint")


def peaks() -> list[tuple[str, int, int, float]]:
    """What `times` comes to: style (or all), ISO weekday, hour, share of the orders."""
    found = []
    overall = [0.0] * 168
    for style in STYLES:
        for hour, count in enumerate(style.week()):
            share = count / TIME_SLOTS
            overall[hour] += style.share * share
            found.append((style.name, hour // 24 + 1, hour % 24, share))
    return found + [("all", hour // 24 + 1, hour % 24, share) for hour, share in enumerate(overall)]
