"""Which small groups of customers differ so much from the others that they deserve a treatment of their own.

Groups of one to three conditions are found on one half of the customers and confirmed on the other, as subgroup
discovery (Klosgen 1996; Wrobel 1997) with the hold-out that Webb (2007) asks for.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame

from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.micro_segments.coding import counts, with_codes
from vitalfew.jobs.micro_segments.customers import customer_rows, nobody, own_spreads, placed, references
from vitalfew.jobs.micro_segments.groups import all_sets, listed, sampled, search, summed_groups
from vitalfew.jobs.micro_segments.outputs import group_rows, target_rows
from vitalfew.jobs.micro_segments.params import MicroSegmentsParams
from vitalfew.jobs.micro_segments.people import people
from vitalfew.jobs.micro_segments.tables import MICRO_SEGMENT_TARGETS, MICRO_SEGMENTS
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["MicroSegmentsParams", "micro_segments"]


def micro_segments(
    rfm: DataFrame,
    customer_profile: DataFrame,
    clusters: DataFrame,
    next_purchase: DataFrame,
    purchase_forecast: DataFrame,
    customer_stages: DataFrame,
    identities: DataFrame,
    customer360: DataFrame,
    *,
    params: MicroSegmentsParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """MICRO_SEGMENTS, MICRO_SEGMENT_TARGETS and CUSTOMER_MICRO_SEGMENTS."""
    del as_of  # what it reads is of that day
    known = {
        "rfm": rfm,
        "customer_profile": customer_profile,
        "clusters": clusters,
        "next_purchase": next_purchase,
        "purchase_forecast": purchase_forecast,
        "customer_stages": customer_stages,
        "identities": identities,
        "customer360": customer360,
    }
    customers = stage(people(known, params))
    counted = counts(customers, params)
    if counted.customers < params.min_customers:
        few = target_rows([], [], counted, {}, params)
        return (
            local_table(MICRO_SEGMENTS, [], beside=rfm),
            local_table(MICRO_SEGMENT_TARGETS, few, beside=rfm),
            nobody(rfm),
        )
    coded = with_codes(customers, counted, params)
    sets = all_sets(counted, params)
    searched = search(summed_groups(coded, counted, sets, params), counted, sets, params)
    found = listed(searched, sampled(coded, counted), params) if any(each.found for each in searched) else []
    made = references(searched, found, counted, params)
    rows = placed(coded, made, counted) if made else None
    own = own_spreads(rows, params) if rows is not None else {}
    return (
        local_table(MICRO_SEGMENTS, group_rows(found, words), beside=rfm),
        local_table(MICRO_SEGMENT_TARGETS, target_rows(searched, found, counted, own, params), beside=rfm),
        customer_rows(rows, own, params) if rows is not None else nobody(rfm),
    )
