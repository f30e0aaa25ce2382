"""Accounts that are one person: joined by shared identifiers, and what is suspicious about it."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.graphs.components import components
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.customer360.params import Customer360Params
from vitalfew.jobs.customer360.tables import IDENTITY_REVIEW
from vitalfew.messages.sentences import VALUES, choose, say, with_texts
from vitalfew.messages.words import Words

ACTIONS = {
    "shared": "review_identifier",
    "many_accounts": "review_person",
    "birth_dates_differ": "maybe_family",
    "genders_differ": "maybe_couple",
}
"""What to do about each reason: codes of the messages of IDENTITY_REVIEW."""


def shared(identifiers: DataFrame, params: Customer360Params) -> DataFrame:
    """rule, evidence, accounts and the least customer_id `first`, of what several accounts have in common."""
    trusted = may_join(identifiers, params)
    counted = trusted.groupBy("rule", "evidence").agg(
        F.count(F.lit(1)).alias("accounts"), F.min("customer_id").alias("first")
    )
    return counted.where("accounts > 1")


def may_join(identifiers: DataFrame, params: Customer360Params) -> DataFrame:
    """Identifiers without those that the configuration sets aside, each once per account."""
    usable = identifiers.where("evidence is not null")
    if params.keep_apart:
        usable = usable.where(~F.col("customer_id").isin([*params.keep_apart]))
    if params.distrusted:
        usable = usable.where(~F.col("evidence").isin([*params.distrusted]))
    return usable.distinct()


def identities(
    customers: DataFrame, identifiers: DataFrame, common: DataFrame, params: Customer360Params, stage: Stage
) -> DataFrame:
    """IDENTITIES of `customers` (customer_id, each once), from identifiers and what is `shared` of them."""
    joining = common.where(F.col("accounts") <= params.most_accounts).select("rule", "evidence", "first")
    links = stage(may_join(identifiers, params).join(joining, on=["rule", "evidence"], how="inner"))
    persons = components(links.select(F.col("first").alias("a"), F.col("customer_id").alias("b")), stage)
    rank = F.call_function("array_position", F.array(*[F.lit(name) for name in params.join_by]), F.col("rule"))
    surest = links.groupBy("customer_id").agg(
        F.min(F.struct(rank.alias("rank"), "evidence", "rule")).alias("surest"), F.count(F.lit(1)).alias("links")
    )
    named = stage(
        customers.select("customer_id")
        .join(persons.withColumnRenamed("node", "customer_id"), on="customer_id", how="left")
        .select("customer_id", F.coalesce("component", "customer_id").alias("person_id"))
    )
    sizes = named.groupBy("person_id").agg(F.count(F.lit(1)).alias("accounts"))
    found = named.join(sizes, on="person_id", how="inner").join(surest, on="customer_id", how="left")
    return found.select(
        "customer_id",
        "person_id",
        "accounts",
        F.col("surest.rule").alias("rule"),
        F.col("surest.evidence").alias("evidence"),
        F.coalesce("links", F.lit(0)).cast("bigint").alias("links"),
    )


def doubts(
    common: DataFrame, joined: DataFrame, profile: DataFrame, params: Customer360Params, words: Words
) -> DataFrame:
    """IDENTITY_REVIEW: identifiers of too many accounts, and persons who can hardly be one."""
    crowded = common.where(F.col("accounts") > params.most_accounts).select(
        F.lit("identifier").alias("subject"),
        F.col("evidence").alias("subject_id"),
        "rule",
        F.lit("shared").alias("reason_code"),
        "accounts",
        F.lit(False).alias("is_merged"),
    )
    known = joined.where("accounts > 1").join(
        profile.select("customer_id", "birth_date", "gender"), on="customer_id", how="left"
    )
    persons = known.groupBy("person_id").agg(
        F.max("accounts").alias("accounts"),
        (F.min("birth_date") < F.max("birth_date")).alias("birth_dates_differ"),
        (F.min("gender") < F.max("gender")).alias("genders_differ"),
    )
    holds = {
        "many_accounts": F.col("accounts") > params.most_person_accounts,
        "birth_dates_differ": F.col("birth_dates_differ"),
        "genders_differ": F.col("genders_differ"),
    }
    reasons = F.array_compact(F.array(*[F.when(held, F.lit(reason)) for reason, held in holds.items()]))
    suspicious = persons.select(
        F.lit("person").alias("subject"),
        F.col("person_id").alias("subject_id"),
        F.lit(None).cast("string").alias("rule"),
        F.explode(reasons).alias("reason_code"),
        "accounts",
        F.lit(True).alias("is_merged"),
    )
    return in_words(crowded.unionByName(suspicious), words)


def in_words(found: DataFrame, words: Words) -> DataFrame:
    """IDENTITY_REVIEW from its other columns: the reason in words, and what to do."""
    action = choose(
        *[(F.col("reason_code") == reason, say(f"identity_review.action.{code}")) for reason, code in ACTIONS.items()]
    )
    nothing = F.create_map().cast(VALUES).alias("reason_values")
    written = with_texts(found.select("*", nothing, *action.named("action")), IDENTITY_REVIEW, words)
    return written.select(*[name for name in IDENTITY_REVIEW.columns if name != IDENTITY_REVIEW.slice])
