"""How much more than Poisson's the counts of a series vary, each series leaning on its class."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio

PRIOR = 10.0
"""A series weighs as much as its class where age x mean^2, the expected sum of squares, is this."""


def with_dispersion(found: DataFrame) -> DataFrame:
    """`found` (class, origin, age, total, squares) with `dispersion`: that of a week.

    (variance - mean) / mean^2 of the weeks of the series, 0 at least, drawn towards the mean of its class on that
    origin: the more, the fewer demands there are.
    """
    n = F.col("age")
    mean = ratio(F.col("total"), n)
    variance = ratio(F.col("squares") - n * mean * mean, n - 1)
    own = F.greatest(F.coalesce(ratio(variance - mean, mean * mean), F.lit(0.0)), F.lit(0.0))
    expected = n * mean * mean
    weight = ratio(expected, expected + PRIOR)
    each = found.withColumns({"own": own, "weight": F.when(n > 1, weight).otherwise(0.0)})
    of_class = each.groupBy("class", "origin").agg(
        F.coalesce(ratio(F.sum(F.col("weight") * F.col("own")), F.sum("weight")), F.lit(0.0)).alias("of_class")
    )
    joined = each.join(of_class, on=["class", "origin"], how="left")
    shrunk = F.col("weight") * F.col("own") + (1 - F.col("weight")) * F.col("of_class")
    return joined.withColumn("dispersion", F.round(shrunk, 9)).drop("own", "weight", "of_class")
