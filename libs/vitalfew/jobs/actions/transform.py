"""The plan of a period: for each customer the actions that bring most beyond their cost, within all limits."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.actions.allocations import give
from vitalfew.jobs.actions.candidates import candidates
from vitalfew.jobs.actions.contacts import (
    are_there,
    consented,
    cooled_down,
    overlapping,
    reachable,
    recent_contacts,
    with_contacts,
)
from vitalfew.jobs.actions.customers import known_customers, known_prospects
from vitalfew.jobs.actions.listed import contacts_to_remember, customer_actions, in_words
from vitalfew.jobs.actions.measured import learnt
from vitalfew.jobs.actions.options import best_channels, priced
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.totals import Counts, absent_tables, action_plan, plan_limits, plan_totals
from vitalfew.messages.words import ENGLISH, Words


def actions(
    next_purchase: DataFrame,
    repeat_purchases: DataFrame,
    recommendations: DataFrame,
    customer_stages: DataFrame,
    alerts: DataFrame,
    contribution: DataFrame,
    rfm: DataFrame,
    customer_timing: DataFrame,
    customer_wallet: DataFrame,
    wallet_categories: DataFrame,
    wallet_evaluation: DataFrame,
    customer_influence: DataFrame,
    influence_totals: DataFrame,
    uplift: DataFrame,
    treatments: DataFrame,
    consents: DataFrame,
    products: DataFrame,
    stock: DataFrame,
    prospects: DataFrame,
    prospect_evaluation: DataFrame,
    before: DataFrame,
    *,
    params: ActionsParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame, DataFrame, DataFrame]:
    """CUSTOMER_ACTIONS, ACTION_PLAN, PLAN_LIMITS, PLAN_TOTALS and PLANNED_CONTACTS; `before` is the last of these."""
    known = {
        "repeat_purchases": repeat_purchases,
        "recommendations": recommendations,
        "customer_stages": customer_stages,
        "alerts": alerts,
        "contribution": contribution,
        "rfm": rfm,
        "customer_timing": customer_timing,
        "customer_wallet": customer_wallet,
        "wallet_categories": wallet_categories,
        "wallet_evaluation": wallet_evaluation,
        "customer_influence": customer_influence,
        "influence_totals": influence_totals,
        "uplift": uplift,
        "treatments": treatments,
        "consents": consents,
        "products": products,
        "stock": stock,
        "prospects": prospects,
    }
    recent = stage(recent_contacts(treatments, before, params, as_of))
    buyers = known_customers(next_purchase, contribution, rfm, customer_timing, params)
    new = known_prospects(prospects, prospect_evaluation, params)
    everybody = buyers.unionByName(new.join(buyers.select("customer_id"), on="customer_id", how="left_anti"))
    customers = stage(with_contacts(everybody, recent, params, as_of))
    has_consents = are_there(consents)
    known["reachable"] = reachable(customers, consents, has_consents, params, as_of)
    found = learnt(uplift, params)
    wanted = priced(candidates(customers, known, params, as_of), customers, found, params)
    cool = stage(cooled_down(wanted.where("room > 0"), recent, params, as_of))
    if has_consents:
        allowed = consented(cool, consents, params, as_of)
    else:
        allowed = cool if params.assume_consent else cool.where(F.lit(False))
    options = stage(best_channels(allowed, params))
    given = give(options, params, stage)
    listed = stage(in_words(customer_actions(given.rows, params, as_of), words))
    counts = Counts(customers, cool, options, listed, overlapping(before, params, as_of))
    missing = absent_tables(known, params)
    return (
        listed,
        action_plan(counts, params.margin),
        plan_limits(given, listed),
        plan_totals(counts, given, params, as_of, has_consents, found, missing),
        contacts_to_remember(listed, before, params, as_of),
    )
