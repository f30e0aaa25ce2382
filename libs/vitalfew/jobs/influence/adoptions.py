"""What customers bought for the first time, and who did so soon after whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.shuffled_times import Pairs, Shuffled, shuffled
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.jobs.influence.params import InfluenceParams

COUNT = "decimal(12,0)"
"""A number of customers, of which three may be multiplied."""
WIDE = "decimal(38,0)"
SUMS = ("actors", "soon", "soon_rr", "soon_cc", "soon_rc")


def adoptions(orders: DataFrame, tied: DataFrame, as_of: date, params: InfluenceParams, stage: Stage) -> DataFrame:
    """customer_id, product_id, day (from 0), staged: first purchases in `check_days`, of customers in `tied` who had
    ordered before these days."""
    start = days_after(as_of, -params.check_days)
    sales = in_window(orders, as_of, None).where(is_sale()).select("customer_id", "ordered_on", "product_ids")
    own = stage(sales.join(tied.select("customer_id").distinct(), on="customer_id", how="left_semi"))
    there = (
        own.groupBy("customer_id").agg(F.min("ordered_on").alias("first_on")).where(F.col("first_on") < F.lit(start))
    )
    bought = own.join(there.select("customer_id"), on="customer_id", how="left_semi")
    lines = bought.select("customer_id", "ordered_on", F.explode("product_ids").alias("product_id"))
    first = lines.groupBy("customer_id", "product_id").agg(F.min("ordered_on").alias("first_on"))
    recent = first.where(F.col("first_on") >= F.lit(start))
    return stage(recent.select("customer_id", "product_id", F.datediff("first_on", F.lit(start)).alias("day")))


def of_times(first: DataFrame, params: InfluenceParams) -> DataFrame:
    """product_id and SUMS: how many first bought it, and the sums of the matrix "within follow_days after"."""
    by_day = first.groupBy("product_id", "day").agg(F.count(F.lit(1)).cast(COUNT).alias("n"))
    in_time = Window.partitionBy("product_id").orderBy("day")
    seen = by_day.select(
        "product_id",
        "n",
        counted(F.sum("n").over(in_time.rangeBetween(1, params.follow_days))).alias("after"),
        counted(F.sum("n").over(in_time.rangeBetween(-params.follow_days, -1))).alias("before"),
    )
    n, after, before = F.col("n"), F.col("after"), F.col("before")
    values = (n, n * after, n * after * after, n * before * before, n * after * before)
    return seen.groupBy("product_id").agg(
        *[F.sum(value).cast(WIDE).alias(name) for name, value in zip(SUMS, values, strict=True)]
    )


def counted(number: Column) -> Column:
    return F.coalesce(number, F.lit(0)).cast(COUNT)


def of_groups(first: DataFrame, groups: DataFrame, params: InfluenceParams) -> DataFrame:
    """product_id and the sums of the ties of groups: everybody of a group with everybody else, in both orders."""
    key = ("product_id", "tie_group")
    by_day = first.join(groups, on="customer_id", how="inner").groupBy(*key, "day").agg(F.count(F.lit(1)).alias("n"))
    in_time = Window.partitionBy(*key).orderBy("day").rangeBetween(1, params.follow_days)
    after = by_day.select(*key, "n", F.coalesce(F.sum("n").over(in_time), F.lit(0)).alias("after"))
    of_group = after.groupBy(*key).agg(F.sum("n").alias("g"), F.sum(F.col("n") * F.col("after")).alias("seen"))
    others = F.col("g") - 1
    ones, squares = F.sum(F.col("g") * others), F.sum(F.col("g") * others * others)
    return (
        of_group.where("g > 1")
        .groupBy("product_id")
        .agg(
            ones.alias("ones"),
            ones.alias("mutual"),
            *[squares.alias(name) for name in ("rr", "cc", "rc")],
            F.sum("seen").alias("seen"),
        )
    )


def of_referrals(first: DataFrame, brought: DataFrame, params: InfluenceParams, stage: Stage) -> DataFrame:
    """product_id and the sums of the ties of referrals, from customer_id and referrer_id: from who brought to whom."""
    above = brought.select(F.col("customer_id").alias("referrer_id"), F.col("referrer_id").alias("above"))
    ties = brought.join(above, on="referrer_id", how="left").select("customer_id", "referrer_id", "above")
    theirs = first.select(F.col("customer_id").alias("referrer_id"), "product_id", F.col("day").alias("before"))
    pairs = stage(
        first.join(ties, on="customer_id", how="inner")
        .join(theirs, on=["referrer_id", "product_id"], how="inner")
        .select(
            "product_id",
            "customer_id",
            "referrer_id",
            F.coalesce(F.col("above") == F.col("customer_id"), F.lit(False)).alias("is_mutual"),
            (F.col("day") - F.col("before")).alias("gap"),
        )
    )
    rows = pairs.groupBy("product_id", "referrer_id").agg(F.count(F.lit(1)).alias("r"))
    of_brought = rows.select("product_id", F.col("referrer_id").alias("customer_id"), "r")
    chains = pairs.join(of_brought, on=["product_id", "customer_id"], how="left")
    is_soon = (F.col("gap") >= 1) & (F.col("gap") <= params.follow_days)
    of_product = chains.groupBy("product_id").agg(
        F.count(F.lit(1)).alias("ones"),
        F.count_if("is_mutual").alias("mutual"),
        F.count(F.lit(1)).alias("cc"),
        F.coalesce(F.sum("r"), F.lit(0)).alias("rc"),
        F.count_if(is_soon).alias("seen"),
    )
    squares = rows.groupBy("product_id").agg(F.sum(F.col("r") * F.col("r")).alias("rr"))
    return of_product.join(squares, on="product_id", how="inner")


def tested(first: DataFrame, ties: DataFrame, params: InfluenceParams) -> tuple[int, list[Shuffled]]:
    """How many pairs of tied customers bought a product both, and the shuffle test of each product; `ties` has the
    sums of its ties."""
    joined = ties.join(of_times(first, params), on="product_id", how="inner")
    rows = collect_rows(joined.orderBy("product_id"), "products of tied customers")
    return sum(row["ones"] for row in rows), [of_product(row.asDict()) for row in rows]


def of_product(row: dict[str, Any]) -> Shuffled:
    number = {name: int(value) for name, value in row.items() if name != "product_id"}
    ties = Pairs(*[number[name] for name in ("ones", "mutual", "rr", "cc", "rc")])
    times = Pairs(number["soon"], 0, *[number[f"soon_{name}"] for name in ("rr", "cc", "rc")])
    return shuffled(number["actors"], ties, times, number["seen"])
