"""What each customer spent in the window, for a year, in all and by category; and what makes customers alike."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.quantile_groups.counted import STEPS
from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.basket_items import with_catalogue
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.jobs.share_of_wallet.params import CHANNEL, TENURE, ShareOfWalletParams

YEAR = 365
PARTS = 4
"""Of customers, by hash: groups and estimates are fitted on the first half of the parts, and judged on the second."""
FITTED = PARTS // 2
MOST_TENURE = 3  # years
LARGEST = 9e16
"""Cents; more is no spend of a year."""


def spends(orders: DataFrame, products: DataFrame, params: ShareOfWalletParams, as_of: date) -> DataFrame:
    """customer_id, category (NULL where the product has none), amount: net money for products in the window.

    Postage, fees and what is no part of a basket are left out; returns are taken off.
    """
    bought = in_window(orders, as_of, params.window_days).where("customer_id is not null and kind <> 'charge'")
    lists = (("product_ids", "product_amounts"), ("returned_ids", "returned_amounts"))
    sold, back = (
        bought.select("customer_id", F.inline(F.arrays_zip(*two)).alias("product_id", "amount")) for two in lists
    )
    named = with_catalogue(sold.unionByName(back), products, params)
    by_category = named.groupBy("customer_id", F.col(params.level).alias("category"))
    return by_category.agg(F.sum("amount").cast("decimal(28,2)").alias("amount"))


def people(
    orders: DataFrame, spent: DataFrame, profile: DataFrame, params: ShareOfWalletParams, as_of: date
) -> DataFrame:
    """One row for each known customer with an order before `as_of`.

    tenure_days, exposure_days, sales, early_sales; early and late: cents of the halves of the window; cents and
    order_cents: spend, and 100 times the sales, of a year, with bin and order_bin; part; is_seen: there long enough,
    and with a sale in the window; is_described: something is known by which customers are alike; and that, as text.
    """
    seen = in_window(orders, as_of, None).where("customer_id is not null")
    is_in = F.col("ordered_on") >= F.lit(days_after(as_of, -params.window_days))
    is_late = F.col("ordered_on") >= F.lit(days_after(as_of, -(params.window_days // 2)))
    is_early = is_in & ~is_late & (F.col("ordered_on") >= F.lit(days_after(as_of, -2 * (params.window_days // 2))))
    summed = seen.groupBy("customer_id").agg(
        F.min(F.when(is_sale(), F.col("ordered_on"))).alias("first_on"),
        F.count_if(is_sale() & is_in).alias("sales"),
        F.count_if(is_sale() & is_early).alias("early_sales"),
        *[
            F.coalesce(F.sum(F.when(when, F.col("net_amount"))), F.lit(0)).cast("double").alias(name)
            for name, when in (("early", is_early), ("late", is_late))
        ],
    )
    total = spent.groupBy("customer_id").agg(F.sum("amount").cast("decimal(28,2)").alias("amount"))
    tenure = F.datediff(F.lit(as_of), "first_on")
    dated = (
        summed.withColumn("tenure_days", tenure)
        .withColumn("exposure_days", F.when(tenure.isNotNull(), F.least(tenure, F.lit(params.window_days))))
        .join(total, on="customer_id", how="left")
        .join(alike(profile, params, as_of), on="customer_id", how="left")
    )
    seen_enough = (F.col("tenure_days") >= params.min_tenure_days) & (F.col("sales") > 0)
    whole = dated.select(
        "customer_id",
        *["tenure_days", "exposure_days", "sales", "early_sales", "early", "late"],
        F.pmod(F.xxhash64("customer_id"), F.lit(PARTS)).cast("int").alias("part"),
        F.coalesce(seen_enough, F.lit(False)).alias("is_seen"),
        per_year(F.coalesce("amount", F.lit(0))).alias("cents"),
        per_year(F.col("sales")).alias("order_cents"),
        F.coalesce("is_described", F.lit(False)).alias("is_described"),
        *params.likeness,
    )
    return whole.select("*", bin_of("cents").alias("bin"), bin_of("order_cents").alias("order_bin"))


def alike(profile: DataFrame, params: ShareOfWalletParams, as_of: date) -> DataFrame:
    """customer_id, what the profile says of a customer, as text, and whether it says anything."""
    texts = {name: years(as_of) if name == TENURE else F.col(name).cast("string") for name in params.likeness}
    told = [texts[name] for name in params.likeness if name not in (TENURE, CHANNEL)] or [*texts.values()]
    is_described = F.coalesce(*told).isNotNull() if told else F.lit(False)
    return profile.select(
        "customer_id",
        is_described.alias("is_described"),
        *[text.alias(name) for name, text in texts.items()],
    )


def years(as_of: date) -> Column:
    """Whole years since the customer joined, as text: 0, 1, 2, or 3 and more; NULL of who is to join yet."""
    days = F.datediff(F.lit(as_of), "joined_on")
    whole = F.floor(days / F.lit(YEAR)).cast("int")
    return F.when(whole >= MOST_TENURE, f"{MOST_TENURE}+").when(whole >= 0, whole.cast("string"))


def per_year(amount: Column) -> Column:
    """Hundredths of `amount`, which came in exposure_days, for a year; of nobody's days, as they are."""
    days = F.greatest(F.coalesce("exposure_days", F.lit(YEAR)), F.lit(1)).cast("double")
    scaled = ratio(amount.cast("double") * F.lit(100.0 * YEAR), days)
    return F.floor(F.least(F.greatest(scaled, F.lit(-LARGEST)), F.lit(LARGEST)) + F.lit(0.5)).cast("bigint")


def bin_of(cents: str) -> Column:
    """The bin of an amount by its logarithm; NULL of nothing or less."""
    amount = F.when(F.col(cents) > 0, F.col(cents).cast("double"))
    return F.floor(F.round(F.log(amount) * F.lit(float(STEPS)), 6)).cast("int")
