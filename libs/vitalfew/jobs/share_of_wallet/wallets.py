"""The wallet of each customer, who is listed as a large customer of somebody else, and in which categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.top_n import best
from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.potentials import NO_BIN, Estimate
from vitalfew.jobs.share_of_wallet.spends import YEAR
from vitalfew.jobs.share_of_wallet.tables import CUSTOMER_WALLET, LIKENESS, MONEY, WALLET_CATEGORIES
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

SELDOM = 0.5
"""Of the orders of like customers: with no more, a customer orders seldom."""
LEAST_EARLY = 4
"""Sales in the first half of the window; from fewer, nothing is said of a change."""
DEVIATIONS = 2
"""Usual categories left out beyond what is expected, in standard deviations, from which on they are a sign."""
OPEN = ("too_few_orders", "no_sign", "listed")
"""Standings of customers with a small share of a large wallet."""


def placed(
    customers: DataFrame,
    total: Estimate,
    usual: Mapping[int, float],
    higher: Sequence[tuple[int, int, float]],
    middle: int,
    params: ShareOfWalletParams,
) -> DataFrame:
    """`customers` with what is known of their group, share, gap (hundredths), and `is_open`: see OPEN."""
    spark = customers.sparkSession
    rows = [(leaf, of.potential, int(of.typical), usual[leaf]) for leaf, of in total.groups.items()]
    groups = spark.createDataFrame(rows, "leaf int, potential bigint, typical bigint, usual_orders double")
    ranks = spark.createDataFrame(list(higher), "leaf int, bin int, peers_above double")
    known = customers.withColumn("bin", F.coalesce("bin", F.lit(NO_BIN)))
    joined = known.join(F.broadcast(groups), on="leaf", how="left").join(
        F.broadcast(ranks), on=["leaf", "bin"], how="left"
    )
    own = F.greatest("cents", F.lit(0))
    wallet = F.when(F.col("potential").isNotNull(), F.greatest(own, "potential"))
    measured = joined.withColumn("wallet", wallet).select(
        "*",
        (F.col("wallet") - own).alias("gap"),
        ratio(own.cast("double"), F.col("wallet").cast("double")).alias("share"),
    )
    is_open = F.col("is_judged") & F.lit(total.method == LIKENESS) & ~small_wallet(middle, params) & ~small_gap(params)
    return measured.withColumn("is_open", F.coalesce(is_open, F.lit(False)))


def small_wallet(middle: int, params: ShareOfWalletParams) -> Column:
    return F.col("potential") < F.lit(max(1.0, params.least_potential * middle))


def small_gap(params: ShareOfWalletParams) -> Column:
    is_small = (F.col("share") <= F.lit(params.max_share)) & (F.col("peers_above") >= F.lit(params.least_above))
    return F.coalesce(~is_small, F.lit(True))


def offered(
    known: DataFrame, by_category: DataFrame, estimates: Sequence[Estimate], params: ShareOfWalletParams
) -> DataFrame:
    """One row for each open customer and category that like customers buy: what each spends on it, and could spend."""
    rows = [
        (leaf, each.cell, each.category, each.method, of.potential, of.buyers / of.customers)
        for each in estimates[1:]
        for leaf, of in each.groups.items()
        if of.buyers and (of.potential > 0 or of.buyers / of.customers >= params.usual_share)
    ]
    types = "leaf int, cell int, category string, method string, of_category bigint, buyers_share double"
    categories = known.sparkSession.createDataFrame(rows, types)
    wanted = known.where("is_open").select("customer_id", "leaf")
    own = by_category.select("customer_id", "cell", F.col("cents").alias("own"))
    found = wanted.join(F.broadcast(categories), on="leaf", how="inner")
    return found.join(own, on=["customer_id", "cell"], how="left").select(
        "customer_id",
        "leaf",
        *["category", "method", "of_category", "buyers_share"],
        F.coalesce("own", F.lit(0)).alias("own"),
        (F.coalesce("own", F.lit(0)) <= 0).alias("is_never"),
        (F.col("buyers_share") >= params.usual_share).alias("is_usual"),
    )


def wallet_categories(offers: DataFrame, params: ShareOfWalletParams) -> DataFrame:
    """WALLET_CATEGORIES: of each customer the categories that are most probably bought elsewhere."""
    gap = F.col("of_category") - F.greatest("own", F.lit(0))
    gaps = offers.withColumn("gap", gap).where("gap > 0")
    weight = F.col("gap").cast("double") * F.col("buyers_share")
    order = [F.desc(F.col("is_usual") & F.col("is_never")), F.desc(weight), F.asc("category")]
    first = best(gaps, params.max_reported, ["customer_id"], order)
    return first.select(
        "customer_id",
        F.col("rank").cast("int").alias("rank"),
        "category",
        money("own").alias("spend_per_year"),
        money("of_category").alias("potential_per_year"),
        money("gap").alias("gap_per_year"),
        *["buyers_share", "is_never", "method"],
    ).select(*[name for name in WALLET_CATEGORIES.columns if name != WALLET_CATEGORIES.slice])


def missing(offers: DataFrame) -> DataFrame:
    """customer_id, missing_categories, expected_missing, and from how many on that is a sign."""
    usual = offers.where("is_usual")
    left_out = F.sum(1 - F.col("buyers_share"))
    spread = F.sum(F.col("buyers_share") * (1 - F.col("buyers_share")))
    return usual.groupBy("customer_id").agg(
        F.count_if("is_never").alias("missing_categories"),
        F.round(left_out, 6).alias("expected_missing"),
        F.round(left_out + F.lit(float(DEVIATIONS)) * F.sqrt(spread), 6).alias("most_missing"),
    )


def change_of_all(customers: DataFrame, params: ShareOfWalletParams) -> float | None:
    """Spend of the second half of the window by that of the first, of all customers who were there for all of it."""
    whole = customers.where(F.col("is_judged") & (F.col("tenure_days") >= params.window_days))
    sums = [F.sum(F.col(name).cast(MONEY)).cast("double").alias(name) for name in ("early", "late")]
    row = collect_rows(whole.agg(*sums), "halves of the window")[0]
    return row["late"] / row["early"] if row["early"] and row["early"] > 0 and row["late"] > 0 else None


def customer_wallet(
    known: DataFrame,
    offers: DataFrame,
    total: Estimate,
    middle: int,
    params: ShareOfWalletParams,
    words: Words,
) -> DataFrame:
    """CUSTOMER_WALLET."""
    top = wallet_categories(offers, params).where("rank = 1")
    named = top.select(
        "customer_id", F.col("category").alias("first_category"), F.col("gap_per_year").alias("first_gap")
    )
    of_all = change_of_all(known, params)
    is_whole = (
        (F.col("tenure_days") >= params.window_days) & (F.col("early_sales") >= LEAST_EARLY) & (F.col("early") > 0)
    )
    change = ratio(F.col("late"), F.col("early")) * F.lit(1 / of_all if of_all else None).cast("double")
    joined = known.join(missing(offers), on="customer_id", how="left").join(named, on="customer_id", how="left")
    changed = joined.withColumn("change", F.when(is_whole, change))
    signed = changed.select(
        "*",
        sign(F.col("order_cents") <= F.lit(100 * SELDOM) * F.col("usual_orders")).alias("is_seldom"),
        sign(F.col("missing_categories") > F.col("most_missing")).alias("is_missing"),
        sign(F.col("change") <= params.fall).alias("is_falling"),
    )
    standing = standings(total, middle, params)
    in_columns = signed.withColumn("standing", standing).select(
        *["customer_id", "standing"],
        F.col("leaf").alias("peer_group"),
        *["tenure_days", "exposure_days"],
        F.when(F.col("exposure_days") > 0, F.col("order_cents") / F.lit(100.0)).alias("orders_per_year"),
        money("cents").alias("spend_per_year"),
        money("typical").alias("typical_per_year"),
        money("wallet").alias("potential_per_year"),
        money("gap").alias("gap_per_year"),
        F.col("share").alias("share_of_wallet"),
        *["peers_above", "usual_orders", "missing_categories", "expected_missing", "change"],
        *["is_seldom", "is_missing", "is_falling", "first_category", "first_gap"],
    )
    told = in_columns.select("*", *reason(params).named("reason"), *action().named("action"))
    return with_texts(told, CUSTOMER_WALLET, words).select(
        *[name for name in CUSTOMER_WALLET.columns if name != CUSTOMER_WALLET.slice]
    )


def sign(holds: Column) -> Column:
    return F.coalesce(holds, F.lit(False))


def standings(total: Estimate, middle: int, params: ShareOfWalletParams) -> Column:
    """The first reason why a customer is not listed; or listed."""
    expected = F.col("usual_orders") * F.col("exposure_days") / F.lit(float(YEAR))
    signs = sum((F.col(name).cast("int") for name in ("is_missing", "is_falling")), F.col("is_seldom").cast("int"))
    return (
        F.when(F.col("tenure_days") < params.min_tenure_days, "too_new")
        .when(~F.col("is_seen"), "inactive")
        .when(~F.col("is_judged"), "nothing_known")
        .when(F.lit(total.method != LIKENESS), "no_likeness")
        .when(small_wallet(middle, params), "small_wallet")
        .when(small_gap(params), "small_gap")
        .when(expected < params.least_expected_orders, "too_few_orders")
        .when(signs < params.least_signs, "no_sign")
        .otherwise("listed")
    )


def reason(params: ShareOfWalletParams) -> Sentence:
    """Why a customer is listed."""
    figures = {
        "spend": F.col("spend_per_year"),
        "typical": F.col("typical_per_year"),
        "potential": F.col("potential_per_year"),
        "top": F.lit(1 - params.quantile),
        "above": F.col("peers_above"),
        "own": F.col("orders_per_year"),
        "usual": F.col("usual_orders"),
        "missing": F.coalesce("missing_categories", F.lit(0)),
        "expected": F.coalesce("expected_missing", F.lit(0.0)),
    }
    is_listed = F.col("standing") == "listed"
    change = {"change": F.coalesce("change", F.lit(0.0))}
    return choose(
        (is_listed & F.col("change").isNotNull(), say("share_of_wallet.reason.changed", **figures, **change)),
        (is_listed, say("share_of_wallet.reason.level", **figures)),
    )


def action() -> Sentence:
    """What to do with a customer who is listed."""
    is_listed = F.col("standing") == "listed"
    first = {
        "category": F.coalesce("first_category", F.lit("")),
        "gap": F.coalesce("first_gap", F.lit(0).cast(MONEY)),
    }
    return choose(
        (is_listed & F.col("first_category").isNotNull(), say("share_of_wallet.action.category", **first)),
        (is_listed, say("share_of_wallet.action.ask")),
    )


def money(cents: str) -> Column:
    """Hundredths as money, exactly."""
    return (F.col(cents).cast("decimal(20,0)") * F.lit(Decimal("0.01"))).cast(MONEY).alias(cents)
