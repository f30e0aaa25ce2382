"""In how many cases, and of how many different people, each attribute is: of bursts, and of what is like them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio

WHOLE = ""
"""The pair that every customer has."""
UNIT = 1_000_000
"""A customer, in whole numbers: sums are the same in any order."""

Counted = Mapping[tuple[int, str], tuple[int, int]]
"""By number and pair: cases, and different people; those whom nobody knows are one person."""


@dataclass(frozen=True)
class Counts:
    """Cases by number of a part, and what they are held against by number of a whole, of which each part has one."""

    cases: Counted
    elsewhere: Counted
    wholes: Sequence[int]


def counts(
    themed: DataFrame, conditions: Sequence[Column], least: int, asked: Collection[str] | None = None
) -> Counted:
    """By number of a condition and pair, of at least `least` people or `asked`: the cases; WHOLE is of all.

    A customer counts once in a period. With `asked`, a customer counts once in all, each period by its part: else the
    few who complain each week would be what is usual.
    """
    numbers = F.array(*[F.when(condition, F.lit(number)) for number, condition in enumerate(conditions)])
    rows = themed.select("customer_id", "period", "pairs", F.explode(numbers).alias("number")).where(
        "number is not null"
    )
    with_whole = F.explode(F.concat("pairs", F.array(F.lit(WHOLE)))).alias("pair")
    said = rows.select("customer_id", "period", "number", with_whole)
    is_known = F.col("customer_id").isNotNull()
    once = F.when(is_known, F.lit(UNIT)).otherwise(UNIT * F.count(F.lit(1)))
    each = said.groupBy("number", "pair", "customer_id", "period").agg(once.cast("bigint").alias("n"))
    of_one = each.groupBy("number", "pair", "customer_id").agg(F.sum("n").alias("n"))
    if asked is not None:
        of_all = of_one.where(F.col("pair") == WHOLE).select("number", "customer_id", F.col("n").alias("all_n"))
        part = F.floor(ratio(UNIT * F.col("n"), F.col("all_n"))).cast("bigint")
        n = F.coalesce(part, F.col("n"))  # unknown customers have no part
        of_one = of_one.join(of_all, on=["number", "customer_id"], how="left").select("number", "pair", n.alias("n"))
    found = of_one.groupBy("number", "pair").agg(F.sum("n").alias("n"), F.count(F.lit(1)).alias("people"))
    is_kept = F.col("people") >= least
    if asked is not None:
        names = found.sparkSession.createDataFrame(
            [(pair, True) for pair in sorted(asked)], "pair string, is_asked boolean"
        )
        found = found.join(F.broadcast(names), on="pair", how="left")
        is_kept = is_kept | F.col("is_asked")
    return {
        (row["number"], row["pair"]): ((row["n"] + UNIT // 2) // UNIT, row["people"])
        for row in collect_rows(found.where(is_kept).select("number", "pair", "n", "people"), "what stands out")
    }
