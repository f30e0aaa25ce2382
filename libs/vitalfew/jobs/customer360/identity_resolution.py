"""Accounts that are one person: joined by shared identifiers, and what is suspicious about it."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.graphs.components import components
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.customer360.params import Customer360Params

ACTIONS = {
    "shared by too many accounts": "Not joined. A number of the shop, a placeholder or a fraud: look at it; "
    "if they are one person, raise most_accounts.",
    "many accounts": "Look whether they are one person; undo with keep_apart or distrusted.",
    "birth dates differ": "Perhaps a family that shares an address: if so, name the accounts in keep_apart.",
    "genders differ": "Perhaps a couple that shares an address: if so, name the accounts in keep_apart.",
}


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


def doubts(common: DataFrame, joined: DataFrame, profile: DataFrame, params: Customer360Params) -> DataFrame:
    """IDENTITY_DOUBTS: identifiers of too many accounts, and persons who can hardly be one."""
    crowded = common.where(F.col("accounts") > params.most_accounts).select(
        F.lit("identifier").alias("subject"),
        F.col("evidence").alias("subject_id"),
        "rule",
        F.lit("shared by too many accounts").alias("reason"),
        "accounts",
        F.lit(False).alias("is_merged"),
    )
    told = joined.where("accounts > 1").join(
        profile.select("customer_id", "birth_date", "gender"), on="customer_id", how="left"
    )
    persons = told.groupBy("person_id").agg(
        F.max("accounts").alias("accounts"),
        (F.min("birth_date") < F.max("birth_date")).alias("birth dates differ"),
        (F.min("gender") < F.max("gender")).alias("genders differ"),
    )
    holds = {
        "many accounts": F.col("accounts") > params.most_person_accounts,
        "birth dates differ": F.col("birth dates differ"),
        "genders differ": F.col("genders differ"),
    }
    reasons = F.array_compact(F.array(*[F.when(held, F.lit(reason)) for reason, held in holds.items()]))
    suspicious = persons.select(
        F.lit("person").alias("subject"),
        F.col("person_id").alias("subject_id"),
        F.lit(None).cast("string").alias("rule"),
        F.explode(reasons).alias("reason"),
        "accounts",
        F.lit(True).alias("is_merged"),
    )
    action = F.coalesce(*[F.when(F.col("reason") == reason, F.lit(text)) for reason, text in ACTIONS.items()])
    return crowded.unionByName(suspicious).withColumn("action", action)
