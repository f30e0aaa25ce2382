"""Forecasts of series with few demands, from several origins at once: each is a weighted sum over the weeks with one.

Weeks without a demand need no row: they add nothing to a sum, and positions say how many there were. A series has its
own week 1, and weeks that are left out of it are not counted, as if time had stood still.

Exponential smoothing is the weighted mean with weights (1 - a)^age, which sum to 1: no starting value is needed.
Croston (1972) smooths the size of a demand and the weeks between two in the same way, over the number of the demand,
and starts with the first of each; the weeks to the first demand count where the series begins before it. SBA takes off
a/2 (Syntetos and Boylan 2005). TSB (Teunter, Syntetos and Babai 2011) smooths the size as Croston does, and the chance
of a demand over all weeks as exponential smoothing does.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio

RECENT = 13
SEASON = 52
YEARS = 2 * SEASON
"""A year ago says something from so many weeks on."""
RATES = {"10": 0.1, "20": 0.2, "30": 0.3}
"""Of exponential smoothing."""
SIZES = {"10": 0.1, "20": 0.2}
"""Of Croston, SBA and TSB: for sizes, weeks between two demands, and the chance of one."""
SEASONAL = "seasonal_naive"
METHODS = (
    "zero",
    "naive",
    "mean_13",
    SEASONAL,
    *(f"ses_{name}" for name in RATES),
    "croston_10",
    *(f"{method}_{name}" for method in ("sba", "tsb") for name in SIZES),
)
REFERENCES = ("zero", "naive", "mean_13")
DIGITS = 9


def at_origins(demands: DataFrame, origins: Sequence[int], horizon: int, weeks: int) -> DataFrame:
    """One row per series and origin: what the weeks up to it say, the forecasts, and the weeks after it.

    demands: series, week (from 1), units (more than 0), starts (the week that is its week 1), gone (weeks that are left
    out, sorted). Weeks after `weeks` are not known. A series without a demand up to an origin has no row there.

    age: weeks of the series up to the origin; demands: of these, with one; total and squares: sums of units and of
    their squares; last_week: of the last demand; interval: weeks per demand; variation: squared coefficient of
    variation of the sizes, NULL below two; scale: mean squared change from one week to the next, NULL in week 1.
    means: the forecast of a week by each of METHODS in order; seasonal: that of each week ahead by the year before;
    actual: what was asked for in each of them, NULL where nobody knows.
    """
    has_year = max(origins) >= YEARS
    looked = (
        with_parts(numbered(demands))
        .withColumn("origin", F.explode(F.array(*[F.lit(origin) for origin in origins])))
        .where((F.col("week") <= F.col("origin") + horizon) & (F.col("starts") <= F.col("origin")))
        .withColumn("age", position(F.col("origin")))
        .withColumn("is_known", F.col("week") <= F.col("origin"))
    )
    summed = looked.groupBy("series", "origin").agg(*sums(horizon, has_year)).where("demands > 0")
    return summed.select(
        *("series", "origin", "age", "demands", "total", "squares", "last_week"),
        ratio(F.col("age"), F.col("demands")).alias("interval"),
        F.when(F.col("demands") > 1, variation()).alias("variation"),
        F.when(F.col("age") > 1, scale()).alias("scale"),
        F.array(*[F.round(forecast(method), DIGITS) for method in METHODS]).alias("means"),
        F.array(*[seasonal(ahead, has_year) for ahead in range(1, horizon + 1)]).alias("seasonal"),
        F.array(*[actual(ahead, weeks) for ahead in range(1, horizon + 1)]).alias("actual"),
    )


def position(week: Column) -> Column:
    """Which week of its series a week is, those that are left out not counted."""
    left_out = F.when(F.size("gone") > 0, F.size(F.filter("gone", lambda gone: gone <= week))).otherwise(0)
    return (week - F.col("starts") + 1 - left_out).cast("int")


def numbered(demands: DataFrame) -> DataFrame:
    """The demands with their position, their number, the gap before each and its number, and the units a week before.

    No gap before the first demand of a series that begins with it: nobody knows how long it was.
    """
    placed = demands.withColumn("position", position(F.col("week")))
    in_order = Window.partitionBy("series").orderBy("week")
    so_far = in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    last = F.lag("position").over(in_order)
    gap = F.col("position") - F.coalesce(last, F.lit(0))
    begins = F.min("position").over(so_far) == 1
    number = F.row_number().over(so_far)
    return placed.select(
        "*",
        number.alias("number"),
        F.when(last.isNotNull() | ~begins, gap).alias("gap"),
        (number - F.when(begins, 1).otherwise(0)).alias("gap_number"),
        F.when(gap == 1, F.lag("units").over(in_order)).alias("week_before"),
    )


def with_parts(demands: DataFrame) -> DataFrame:
    """What each demand adds to the weighted sums, over what no week knows of itself: the age, and how many demands."""
    units = F.col("units")
    parts = {f"level_{name}": units * by_age(rate) for name, rate in RATES.items()}
    for name, rate in SIZES.items():
        parts |= {
            f"chance_{name}": by_age(rate),
            f"size_{name}": units * by_number(rate, "number"),
            f"between_{name}": F.col("gap") * by_number(rate, "gap_number"),
        }
    return demands.withColumns(parts)


def sums(horizon: int, has_year: bool) -> list[Column]:
    """What is added up of the weeks of one series, from one origin."""
    units = F.col("units")
    age = F.col("age") - F.col("position")
    year_ago = [F.col("week") == F.col("origin") + (ahead - SEASON) for ahead in range(1, horizon + 1) if has_year]
    parts = [f"level_{name}" for name in RATES]
    parts += [f"{part}_{name}" for part in ("chance", "size", "between") for name in SIZES]
    return [
        F.max("age").alias("age"),
        F.count(known(units)).alias("demands"),
        F.count(known(F.col("gap"))).alias("gaps"),
        of_known(units).alias("total"),
        of_known(units * units).alias("squares"),
        of_known(units, F.col("position") == 1).alias("first_units"),
        of_known(units, age == 0).alias("last_units"),
        of_known(units, age < RECENT).alias("recent"),
        of_known(units * F.col("week_before")).alias("products"),
        F.max(known(F.col("week"))).alias("last_week"),
        *[of_known(F.col(part)).alias(part) for part in parts],
        *[of_known(units, is_then).alias(f"year_ago_{at}") for at, is_then in enumerate(year_ago, 1)],
        *[
            none(F.sum(F.when(F.col("week") == F.col("origin") + ahead, units))).alias(f"ahead_{ahead}")
            for ahead in range(1, horizon + 1)
        ],
        *[F.max(is_gone(F.col("origin") + ahead)).alias(f"gone_{ahead}") for ahead in range(1, horizon + 1)],
    ]


def is_gone(week: Column) -> Column:
    return F.when(F.size("gone") > 0, F.exists("gone", lambda gone: gone == week)).otherwise(F.lit(False))


def known(column: Column) -> Column:
    return F.when(F.col("is_known"), column)


def of_known(column: Column, where: Column | None = None) -> Column:
    """The sum of the weeks up to the origin; 0 of none."""
    return none(F.sum(known(column if where is None else F.when(where, column))))


def none(column: Column) -> Column:
    return F.coalesce(column, F.lit(0.0))


def by_age(rate: float) -> Column:
    """The weight of a week, over (1 - rate)^age, which differs between origins."""
    return F.lit(rate) * F.pow(F.lit(1 - rate), -F.col("position"))


def by_number(rate: float, number: str) -> Column:
    """The weight of the n-th of N values, over (1 - rate)^N, which is not known yet; the first takes what is left."""
    return F.when(F.col(number) == 1, 1.0).otherwise(rate) * F.pow(F.lit(1 - rate), -F.col(number))


def variation() -> Column:
    n, total = F.col("demands"), F.col("total")
    variance = ratio(F.col("squares") - ratio(total * total, n), n - 1)
    return F.greatest(ratio(variance * n * n, total * total), F.lit(0.0))


def scale() -> Column:
    """From squares and products of neighbours: the first and the last week take part in one change, others in two."""
    first, last = F.col("first_units"), F.col("last_units")
    changes = 2 * F.col("squares") - first * first - last * last - 2 * F.col("products")
    return ratio(F.greatest(changes, F.lit(0.0)), F.col("age") - 1)


def mean_recent() -> Column:
    return ratio(F.col("recent"), F.least(F.col("age"), F.lit(RECENT)))


def forecast(method: str) -> Column:
    """Of one week, whichever; of the season's its mean, which stands for it in no sum."""
    fixed = {"zero": F.lit(0.0), "naive": F.col("last_units"), "mean_13": mean_recent()}
    name, _, rate = method.partition("_")
    if method in fixed:
        return fixed[method]
    if method == SEASONAL:
        return mean_recent()
    if name == "ses":
        return of_all_weeks(f"level_{rate}", RATES[rate])
    if name == "tsb":
        return size(rate) * of_all_weeks(f"chance_{rate}", SIZES[rate])
    croston = ratio(size(rate), between(rate))
    return croston * (1 - SIZES[rate] / 2) if name == "sba" else croston


