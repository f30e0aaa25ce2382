"""Who stays and what they bring: retention and value by the month, the product and the channel of the first order."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.sort_keys import moment, name_in
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.dataframes.top_n import best
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.cohorts.comparisons import profiles
from vitalfew.jobs.cohorts.params import CohortParams
from vitalfew.jobs.cohorts.retention import ALL, Cohort, Key, curves
from vitalfew.jobs.cohorts.tables import COHORT_PROFILES, COHORTS
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["CohortParams", "cohorts"]

UNKNOWN, OTHER = "unknown", "other"
COHORT = ("dimension", "cohort")


def cohorts(
    orders: DataFrame,
    products: DataFrame,
    *,
    params: CohortParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame]:
    """COHORTS and COHORT_PROFILES of the customers with a sale."""
    known = in_window(orders, as_of, None).where("customer_id is not null")
    firsts = stage(first_orders(known))
    begin = collect_rows(firsts.agg(F.min("first_month").alias("month")), "first month")[0]["month"]
    grown_up = (begin or 0) + params.warm_up_months
    of = stage(members(firsts, products, params, grown_up))
    followed = stage(months(known, firsts, params.return_days))
    found = gather(of, followed, params, as_of)
    rows = [row for cohort in found for row in curves(cohort)]
    told = profiles(found, params, grown_up, words)
    return local_table(COHORTS, rows, beside=orders), local_table(COHORT_PROFILES, told, beside=orders)


def month_of(day: Column) -> Column:
    """Calendar months, counted through the years."""
    return (F.year(day) * 12 + F.month(day) - 1).cast("int")


def first_orders(orders: DataFrame) -> DataFrame:
    """One row per customer with a sale: first_on, first_month, and channel, products and amounts of the first sale."""
    sales = orders.where(is_sale())
    # least of small things, then the rest: a least list would be held for every customer
    earliest = sales.groupBy("customer_id").agg(F.min(moment("ordered_at", F.col("order_id"))).alias("first"))
    first = earliest.select(name_in(F.col("first")).alias("order_id"))
    return sales.join(first, on="order_id", how="left_semi").select(
        "customer_id",
        F.col("ordered_on").alias("first_on"),
        "channel",
        "product_ids",
        "product_amounts",
        month_of(F.col("ordered_on")).alias("first_month"),
    )


def months(orders: DataFrame, firsts: DataFrame, return_days: int) -> DataFrame:
    """One row per customer and month since the first sale: sales, net value, and whether a sale of another day falls
    into the first `return_days`; what was before the first sale belongs to purchases nobody has seen."""
    days = F.datediff(F.col("ordered_on"), F.col("first_on"))
    is_return = is_sale() & days.between(1, return_days)
    return (
        orders.join(firsts.select("customer_id", "first_on", "first_month"), on="customer_id", how="inner")
        .where("ordered_on >= first_on")
        .groupBy("customer_id", (month_of(F.col("ordered_on")) - F.col("first_month")).alias("months_since"))
        .agg(
            F.count_if(is_sale()).alias("sales"),
            F.sum("net_amount").cast("decimal(28,2)").alias("value"),
            F.count_if(is_return).alias("returns"),
        )
    )


def members(firsts: DataFrame, products: DataFrame, params: CohortParams, grown_up: int) -> DataFrame:
    """dimension, cohort, customer_id, first_on, first_month: each customer once in each dimension.

    By product and channel only those whose first month is `grown_up` or later.
    """
    named = firsts.join(first_products(firsts, products, params.first_product_by), on="customer_id", how="left")
    month = F.concat(
        F.floor(F.col("first_month") / 12).cast("bigint").cast("string"),
        F.lit("-"),
        F.lpad((F.pmod(F.col("first_month"), F.lit(12)) + 1).cast("string"), 2, "0"),
    )
    of = {"first_product": F.col("first_product"), "first_channel": F.col("channel")}
    everyone = [of_cohort(ALL, F.lit(ALL)), of_cohort("first_month", month)]
    new = [of_cohort(name, F.coalesce(value, F.lit(UNKNOWN))) for name, value in of.items()]
    parts = F.when(F.col("first_month") >= grown_up, F.array(*everyone, *new)).otherwise(F.array(*everyone))
    each = named.select("customer_id", "first_on", "first_month", F.explode(parts).alias("of"))
    flat = each.select("of.dimension", "of.cohort", "customer_id", "first_on", "first_month")
    sizes = flat.groupBy(*COHORT).agg(F.count(F.lit(1)).alias("size"))
    is_told = ~F.col("dimension").isin(*of) | (F.col("size") >= params.min_customers)
    return flat.join(sizes, on=list(COHORT), how="inner").select(
        "dimension",
        F.when(is_told, F.col("cohort")).otherwise(F.lit(OTHER)).alias("cohort"),
        "customer_id",
        "first_on",
        "first_month",
    )


def of_cohort(dimension: str, cohort: Column) -> Column:
    return F.struct(F.lit(dimension).alias("dimension"), cohort.alias("cohort"))


def first_products(firsts: DataFrame, products: DataFrame, column: str) -> DataFrame:
    """customer_id, first_product: the value of `column` on which most was spent in the first order; ties by name."""
    parts = F.inline(F.arrays_zip("product_ids", "product_amounts")).alias("product_id", "amount")
    bought = firsts.select("customer_id", parts)
    if column != "product_id":
        bought = bought.join(products.select("product_id", column), on="product_id", how="left")
    spent = (
        bought.where(F.col(column).isNotNull())
        .groupBy("customer_id", F.col(column).alias("first_product"))
        .agg(F.sum("amount").alias("amount"))
    )
    most = best(spent, 1, ["customer_id"], [F.desc("amount"), F.asc("first_product")])
    return most.select("customer_id", "first_product")


def gather(of: DataFrame, followed: DataFrame, params: CohortParams, as_of: date) -> list[Cohort]:
    """All cohorts, with what is known of them: months that were over, and customers long enough back.

    A dimension of which nothing is known is left out.
    """
    now = as_of.year * 12 + as_of.month - 1
    is_long_ago = F.date_add(F.col("first_on"), params.return_days) < F.lit(as_of)
    back = followed.groupBy("customer_id").agg((F.sum("returns") > 0).alias("is_back"))
    sizes = (
        of.join(back, on="customer_id", how="left")
        .groupBy(*COHORT, "first_month")
        .agg(
            F.count(F.lit(1)).alias("customers"),
            F.count_if(is_long_ago).alias("observed"),
            F.count_if(is_long_ago & F.col("is_back")).alias("returned"),
        )
    )
    cells = (
        of.join(followed, on="customer_id", how="inner")
        .where(F.col("first_month") + F.col("months_since") < now)
        .groupBy(*COHORT, "months_since")
        .agg(F.count_if(F.col("sales") > 0).alias("active"), F.sum("value").cast("decimal(28,2)").alias("value"))
    )
    found: dict[Key, Cohort] = {}
    for row in collect_rows(sizes, "sizes of cohorts"):
        key = row["dimension"], row["cohort"]
        counts = row["customers"], row["observed"], row["returned"]
        found.setdefault(key, Cohort(*key, now)).of_month[row["first_month"]] = counts
    for row in collect_rows(cells, "months of cohorts"):
        found[row["dimension"], row["cohort"]].cells[row["months_since"]] = row["active"], row["value"]
    told = {dimension for dimension, cohort in found if cohort != UNKNOWN}
    return [found[key] for key in sorted(found) if key[0] in told]
