"""What each customer and each product contributes: share, rank, decile, ABC class, and who is a super customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes import distributed_rank
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.exact_shares import exactly
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.customer_history import there
from vitalfew.domain.order_windows import in_window
from vitalfew.errors import AnalysisError
from vitalfew.jobs.contribution.concentration import GROUP, UNKNOWN, concentration, lorenz
from vitalfew.jobs.contribution.params import CHANNEL, ContributionParams
from vitalfew.jobs.contribution.tables import CONCENTRATION
from vitalfew.jobs.contribution.value_columns import gain, is_super_customer, is_within, share_of

__all__ = ["ContributionParams", "contribution"]


def contribution(
    orders: DataFrame,
    customer_profile: DataFrame,
    products: DataFrame,
    customer_history: DataFrame | None = None,
    *,
    params: ContributionParams,
    as_of: date,
    stage: Stage = UNSTAGED,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """CONTRIBUTION, CONCENTRATION and LORENZ of customers with an order, and of products in an order, in the window."""
    seen = in_window(orders, as_of, params.window_days)
    values = []
    if "customer" in params.subjects:
        has_sums = params.window_days is None and params.value == "net_amount"
        past = there(customer_history) if has_sums else None
        values += customer_values(seen, customer_profile, past, params, stage)
    if "product" in params.subjects:
        values.append(product_values(seen, products, params))
    ranked = stage(distributed_rank.ranked(stage(reduce(DataFrame.unionByName, values)), GROUP, "cents", "subject_id"))
    figures = concentration(ranked, params)
    return shares(ranked, params), local_table(CONCENTRATION, figures, beside=orders), lorenz(ranked, figures)


def customer_values(
    orders: DataFrame, profile: DataFrame, past: DataFrame | None, params: ContributionParams, stage: Stage
) -> list[DataFrame]:
    """One row per customer and group: in all (from their `past`, if known), by attributes, and by channel if asked."""
    known = orders.where("customer_id is not null")
    if params.value == "margin":
        need_cost(known)
    money = F.col("net_amount") - F.col("cost") if params.value == "margin" else F.col("net_amount")
    attributes = [name for name in params.customer_dimensions if name != CHANNEL]
    if CHANNEL not in params.customer_dimensions:
        sums = summed(known if past is None else past, ["customer_id"], money)
        return [split("customer", sums, profile, attributes)]
    by_channel = stage(summed(known, ["customer_id", CHANNEL], money))
    customers = by_channel.groupBy("customer_id").agg(F.sum("cents").alias("cents"))
    channels = by_channel.select(
        F.lit("customer").alias("subject"),
        F.lit(CHANNEL).alias("dimension"),
        member_of(CHANNEL).alias("member"),
        F.col("customer_id").alias("subject_id"),
        "cents",
    )
    return [split("customer", customers, profile, attributes), channels]


def need_cost(orders: DataFrame) -> None:
    """AnalysisError where the cost of an order is not known."""
    counted = orders.agg(F.count_if(F.col("cost").isNull()).alias("without"), F.count(F.lit(1)).alias("in_all"))
    row = collect_rows(counted, "orders without cost")[0]
    if row["without"]:
        raise AnalysisError(
            f"contribution: margin needs the cost of every order, and {row['without']:,} of {row['in_all']:,} orders "
            "of customers lack it. Map `cost` of order_lines in the target's file, or set value: net_amount."
        )


def product_values(orders: DataFrame, products: DataFrame, params: ContributionParams) -> DataFrame:
    """One row per product and group, orders of unknown customers included, returns taken off."""
    lists = (("product_ids", "product_amounts"), ("returned_ids", "returned_amounts"))
    listed, back = (orders.select(F.inline(F.arrays_zip(*two)).alias("product_id", "amount")) for two in lists)
    values = summed(listed.unionByName(back), ["product_id"], F.col("amount"))
    return split("product", values, products, params.product_dimensions)


def summed(rows: DataFrame, by: Sequence[str], money: Column) -> DataFrame:
    """The sum of `money` in cents, as whole numbers: exact, and the same on every engine."""
    return rows.groupBy(*by).agg((F.sum(money) * 100).cast("bigint").alias("cents"))


def split(subject: str, values: DataFrame, attributes: DataFrame, dimensions: Sequence[str]) -> DataFrame:
    """Each row of `values` (`<subject>_id`, cents) once for all, and once for each of its attributes."""
    key = f"{subject}_id"
    if dimensions:
        values = values.join(attributes.select(key, *dimensions), on=key, how="left")
    groups = [F.struct(F.lit("all").alias("dimension"), F.lit("all").alias("member"))]
    groups += [F.struct(F.lit(name).alias("dimension"), member_of(name).alias("member")) for name in dimensions]
    return values.select(F.col(key).alias("subject_id"), "cents", F.explode(F.array(*groups)).alias("of")).select(
        F.lit(subject).alias("subject"), "of.dimension", "of.member", "subject_id", "cents"
    )


def member_of(dimension: str) -> Column:
    return F.coalesce(F.col(dimension).cast("string"), F.lit(UNKNOWN))


def shares(ranked: DataFrame, params: ContributionParams) -> DataFrame:
    """CONTRIBUTION: everyone in their place among all."""
    abc = (
        F.when(F.col("cents") <= 0, "none")
        .when(is_within(exactly(params.class_a_share)), "A")
        .when(is_within(exactly(params.class_b_share)), "B")
        .otherwise("C")
    )
    return ranked.where("dimension = 'all'").select(
        "subject",
        "subject_id",
        (F.col("cents").cast("decimal(19,0)") * F.lit(Decimal("0.01"))).cast("decimal(28,2)").alias("value"),
        share_of(gain()).alias("share"),
        "rank",
        share_of(F.col("above") + gain()).alias("cumulative_share"),
        (F.floor(ratio((F.col("rank") - 1) * 10, F.col("size"))) + 1).cast("int").alias("decile"),
        abc.alias("abc"),
        is_super_customer(params.super_factor).alias("is_super"),
    )