def of_all_weeks(column: str, rate: float) -> Column:
    left = F.pow(F.lit(1 - rate), F.col("age"))
    return ratio(F.col(column) * left, 1 - left)


def size(name: str) -> Column:
    """Of a demand."""
    return F.col(f"size_{name}") * F.pow(F.lit(1 - SIZES[name]), F.col("demands"))


def between(name: str) -> Column:
    """Weeks from a demand to the next; the weeks of the series where no gap is known."""
    smoothed = F.col(f"between_{name}") * F.pow(F.lit(1 - SIZES[name]), F.col("gaps"))
    return F.when(F.col("gaps") > 0, smoothed).otherwise(F.col("age").cast("double"))


def seasonal(ahead: int, has_year: bool) -> Column:
    """What was asked for a year before the week; of a series younger than that its recent mean."""
    if not has_year:
        return mean_recent()
    is_old = (F.col("age") > SEASON) & (F.col("origin") >= YEARS)
    return F.when(is_old, F.col(f"year_ago_{ahead}")).otherwise(mean_recent())


def actual(ahead: int, weeks: int) -> Column:
    is_there = (F.col("origin") + ahead <= weeks) & ~F.col(f"gone_{ahead}")
    return F.when(is_there, F.col(f"ahead_{ahead}"))
