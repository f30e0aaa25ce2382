"""How units answer to prices, who buys at which price, and what discounts cost that nobody needed."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.prices.estimates import estimates
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.whole_weeks import Calendar, whole_weeks
from vitalfew.jobs.price.groups import willingness
from vitalfew.jobs.price.outputs import Answers, Fates, counted
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.tables import CATEGORY_ELASTICITY, DISCOUNT_COST, PRICE_WILLINGNESS, PRODUCT_ELASTICITY
from vitalfew.jobs.price.verdicts import found
from vitalfew.jobs.price.weekly_prices import candidates, in_weeks, panel, price_weeks, sold, weekly_prices

Frames = tuple[DataFrame, DataFrame, DataFrame, DataFrame]
BEYOND = "beyond_most"


def price(
    orders: DataFrame,
    products: DataFrame,
    rfm: DataFrame,
    *,
    params: PriceParams,
    as_of: date,
    stage: Stage = UNSTAGED,
) -> Frames:
    """PRODUCT_ELASTICITY, CATEGORY_ELASTICITY, PRICE_WILLINGNESS and DISCOUNT_COST."""
    weeks = whole_weeks(orders, as_of, params.history_weeks)
    if weeks.weeks < params.min_weeks:
        return nothing({}, weeks.weeks, params, orders)
    all_days = sold(orders, weeks)
    aligned = price_weeks(all_days, weeks)
    bought = in_weeks(all_days, weeks, aligned)
    weekly = weekly_prices(bought, lines_of(orders, weeks), aligned.weeks, params, stage)
    weeks = aligned
    every = stage(candidates(weekly, products, params))
    fates: Fates = counted(
        collect_rows(every.groupBy("category", "fate").agg(F.count(F.lit(1)).cast("int").alias("products")), "fates")
    )
    if not any(fate in ("judged", "few_changes") for _, fate in fates):
        return nothing(fates, weeks.weeks, params, orders)
    groups = willingness(bought, weekly, every, rfm, params, stage)
    of_group = local_table(PRICE_WILLINGNESS, groups, beside=orders)
    if not any(fate == "judged" for _, fate in fates):
        one, two, _, four = nothing(fates, weeks.weeks, params, orders)
        return one, two, of_group, four
    every, fates = capped(every, fates, params, stage)
    about = collect_rows(every.where("fate = 'judged'"), "products whose price changed")
    rows = panel(weekly, every)
    size = sum(row["sold_weeks"] for row in about) + weeks.weeks * len({row["season"] for row in about})
    priced = estimates(
        rows, size, weeks.weeks, params.block_weeks, params.min_change, params.min_discount, stage
    )  # fmt: skip
    told = sorted(collect_rows(priced, "estimates of products"), key=lambda row: str(row["product_id"]))
    answers = Answers(found(told, params), {row["product_id"]: row for row in about}, fates, weeks.weeks, params)
    return (
        local_table(PRODUCT_ELASTICITY, answers.products(), beside=orders),
        local_table(CATEGORY_ELASTICITY, answers.groups(), beside=orders),
        of_group,
        local_table(DISCOUNT_COST, answers.discounts(), beside=orders),
    )


def lines_of(orders: DataFrame, weeks: Calendar) -> int:
    """About how many products there are in all orders."""
    counted_ = orders.where(F.col("ordered_on").between(F.lit(weeks.start), F.lit(weeks.end)))
    rows = collect_rows(counted_.agg(F.sum(F.size("product_ids")).alias("rows")), "products in orders")
    return rows[0]["rows"] or 0


def nothing(fates: Fates, weeks: int, params: PriceParams, beside: DataFrame) -> Frames:
    """No figure of any product; CATEGORY_ELASTICITY says why."""
    answers = Answers(found([], params), {}, fates, weeks, params)
    return (
        local_table(PRODUCT_ELASTICITY, [], beside),
        local_table(CATEGORY_ELASTICITY, answers.groups(), beside),
        local_table(PRICE_WILLINGNESS, [], beside),
        local_table(DISCOUNT_COST, [], beside),
    )


def capped(every: DataFrame, fates: Fates, params: PriceParams, stage: Stage) -> tuple[DataFrame, Fates]:
    """At most max_products judged products, those with most revenue; the others are beyond."""
    if sum(products for (_, fate), products in fates.items() if fate == "judged") <= params.max_products:
        return every, fates
    judged = every.where("fate = 'judged'").select("product_id", "revenue")
    first = judged.orderBy(F.desc("revenue"), "product_id").limit(params.max_products)
    kept = first.select("product_id", F.lit(True).alias("is_kept"))
    joined = every.join(kept, on="product_id", how="left")
    is_beyond = (F.col("fate") == "judged") & F.col("is_kept").isNull()
    found_ = stage(joined.withColumn("fate", F.when(is_beyond, BEYOND).otherwise(F.col("fate"))).drop("is_kept"))
    again = found_.groupBy("category", "fate").agg(F.count(F.lit(1)).cast("int").alias("products"))
    return found_, counted(collect_rows(again, "fates"))
