"""Which items go together: co-occurrence in sets, cosine, and how strong the evidence is."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio


def co_occurrences(sets: DataFrame, at_least: int) -> DataFrame:
    """item, other, n: how many sets hold both, for every pair (item < other) that `at_least` so many sets hold.

    `sets` has a column `items`, arrays without duplicates; the work grows with the square of their sizes.
    """
    return (
        sets.select(F.explode("items").alias("item"), "items")
        .select("item", F.explode("items").alias("other"))
        .where("item < other")
        .groupBy("item", "other")
        .agg(F.count(F.lit(1)).alias("n"))
        .where(F.col("n") >= at_least)
    )


def with_sizes(pairs: DataFrame, sizes: DataFrame) -> DataFrame:
    """`pairs` with n_item and n_other: how many sets hold the one and the other. `sizes`: item, n_item."""
    others = sizes.select(F.col("item").alias("other"), F.col("n_item").alias("n_other"))
    return pairs.join(sizes, on="item", how="inner").join(others, on="other", how="inner")


def both_ways(pairs: DataFrame, *more: str) -> DataFrame:
    """item, other, n_item and `more`: each of `pairs` (item, other, n_item, n_other, …) and its mirror image."""
    there = F.struct("item", "other", "n_item", *more)
    back = F.struct(F.col("other").alias("item"), F.col("item").alias("other"), F.col("n_other").alias("n_item"), *more)
    return pairs.select(F.explode(F.array(there, back)).alias("pair")).select("pair.*")


def cosine(doubt: float) -> Column:
    """Cosine of the two items as 0/1 vectors over sets, damped by n / (n + doubt) where few sets hold both."""
    n = F.col("n").cast("double")
    return ratio(ratio(n, F.sqrt(F.col("n_item").cast("double") * F.col("n_other"))) * n, n + F.lit(doubt))


def log_likelihood_ratio(total: Column) -> Column:
    """G-squared of the 2 x 2 table of two items in `total` sets (Dunning 1993): chi-squared, one degree of freedom."""
    n, n_item, n_other = (F.col(name).cast("double") for name in ("n", "n_item", "n_other"))
    cells = (n, n_item - n, n_other - n, total - n_item - n_other + n)
    margins = (n_item, total - n_item, n_other, total - n_other)
    inside = sum((x_log_x(cell) for cell in cells), F.lit(0.0))
    outside = sum((x_log_x(margin) for margin in margins), F.lit(0.0))
    return F.lit(2.0) * (inside - outside + x_log_x(total))


def x_log_x(x: Column) -> Column:
    return F.when(x > 0, x * F.log(x)).otherwise(F.lit(0.0))
