"""What customers bought for the first time, and who did so soon after whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from vitalfew.algorithms.statistics.follow_test import Followed
from vitalfew.algorithms.statistics.shuffled_times import Pairs, Shuffled, shuffled, together
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.jobs.influence.params import InfluenceParams

COUNT = "decimal(12,0)"
"""A number of customers, of which three may be multiplied."""
WIDE = "decimal(38,0)"
SUMS = ("actors", "soon", "soon_rr", "soon_cc", "soon_rc", "soon_later")
TIES = ("ones", "mutual", "rr", "cc", "rc")
FOUR = ("seen", "expected", "later", "expected_later")
EXACT = "decimal(18,6)"
"""So that sums over groups of tied are the same in whatever order these come."""


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
    """product_id and SUMS: how many first bought it, and the sums of the matrix "within follow_days after"; how many
    pairs are in the next follow_days."""
    by_day = first.groupBy("product_id", "day").agg(F.count(F.lit(1)).cast(COUNT).alias("n"))
    in_time = Window.partitionBy("product_id").orderBy("day")
    soon, later = spans(in_time, params)
    seen = by_day.select(
        "product_id",
        "n",
        counted(F.sum("n").over(soon)).alias("after"),
        counted(F.sum("n").over(in_time.rangeBetween(-params.follow_days, -1))).alias("before"),
        counted(F.sum("n").over(later)).alias("later"),
    )
    n, after, before = F.col("n"), F.col("after"), F.col("before")
    values = (n, n * after, n * after * after, n * before * before, n * after * before, n * F.col("later"))
    return seen.groupBy("product_id").agg(
        *[F.sum(value).cast(WIDE).alias(name) for name, value in zip(SUMS, values, strict=True)]
    )


def spans(in_time: WindowSpec, params: InfluenceParams) -> tuple[WindowSpec, WindowSpec]:
    """Soon after a day, and the same number of days later."""
    days = params.follow_days
    return in_time.rangeBetween(1, days), in_time.rangeBetween(days + 1, 2 * days)


def counted(number: Column) -> Column:
    return F.coalesce(number, F.lit(0)).cast(COUNT)


def of_groups(first: DataFrame, groups: DataFrame, params: InfluenceParams, stage: Stage) -> DataFrame:
    """product_id, tied, TIES, seen and later of each group (`tied`), staged: everybody of it with everybody else, in
    both orders."""
    key = ("product_id", "tie_group")
    by_day = first.join(groups, on="customer_id", how="inner").groupBy(*key, "day").agg(F.count(F.lit(1)).alias("n"))
    soon, later = spans(Window.partitionBy(*key).orderBy("day"), params)
    after = by_day.select(
        *[*key, "n"],
        F.coalesce(F.sum("n").over(soon), F.lit(0)).alias("after"),
        F.coalesce(F.sum("n").over(later), F.lit(0)).alias("late"),
    )
    of_group = after.groupBy(*key).agg(
        F.sum("n").alias("g"),
        F.sum(F.col("n") * F.col("after")).alias("seen"),
        F.sum(F.col("n") * F.col("late")).alias("later"),
    )
    others = F.col("g") - 1
    ones, squares = F.col("g") * others, F.col("g") * others * others
    return stage(
        of_group.where("g > 1").select(
            "product_id",
            F.col("tie_group").alias("tied"),
            ones.alias("ones"),
            ones.alias("mutual"),
            *[squares.alias(name) for name in ("rr", "cc", "rc")],
            *["seen", "later"],
        )
    )


def of_referrals(first: DataFrame, brought: DataFrame, params: InfluenceParams, stage: Stage) -> DataFrame:
    """The same of customer_id and referrer_id: from who brought to whom; whom one brought are a group."""
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
    gap, days = F.col("gap"), params.follow_days
    count = F.count(F.lit(1))
    return stage(
        chains.groupBy("product_id", F.col("referrer_id").alias("tied")).agg(
            count.alias("ones"),
            F.count_if("is_mutual").alias("mutual"),
            (count * count).alias("rr"),
            count.alias("cc"),
            F.coalesce(F.sum("r"), F.lit(0)).alias("rc"),
            F.count_if((gap >= 1) & (gap <= days)).alias("seen"),
            F.count_if((gap > days) & (gap <= 2 * days)).alias("later"),
        )
    )


@dataclass(frozen=True)
class Tested:
    """How many products tied customers bought both, in how many pairs of them; and the test of all."""

    products: int
    pairs: int
    followed: Followed


def tested(first: DataFrame, ties: DataFrame, params: InfluenceParams, stage: Stage) -> Tested:
    """The test of `ties`: the staged rows of `of_groups` or `of_referrals`."""
    times = stage(of_times(first, params))
    sums = [F.sum(name).alias(name) for name in (*TIES, "seen")]
    joined = ties.groupBy("product_id").agg(*sums).join(times, on="product_id", how="inner")
    rows = collect_rows(joined.orderBy("product_id"), "products of tied customers")
    whole = together(of_product(row.asDict()) for row in rows)
    found = collect_rows(of_tied(ties, times).agg(*moments()), "groups of tied customers")[0]
    return Tested(len(rows), sum(row["ones"] for row in rows), followed(found, whole))


def of_product(row: dict[str, Any]) -> Shuffled:
    number = {name: int(value) for name, value in row.items() if name != "product_id"}
    ties = Pairs(*[number[name] for name in TIES])
    times = Pairs(number["soon"], 0, *[number[f"soon_{name}"] for name in ("rr", "cc", "rc")])
    return shuffled(number["actors"], ties, times, number["seen"])


def of_tied(ties: DataFrame, times: DataFrame) -> DataFrame:
    """FOUR of each group of tied: what was seen, and what shuffled times give, soon and later."""
    joined = ties.join(times.select("product_id", "actors", "soon", "soon_later"), on="product_id", how="inner")
    actors = F.col("actors").cast("double")

    def expected(pairs: str) -> Column:
        each = ratio(F.col("ones").cast("double") * F.col(pairs).cast("double"), actors * (actors - 1))
        return F.coalesce(F.sum(each.cast(EXACT)), F.lit(0)).cast(EXACT)

    values = (F.sum("seen").cast(EXACT), expected("soon"), F.sum("later").cast(EXACT), expected("soon_later"))
    return joined.groupBy("tied").agg(*[value.alias(name) for name, value in zip(FOUR, values, strict=True)])


def moments() -> list[Column]:
    """How many groups there are, the sums of FOUR, and of the products of each two."""
    products = [
        F.sum(F.col(one) * F.col(other)).cast("double").alias(f"{one}_{other}")
        for one, other in combinations_with_replacement(FOUR, 2)
    ]
    return [
        F.count(F.lit(1)).alias("groups"),
        *[F.sum(name).cast("double").alias(name) for name in FOUR],
        *products,
    ]


def followed(found: Row, whole: Shuffled) -> Followed:
    sums = np.array([found[name] or 0.0 for name in FOUR])
    products = np.zeros((len(FOUR), len(FOUR)))
    for one, other in combinations_with_replacement(range(len(FOUR)), 2):
        products[one, other] = products[other, one] = found[f"{FOUR[one]}_{FOUR[other]}"] or 0.0
    return Followed(found["groups"], sums, products, whole.variance)
