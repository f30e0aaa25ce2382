"""Who is not a customer yet and may become one, what each looks for, and what the best customers had in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.prospects import customers as new
from vitalfew.jobs.prospects import scored
from vitalfew.jobs.prospects.begins import begin_ago
from vitalfew.jobs.prospects.judged import Judged, judged
from vitalfew.jobs.prospects.likeness import Likeness, NewCustomers, likeness, profile
from vitalfew.jobs.prospects.outputs import evaluation_rows, reliability_rows, sign_rows
from vitalfew.jobs.prospects.panel import SIGNS, Panel, collected, in_sample, known_then, moments, with_signs
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.people import FIRST_KIND, days_of, first_orders, people_of
from vitalfew.jobs.prospects.tables import (
    HORIZONS,
    PROSPECT_EVALUATION,
    PROSPECT_PROFILE,
    PROSPECT_RELIABILITY,
    PROSPECT_SIGNS,
    PROSPECT_TOTALS,
    PROSPECTS,
)
from vitalfew.jobs.prospects.wanted import first_baskets, interest, popular, wanted
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["ProspectsParams", "prospects"]


@dataclass(frozen=True)
class Past:
    """People who are known before a first order: how many of which kind, and since how many days before as_of."""

    prospects: int = 0
    silent: int = 0
    converted: int = 0
    automatic: int = 0
    begin_ago: int | None = None

    @property
    def people(self) -> int:
        return self.prospects + self.silent + self.converted


def prospects(
    orders: DataFrame,
    events: DataFrame,
    customers: DataFrame,
    referrals: DataFrame,
    products: DataFrame,
    *,
    params: ProspectsParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, ...]:
    """PROSPECTS, PROSPECT_EVALUATION, PROSPECT_RELIABILITY, PROSPECT_SIGNS, PROSPECT_PROFILE and PROSPECT_TOTALS."""
    firsts = stage(first_orders(orders, as_of))
    days = stage(days_of(events, customers, referrals, params, as_of))
    people, past = None, Past()
    if collect_rows(days.limit(1), "anything that people did"):
        people = stage(people_of(days, firsts, customers, referrals, params, as_of))
        past = counted(people, params)
    of = new.counted(firsts, params)
    asked = new.window(of, params)
    known = like = None
    if asked is not None:
        known = new.collected(orders, firsts, people, customers, referrals, products, of, asked, params, as_of)
        like = likeness(known, scored.usable_traits(params), params)
    scores: list[Judged] = []
    listed = None
    if people is not None and past.prospects:
        panel = panel_of(people, days, past, of, params)
        scores = [judged(panel, horizon, params) for horizon in HORIZONS]
        rows = predicted(people, days, panel, scores, params)
        with_traits = scored.traits_of(rows, bool(collect_rows(referrals.limit(1), "a referral")))
        mean = float(known.cents.mean()) if known is not None else None
        valued = scored.with_value(with_traits, like, mean, scored.usable_traits(params))
        baskets = stage(first_baskets(orders, firsts, params, as_of))
        looked = stage(interest(events, people.where(is_person()), params, as_of))
        wants = wanted(looked, baskets, products, params, stage)
        most = popular(baskets, products)
        offer = (most[0], most[1] / of.customers) if most else None
        listed = scored.prospects(valued, wants, offer, params, as_of, words)
    totals = {
        **of_people(past, scores, params, as_of),
        **of_customers(of, asked, known, like),
        "best_share": params.best_share,
    }
    return (
        local_table(PROSPECTS, [], beside=orders) if listed is None else listed,
        local_table(PROSPECT_EVALUATION, evaluation_rows(scores), beside=orders),
        local_table(PROSPECT_RELIABILITY, reliability_rows(scores), beside=orders),
        local_table(PROSPECT_SIGNS, sign_rows(scores, params), beside=orders),
        local_table(PROSPECT_PROFILE, profile(known, params) if known is not None else [], beside=orders),
        local_table(PROSPECT_TOTALS, [totals], beside=orders),
    )


def is_person() -> Column:
    """Known before a first order, or without one; and no automatic visitor."""
    is_before = F.col("order_ago").isNull() | (F.col("seen_ago") > F.col("order_ago"))
    return is_before & ~F.col("is_automatic")


def is_listed(params: ProspectsParams) -> Column:
    return is_person() & F.col("order_ago").isNull() & (F.col("last_ago") <= F.lit(params.memory_days))


def counted(people: DataFrame, params: ProspectsParams) -> Past:
    has_none = is_person() & F.col("order_ago").isNull()
    row = collect_rows(
        people.agg(
            F.count_if(is_listed(params)).alias("prospects"),
            F.count_if(has_none & ~is_listed(params)).alias("silent"),
            F.count_if(is_person() & F.col("order_ago").isNotNull()).alias("converted"),
            F.count_if("is_automatic").alias("automatic"),
            F.max("seen_ago").alias("begin_ago"),
        ),
        "people without an order",
    )[0]
    return Past(**row.asDict())


def panel_of(people: DataFrame, days: DataFrame, past: Past, of: new.Counted, params: ProspectsParams) -> Panel:
    """A sample of people at moments of the past, at which both events and orders were written down already.

    Who was known before the orders begin may have ordered before: the first order that is known may be a later one.
    """
    sample = people.where(is_person() & in_sample(params.sample_people / past.people))
    if of.customers:
        sample = sample.where(F.col("seen_ago") <= F.lit(of.begin_ago))
    events_ago = begin_ago(days.where("events > 0"), "ago")
    drawn = moments(sample, (past.begin_ago or 0) if events_ago is None else events_ago, params)
    return collected(with_signs(drawn, days, params), params)


def predicted(
    people: DataFrame, days: DataFrame, panel: Panel, scores: list[Judged], params: ProspectsParams
) -> DataFrame:
    """Those who are listed, with their signs and probabilities; attributes as they are known at as_of."""
    now = people.where(is_listed(params)).withColumn("moment_ago", F.lit(0))
    rows = with_signs(now, days, params)
    kept = ("customer_id", "seen_ago", "recency_days", "referred_ago", FIRST_KIND)
    signs = [name for name in SIGNS if name not in kept]
    rows = rows.select(*kept, *signs, *known_then(params))
    for each in scores:
        rows = scored.with_probability(rows, each, panel.values, params)
    return scored.in_order(rows, *scores)


def of_people(past: Past, scores: list[Judged], params: ProspectsParams, as_of: date) -> dict[str, Any]:
    """The part of PROSPECT_TOTALS that tells of people without an order."""
    if not past.people:
        state = "no_behaviour"
    elif not past.prospects:
        state = "no_prospects"
    else:
        state = "scored" if any(each.method for each in scores) else "not_predicted"
    return {
        "state": state,
        "people": past.people,
        "prospects": past.prospects,
        "silent": past.silent,
        "converted": past.converted,
        "automatic": past.automatic,
        "memory_days": params.memory_days,
        "max_daily_events": params.max_daily_events,
        "first_day": None if past.begin_ago is None else as_of - timedelta(days=past.begin_ago),
    }


def of_customers(
    of: new.Counted, asked: new.Window | None, known: NewCustomers | None, like: Likeness | None
) -> dict[str, Any]:
    """The part of PROSPECT_TOTALS that tells of customers."""
    low, middle, high = like.cents if like is not None else (None, None, None)
    return {
        "customers": of.customers,
        "value_days": asked.days if asked else None,
        "value_customers": len(known.who) if known is not None else 0,
        "is_new_only": asked.is_new_only if asked else None,
        "mean_value": scored.money(float(known.cents.mean())) if known is not None else None,
        "best_value": scored.money(known.least_of_best) if known is not None else None,
        "is_likeness_used": like is not None,
        "value_high": scored.money(high),
        "value_middle": scored.money(middle),
        "value_low": scored.money(low),
    }
