"""Who was contacted lately, by whatever plan, and who may be contacted by which channel."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import CONTROL
from vitalfew.white_space import WHITE, trimmed

CONTACT = ("customer_id", "action", "assigned_on")


def remembered_days(params: ActionsParams) -> int:
    """Days before as_of in which a contact still counts."""
    return max(params.rest_days, params.cool_down_days, params.contact_cap_days)


def recent_contacts(treatments: DataFrame, before: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """CONTACT, each once: what earlier plans gave and what `treatments` has, the control arms left out.

    A plan counts though nobody has sent it yet. One that was fed back as treatments counts once.
    """
    own = {name: action.measured_as for name, action in params.actions.items()}
    called = F.lower(F.btrim("action", F.lit(WHITE)))
    name = F.coalesce(
        *[F.when(called.isin(*[trimmed(each).lower() for each in names]), key) for key, names in own.items() if names],
        called,
    )
    logged = treatments.where(~is_control("arm")).select(
        "customer_id", name.alias("action"), F.col("assigned_at").cast("date").alias("assigned_on")
    )
    planned = before.where(~is_control("arm")).select(*CONTACT)
    first = as_of - timedelta(days=min(remembered_days(params), (as_of - date.min).days))
    is_recent = (F.col("assigned_on") >= F.lit(first)) & (F.col("assigned_on") < F.lit(as_of))
    return logged.unionByName(planned).where(is_recent).distinct()


def is_control(column: str) -> Column:
    return F.lower(F.btrim(column, F.lit(WHITE))).isin(CONTROL, "holdout")


def with_contacts(customers: DataFrame, recent: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """`customers` with `room`: how many contacts are allowed now, 0 of whom nobody should contact."""
    days = F.datediff(F.lit(as_of), "assigned_on")
    counted = recent.groupBy("customer_id").agg(
        F.count_if(days <= params.contact_cap_days).alias("contacts"), F.min(days).alias("rested_days")
    )
    left = F.least(F.lit(params.max_actions), F.lit(params.contact_cap) - F.coalesce("contacts", F.lit(0)))
    is_resting = F.coalesce(F.col("rested_days") <= params.rest_days, F.lit(False))
    room = F.when(is_resting, 0).otherwise(F.greatest(left, F.lit(0))).cast("int")
    return customers.join(counted, on="customer_id", how="left").select(*customers.columns, room.alias("room"))


def cooled_down(options: DataFrame, recent: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """`options` without an action that the customer got in the last `cool_down_days`."""
    hot = recent.where(F.datediff(F.lit(as_of), "assigned_on") <= params.cool_down_days)
    return options.join(hot.select("customer_id", "action").distinct(), on=["customer_id", "action"], how="left_anti")


def are_there(consents: DataFrame) -> bool:
    """Whether anything is known of consents."""
    return bool(collect_rows(consents.select("channel").limit(1), "consents"))


def consented(options: DataFrame, consents: DataFrame, params: ActionsParams) -> DataFrame:
    """`options` by channels to which the customer said yes, and has not said no since.

    Of two rows of one moment the no counts.
    """
    purpose, state = (F.lower(F.btrim(name, F.lit(WHITE))) for name in ("purpose", "state"))
    is_meant = F.coalesce(purpose, F.lit("")).isin("", trimmed(params.consent_purpose).lower())
    is_yes = state.isin(*[trimmed(name).lower() for name in params.granted_states])
    said = consents.where(is_meant).select(
        "customer_id", F.lower(F.btrim("channel", F.lit(WHITE))).alias("called"), is_yes.alias("is_yes"), "since"
    )
    latest = said.groupBy("customer_id", "called").agg(
        F.max(F.when(F.col("is_yes"), F.col("since"))).alias("yes_at"),
        F.max(F.when(~F.col("is_yes"), F.col("since"))).alias("no_at"),
    )
    allowed = latest.where("yes_at is not null and (no_at is null or no_at < yes_at)").select("customer_id", "called")
    named = options.withColumn("called", F.lower(F.btrim("channel", F.lit(WHITE))))
    return named.join(allowed, on=["customer_id", "called"], how="left_semi").select(*options.columns)
