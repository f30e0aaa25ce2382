"""One profile per person: what they bought, did, looked for and are, fused over all their accounts."""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.clock_times import has_times
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.jobs.customer360 import price_sensitivity, touchpoints
from vitalfew.jobs.customer360.attributes import person_attributes
from vitalfew.jobs.customer360.contact_hashes import identifiers
from vitalfew.jobs.customer360.coverage import coverage, known_customers
from vitalfew.jobs.customer360.identity_resolution import doubts, identities, shared
from vitalfew.jobs.customer360.params import Customer360Params
from vitalfew.jobs.customer360.price_positions import price_habits, purchases
from vitalfew.jobs.customer360.tables import CUSTOMER360
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["Customer360Params", "customer360"]

Six = tuple[DataFrame, DataFrame, DataFrame, DataFrame, DataFrame, DataFrame]


def customer360(
    orders: DataFrame,
    profile: DataFrame,
    events: DataFrame,
    contacts: DataFrame,
    products: DataFrame,
    *,
    params: Customer360Params,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> Six:
    """CUSTOMER360, TOUCHPOINTS, UNMET_DEMAND, IDENTITIES, IDENTITY_REVIEW and CUSTOMER_COVERAGE."""
    seen = in_window(orders, as_of, None)
    happened = events.where(F.to_date("happened_at") < F.lit(as_of))
    hashes = stage(identifiers(contacts, params.join_by, params.country_code, params.hash_key))
    unusable = hashes.where("evidence is null").select("customer_id")
    known = stage(known_customers(seen, happened, contacts, unusable, profile, as_of))
    common = stage(shared(hashes, params))
    joined = stage(identities(known.where("customer_id is not null"), hashes, common, params, stage))

    named = joined.select("customer_id", "person_id")
    of_persons = seen.join(named, on="customer_id", how="left")
    theirs = stage(happened.join(named, on="customer_id", how="inner"))
    bought = stage(purchases(of_persons, products, params.like_level))
    habits = price_habits(in_window(bought, as_of, params.price_window_days), params, stage)
    own = of_persons.where("person_id is not null")
    touched = stage(touchpoints.touches(own, theirs))
    recent = theirs.where(since(params.wants_days, as_of))
    wants = stage(touchpoints.unmet_demand(recent, bought, products, params.least_signs, words))
    parts = [
        person_attributes(joined, profile, as_of),
        totals(own),
        touchpoints.favourites(own, bought.where("person_id is not null"), has_times(seen)),
        touchpoints.ends(touched),
        touchpoints.behaviour(theirs),
        wants.groupBy("person_id").agg(F.count(F.lit(1)).alias("unmet_demand")),
        habits,
    ]
    whole = reduce(lambda left, right: left.join(right, on="person_id", how="left"), parts)
    return (
        in_columns(whole, params, words),
        touched,
        wants,
        joined,
        doubts(common, joined, profile, params, words),
        coverage(known, words),
    )


def since(days: int | None, as_of: date) -> Column:
    """Whether an event is of the last so many days; None: of any day."""
    if days is None:
        return F.lit(True)
    return F.to_date("happened_at") >= F.lit(days_after(as_of, -days))


def totals(orders: DataFrame) -> DataFrame:
    """Per person: sales, when, and the money of all orders."""
    sold_on = F.when(is_sale(), F.col("ordered_on"))
    return orders.groupBy("person_id").agg(
        F.count(sold_on).alias("orders"),
        F.sum("net_amount").cast("decimal(28,2)").alias("net_amount"),
        F.min(sold_on).alias("first_order_on"),
        F.max(sold_on).alias("last_order_on"),
    )


def in_columns(whole: DataFrame, params: Customer360Params, words: Words) -> DataFrame:
    """CUSTOMER360: counts that nobody made are zero, and the price type is told."""
    per_order = ratio(F.col("coupon_events"), F.col("orders"))
    filled = whole.select(*[counted(name) if is_count(name) else F.col(name) for name in whole.columns])
    typed = filled.withColumn("coupons_per_order", per_order).withColumn(
        "price_type", price_sensitivity.price_type(params)
    )
    evidence, action = price_sensitivity.price_evidence(params), price_sensitivity.action()
    said = typed.select("*", *evidence.named("price_evidence"), *action.named("action"))
    return with_texts(said, CUSTOMER360, words).select(
        *[name for name in CUSTOMER360.columns if name != CUSTOMER360.slice]
    )


def is_count(name: str) -> bool:
    return name in CUSTOMER360.required and CUSTOMER360.type_of(name) in ("bigint", "decimal(28,2)")


def counted(name: str) -> Column:
    return F.coalesce(F.col(name), F.lit(0)).cast(CUSTOMER360.type_of(name)).alias(name)
