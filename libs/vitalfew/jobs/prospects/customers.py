"""New customers: what they brought from their first order on, and the traits that they had before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.known_text import known_text
from vitalfew.dataframes.top_n import best
from vitalfew.domain.basket_items import with_catalogue
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.prospects.begins import begin_ago
from vitalfew.jobs.prospects.likeness import NewCustomers, new_customers
from vitalfew.jobs.prospects.panel import in_sample
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.people import FIRST_CHANNEL, FIRST_KIND, ago, described, referred
from vitalfew.jobs.prospects.tables import TRAITS

SHORTER = (180, 90, 30)
OLD_DAYS = 90
"""Who first orders in these days after the orders begin may be an older customer."""
GOOD_PART = 0.25
"""Of customers: fewer may be unlike the others."""
LARGEST = 9e16
"""Cents; more is no spend of a customer."""


@dataclass(frozen=True)
class Counted:
    """How many customers there are, when orders begin, and by days how many are known as long: of all, of new ones."""

    customers: int
    begin_ago: int
    known: dict[int, int]
    new: dict[int, int]


@dataclass(frozen=True)
class Window:
    """In how many days after the first order value is counted, of new customers alone or of all, and of how many."""

    days: int
    is_new_only: bool
    customers: int


def counted(firsts: DataFrame, params: ProspectsParams) -> Counted:
    lengths = window_lengths(params)
    begin = begin_ago(firsts, "order_ago")
    if begin is None:
        return Counted(0, 0, {}, {})
    is_new = F.col("order_ago") < F.lit(begin - OLD_DAYS)
    sums = [
        F.count_if((F.col("order_ago") >= days) & who).alias(f"{name}_{days}")
        for days in lengths
        for name, who in (("known", F.lit(True)), ("new", is_new))
    ]
    row = collect_rows(firsts.agg(F.count(F.lit(1)).alias("n"), *sums), "customers by how long they are known")[0]
    known, new = ({days: row[f"{name}_{days}"] for days in lengths} for name in ("known", "new"))
    return Counted(row["n"], begin, known, new)


def window_lengths(params: ProspectsParams) -> list[int]:
    return [params.value_days, *(days for days in SHORTER if days < params.value_days)]


def window(of: Counted, params: ProspectsParams) -> Window | None:
    """The longest time for which enough customers are known, and a good part of all; None: too few for any.

    New customers alone, where they are enough, and a good part of all who are known for as long.
    """
    for is_new_only, known in ((True, of.new), (False, of.known)):
        shortest = max(known.values(), default=0)
        for days, customers in known.items():
            least = max(params.min_customers, GOOD_PART * shortest, GOOD_PART * of.known[days] if is_new_only else 0)
            if customers >= least:
                return Window(days, is_new_only, customers)
    return None


def collected(
    orders: DataFrame,
    firsts: DataFrame,
    people: DataFrame | None,
    customers: DataFrame,
    referrals: DataFrame,
    products: DataFrame,
    of: Counted,
    asked: Window,
    params: ProspectsParams,
    as_of: date,
) -> NewCustomers:
    """A sample of the customers of the window, in memory."""
    least_ago = F.col("order_ago") >= asked.days
    is_new = F.col("order_ago") < F.lit(of.begin_ago - OLD_DAYS) if asked.is_new_only else F.lit(True)
    sample = firsts.where(least_ago & is_new & in_sample(params.sample_people / asked.customers, "customers"))
    bought = in_window(orders, as_of, None).join(sample, on="customer_id", how="inner")
    since = F.col("order_ago") - ago("ordered_on", as_of)
    within = bought.where((since >= 0) & (since < F.lit(asked.days)))
    brought = within.groupBy("customer_id").agg(F.sum("net_amount").alias("amount"))
    joined = (
        sample.join(brought, on="customer_id", how="left")
        .join(described(customers, params, as_of), on="customer_id", how="left")
        .join(referred(referrals, as_of), on="customer_id", how="left")
        .join(first_bought(within.where((since == 0) & is_sale()), products, params), on="customer_id", how="left")
    )
    seen = [F.lit(None).cast("string").alias(name) for name in (FIRST_CHANNEL, FIRST_KIND)]
    if people is not None:
        met = people.select("customer_id", "channel_ago", "kind_ago", FIRST_CHANNEL, FIRST_KIND)
        joined = joined.join(met, on="customer_id", how="left")
        days = {FIRST_CHANNEL: "channel_ago", FIRST_KIND: "kind_ago"}
        seen = [F.when(F.col(day) > F.col("order_ago"), F.col(name)).alias(name) for name, day in days.items()]
    any_referred = bool(collect_rows(referrals.limit(1), "a referral"))
    was_referred = is_referred(F.col("referred_ago") >= F.col("order_ago"), any_referred).alias("referred")
    chosen = joined.select(
        F.xxhash64("customer_id").alias("who"), cents(), *params.attributes, *seen, was_referred, "first_bought"
    )
    found = collect_table(chosen, "a sample of customers")
    return new_customers(found, (*params.attributes, *TRAITS), params.best_share)


def cents() -> Column:
    hundredths = F.coalesce("amount", F.lit(0)).cast("double") * F.lit(100.0)
    return F.greatest(F.least(F.round(hundredths), F.lit(LARGEST)), F.lit(-LARGEST)).alias("cents")


def is_referred(holds: Column, is_known: bool) -> Column:
    """yes or no; NULL throughout where there are no referrals at all."""
    said = F.when(F.coalesce(holds, F.lit(False)), F.lit("yes")).otherwise(F.lit("no"))
    return said if is_known else F.lit(None).cast("string")


def first_bought(first: DataFrame, products: DataFrame, params: ProspectsParams) -> DataFrame:
    """customer_id, first_bought: the group with most money in the orders `first`; ties to the first name."""
    zipped = F.arrays_zip("product_ids", "product_amounts")
    sold = first.select("customer_id", F.inline(zipped).alias("product_id", "amount"))
    group = known_text(params.level).alias("first_bought")
    named = (
        with_catalogue(sold, products, params).select("customer_id", "amount", group).where("first_bought is not null")
    )
    summed = named.groupBy("customer_id", "first_bought").agg(F.sum("amount").alias("amount"))
    top = best(summed, 1, ["customer_id"], [F.desc("amount"), F.asc("first_bought")])
    return top.select("customer_id", "first_bought")
