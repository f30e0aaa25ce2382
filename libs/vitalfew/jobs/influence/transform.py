"""Who moves others, what they bring, and whether it is influence or alike taste."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.influence.adoptions import adoptions, of_groups, of_referrals, tested
from vitalfew.jobs.influence.checks import check_row
from vitalfew.jobs.influence.edges import by_co_adoption, by_referral
from vitalfew.jobs.influence.listed import listed, passed, values, with_findings
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.referrals import Referrals, first_referrals
from vitalfew.jobs.influence.stickiness import stickiness
from vitalfew.jobs.influence.tables import (
    CO_ADOPTION,
    CUSTOMER_INFLUENCE,
    INFLUENCE,
    INFLUENCE_CHECK,
    INFLUENCE_EDGES,
    INFLUENCE_TOTALS,
    NONE,
    REFERRAL,
)
from vitalfew.jobs.influence.ties import Ties, shared_attributes, shared_contacts
from vitalfew.messages.words import ENGLISH, Words

NO_GRAPH = {
    "source": NONE,
    "all_value": None,
    "loop_customers": 0,
    "own_value": Decimal(0),
    "network_value": Decimal(0),
    "brought_value": Decimal(0),
    **dict.fromkeys(
        (
            *("edges", "customers", "influencers", "brought_customers"),
            *("referrals", "self_referrals", "repeated_referrals", "late_referrals", "unknown_referrers"),
        ),
        0,
    ),
}
"""The totals where nobody is known to have moved anybody."""


def influence(
    orders: DataFrame,
    referrals: DataFrame,
    contacts: DataFrame,
    customers: DataFrame,
    events: DataFrame,
    *,
    params: InfluenceParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, ...]:
    """CUSTOMER_INFLUENCE, INFLUENCE_EDGES, INFLUENCE_CHECK and INFLUENCE_TOTALS.

    Edges are referrals, where there are any. Else they are purchases that followed those of customers with whom one
    shares a tie, and only where these follow each other beyond chance: see `checks`.
    """
    found = first_referrals(referrals, as_of, stage)
    ties = [
        each for each in (shared_contacts(contacts, params, stage), shared_attributes(customers, params, stage)) if each
    ]
    active = stickiness(events, as_of)
    totals: dict[str, Any] = {**NO_GRAPH, **active, **of_ties(ties), "missing": missing(found, ties, active)}
    checks: list[dict[str, Any]] = []
    edges = people = None
    if found:
        known = stage(values(orders, as_of))
        brought = stage(not_late(found.first, known))
        totals |= of_referral_rows(found, brought)
        if totals["edges"]:
            edges = stage(by_referral(brought))
            first = adoptions(orders, ends_of(brought), as_of, params, stage)
            test = tested(first, of_referrals(first, brought, params, stage), params, stage)
            checks.append(check_row(REFERRAL, customers_in(first), test, params, words))
    for tie in ties:
        first = adoptions(orders, tie.groups, as_of, params, stage)
        test = tested(first, of_groups(first, tie.groups, params, stage), params, stage)
        row = check_row(tie.kind, customers_in(first), test, params, words)
        checks.append(row)
        if edges is None and row["verdict"] == INFLUENCE:
            edges = stage(by_co_adoption(first, tie.groups, as_of, params))
            known = stage(values(orders, as_of))
            totals |= {"source": CO_ADOPTION}
    if edges is not None:
        sums = passed(edges, known, params, stage)
        rows = listed(edges, known, stage(sums.amounts), params, stage)
        totals |= {**of_people(rows, edges, known), "loop_customers": sums.on_loops}
        people = with_findings(rows, as_of, params, words)
    return (
        local_table(CUSTOMER_INFLUENCE, [], beside=orders) if people is None else people,
        local_table(INFLUENCE_EDGES, [], beside=orders) if edges is None else edges,
        local_table(INFLUENCE_CHECK, checks, beside=orders),
        local_table(INFLUENCE_TOTALS, [totals], beside=orders),
    )


def not_late(first: DataFrame, known: DataFrame) -> DataFrame:
    """Referrals of customers who had not ordered on an earlier day."""
    is_new = F.col("first_order_on").isNull() | (F.col("first_order_on") >= F.col("referred_on"))
    joined = first.join(known.select("customer_id", "first_order_on"), on="customer_id", how="left")
    return joined.where(is_new).select(*first.columns)


def ends_of(brought: DataFrame) -> DataFrame:
    """customer_id of both ends of referrals."""
    return brought.select("customer_id").unionByName(brought.select(F.col("referrer_id").alias("customer_id")))


def of_ties(ties: list[Ties]) -> dict[str, int]:
    return {
        "tied_customers": sum(each.customers for each in ties),
        "large_tie_groups": sum(each.large_groups for each in ties),
    }


def missing(found: Referrals | None, ties: list[Ties], active: dict[str, Any]) -> list[str]:
    """Tables without which a question has no answer."""
    is_there = {
        "referrals": found is not None,
        "contacts": found is not None or any(each.customers for each in ties),
        "events": active["monthly_actives"] is not None,
    }
    return [name for name, known in is_there.items() if not known]


def of_referral_rows(found: Referrals, brought: DataFrame) -> dict[str, Any]:
    """What became of the rows of referrals."""
    kept = collect_rows(brought.agg(F.count(F.lit(1)).alias("n")), "referrals that count")[0]["n"]
    firsts = found.rows - found.of_self - found.repeated
    return {
        "source": REFERRAL if kept else NONE,
        "edges": kept,
        "referrals": found.rows,
        "self_referrals": found.of_self,
        "repeated_referrals": found.repeated,
        "late_referrals": firsts - kept,
    }


def customers_in(first: DataFrame) -> int:
    """How many customers first bought something."""
    return int(collect_rows(first.agg(F.count_distinct("customer_id").alias("n")), "customers of the test")[0]["n"])


def of_people(rows: DataFrame, edges: DataFrame, known: DataFrame) -> dict[str, Any]:
    """The sums of CUSTOMER_INFLUENCE, and the value of all known customers."""
    is_brought = F.col("referrer_id").isNotNull()
    is_influencer = (F.col("brought_customers") > 0) | (F.col("followed_purchases") > 0)
    sums = rows.agg(
        F.count(F.lit(1)).alias("customers"),
        F.count_if(is_influencer).alias("influencers"),
        F.sum("own_value").alias("own_value"),
        F.sum("network_value").alias("network_value"),
        F.count_if(is_brought).alias("brought_customers"),
        F.sum(F.when(is_brought, F.col("own_value")).otherwise(0)).alias("brought_value"),
        F.count_if((F.col("brought_customers") > 0) & F.col("last_order_on").isNull()).alias("unknown_referrers"),
    )
    found = collect_rows(sums, "totals of influence")[0].asDict()
    count = collect_rows(edges.agg(F.count(F.lit(1)).alias("edges")), "edges")[0].asDict()
    every = collect_rows(known.agg(F.sum("own_value").alias("all_value")), "value of all customers")[0].asDict()
    return {**found, **count, **every}
