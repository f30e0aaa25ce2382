"""Who is known to which source: every customer, order and event is counted, those of nobody too."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.jobs.customer360.attributes import is_plausible

COUNTS = ("registered", "orders", "events", "contacts", "unusable_contacts", "implausible_birth_dates")
KNOWN_BY = {"is_registered": "registered", "has_orders": "orders", "has_events": "events", "has_contacts": "contacts"}
WORDS = {"is_registered": "customers", "has_orders": "orders", "has_events": "events", "has_contacts": "contacts"}


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


def coverage(known: DataFrame) -> DataFrame:
    """CUSTOMER_COVERAGE from known customers."""
    flags = [(F.col(count) > 0).alias(flag) for flag, count in KNOWN_BY.items()]
    is_known = F.col("customer_id").isNotNull()
    summed = [name for name in COUNTS if name != "registered"]
    found = (
        known.select("*", is_known.alias("is_known"), *flags)
        .groupBy("is_known", *KNOWN_BY)
        .agg(
            F.count_if(F.col("is_known")).alias("customers"),
            *[F.sum(name).alias(name) for name in (*summed, "net_amount")],
        )
    )
    return found.withColumn("meaning", meaning())


def meaning() -> Column:
    """What a row of the coverage is about, in words."""
    there = F.concat_ws(", ", *[F.when(F.col(flag), F.lit(word)) for flag, word in WORDS.items()])
    absent = F.concat_ws(", ", *[F.when(~F.col(flag), F.lit(word)) for flag, word in WORDS.items()])
    known = F.concat(
        F.lit("in "), there, F.when(absent == "", F.lit("")).otherwise(F.concat(F.lit("; not in "), absent))
    )
    return F.when(F.col("is_known"), known).otherwise(F.lit("orders and events of nobody known"))
