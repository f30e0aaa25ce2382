"""Who is known to which source: every customer, order and event is counted, those of nobody too."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.jobs.customer360.attributes import is_plausible
from vitalfew.jobs.customer360.tables import CUSTOMER_COVERAGE
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

COUNTS = ("registered", "orders", "events", "contacts", "unusable_contacts", "implausible_birth_dates")
KNOWN_BY = {"is_registered": "registered", "has_orders": "orders", "has_events": "events", "has_contacts": "contacts"}
SOURCES = {"is_registered": "customers", "has_orders": "orders", "has_events": "events", "has_contacts": "contacts"}


def known_customers(
    orders: DataFrame, events: DataFrame, contacts: DataFrame, unusable: DataFrame, profile: DataFrame, as_of: date
) -> DataFrame:
    """One row per customer_id, NULL included, with COUNTS and net_amount: rows of each source that are theirs.

    `unusable`: customer_id of contacts that cannot join.
    """
    registered = profile.where("is_registered")
    implausible = F.col("birth_date").isNotNull() & ~is_plausible(as_of)
    parts = [
        counted(orders, {"orders": F.lit(1)}, F.col("net_amount")),
        counted(events, {"events": F.lit(1)}),
        counted(contacts, {"contacts": F.lit(1)}),
        counted(unusable, {"unusable_contacts": F.lit(1)}),
        counted(registered, {"registered": F.lit(1), "implausible_birth_dates": implausible.cast("int")}),
    ]
    together = parts[0]
    for part in parts[1:]:
        together = together.unionByName(part)
    return together.groupBy("customer_id").agg(
        *[F.sum(name).alias(name) for name in COUNTS], F.sum("net_amount").cast("decimal(28,2)").alias("net_amount")
    )


def counted(frame: DataFrame, what: dict[str, Column], money: Column | None = None) -> DataFrame:
    """A row of COUNTS and net_amount for each row of `frame`, zero but for `what`."""
    nothing = F.lit(0)
    return frame.select(
        "customer_id",
        *[F.coalesce(what.get(name, nothing), nothing).cast("bigint").alias(name) for name in COUNTS],
        (nothing if money is None else money).cast("decimal(28,2)").alias("net_amount"),
    )


def coverage(known: DataFrame, words: Words) -> DataFrame:
    """CUSTOMER_COVERAGE from known customers."""
    flags = [(F.col(count) > 0).alias(flag) for flag, count in KNOWN_BY.items()]
    is_known = F.col("customer_id").isNotNull()
    summed = [name for name in COUNTS if name != "registered"]
    found = (
        known.select("*", is_known.alias("is_known"), *flags)
        .groupBy("is_known", *KNOWN_BY)
        .agg(
            F.count_if(F.col("is_known")).alias("customers"),
            *[F.sum(name).alias(name) for name in summed],
            F.sum("net_amount").cast("decimal(28,2)").alias("net_amount"),
        )
    )
    written = with_texts(found.select("*", *meaning().named("meaning")), CUSTOMER_COVERAGE, words)
    return written.select(*[name for name in CUSTOMER_COVERAGE.columns if name != CUSTOMER_COVERAGE.slice])


def meaning() -> Sentence:
    """What a row of the coverage is about."""
    names = {flag: F.lit(source) for flag, source in SOURCES.items()}
    there = F.array_compact(F.array(*[F.when(F.col(flag), name) for flag, name in names.items()]))
    absent = F.array_compact(F.array(*[F.when(~F.col(flag), name) for flag, name in names.items()]))
    return choose(
        (~F.col("is_known"), say("customer_coverage.meaning.nobody")),
        (F.size(absent) == 0, say("customer_coverage.meaning.everywhere", there=there)),
        otherwise=say("customer_coverage.meaning.partly", there=there, absent=absent),
    )
