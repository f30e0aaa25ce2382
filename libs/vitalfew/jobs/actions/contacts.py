"""Who was contacted lately, by whatever plan, and who may be contacted by which channel."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.known_text import bare
from vitalfew.domain.arms import is_control
from vitalfew.domain.consents import compared, is_granted, last_said
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import EXPLORE, PLAN
from vitalfew.white_space import trimmed

CONTACT = ("customer_id", "action", "assigned_on", "contact_on", "is_left_out")


def remembered_days(params: ActionsParams) -> int:
    """Days before as_of in which a contact still counts."""
    return max(params.rest_days, params.cool_down_days, params.contact_cap_days)


def recent_contacts(treatments: DataFrame, before: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """CONTACT, each once: what earlier plans gave and what `treatments` has.

    A plan counts though nobody has sent it yet. One that was fed back as treatments counts once. `contact_on`: when it
    was to come, or came. `is_left_out`: of a control arm of this round, so nothing came; those of others are not there.
    """
    own = {name: action.measured_as for name, action in params.actions.items()}
    called = F.lower(bare("action"))
    name = F.coalesce(
        *[F.when(called.isin(*[trimmed(each).lower() for each in names]), key) for key, names in own.items() if names],
        called,
    )
    assigned_on, reached_on = F.col("assigned_at").cast("date"), F.col("reached_at").cast("date")
    came_on = F.greatest(assigned_on, F.when(reached_on < F.lit(as_of), reached_on))
    round_of = bare("campaign")
    is_own = F.coalesce(round_of.isin(*[trimmed(each) for each in (params.campaign, exploring(params))]), F.lit(False))
    counts, left_out = ~is_control("arm") | is_own, is_control("arm").alias("is_left_out")
    logged = treatments.where(counts).select(
        "customer_id", name.alias("action"), assigned_on.alias("assigned_on"), came_on.alias("contact_on"), left_out
    )
    planned = before.where(counts).select(*CONTACT[:3], contact_on().alias("contact_on"), left_out)
    is_recent = is_remembered(F.col("contact_on"), F.col("assigned_on"), params, as_of)
    return (
        logged.unionByName(planned)
        .where(is_recent)
        .groupBy(*CONTACT[:3])
        .agg(F.max("contact_on").alias("contact_on"), F.min("is_left_out").alias("is_left_out"))
    )


def exploring(params: ActionsParams) -> str:
    """The campaign of those who explore."""
    return f"{params.campaign} {EXPLORE}"


def contact_on() -> Column:
    """When a planned contact was to come."""
    return F.coalesce("send_on", "assigned_on")


def is_remembered(contact: Column, assigned: Column, params: ActionsParams, as_of: date) -> Column:
    """Whether a contact of an earlier plan may still count."""
    first = days_after(as_of, -remembered_days(params))
    return (contact >= F.lit(first)) & (assigned < F.lit(as_of))


def with_contacts(customers: DataFrame, recent: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """`customers` with `room`: how many contacts are allowed now; and `is_resting`: whether contacts left none.

    Who is held out rests after a contact that did not come, as the others do after theirs. Else the control arm would
    still wait for an action that the others have had, and next time the arms of another action would not be alike.
    """
    days = F.datediff(F.lit(as_of), "contact_on")
    came = ~F.col("is_left_out")
    counted = recent.groupBy("customer_id").agg(
        F.count_if(days <= params.contact_cap_days).alias("contacts"),
        F.min(days).alias("rested_days"),
        F.count_if(came & (days <= params.contact_cap_days)).alias("contacts_that_came"),
        F.min(F.when(came, days)).alias("rested_days_that_came"),
    )
    really = room_after(F.col("contacts_that_came"), F.col("rested_days_that_came"), params)
    alike = room_after(F.col("contacts"), F.col("rested_days"), params)
    room = F.when(F.col("group") == PLAN, really).otherwise(alike)
    whole = customers.join(counted, on="customer_id", how="left")
    return whole.select(*customers.columns, room.alias("room"), (really == 0).alias("is_resting"))


def overlapping(before: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """What earlier plans gave on the last days, whose period is not over: the limits of this plan do not count it."""
    first = days_after(as_of, -(params.period_days - 1))
    return before.where(
        ~is_control("arm") & (F.col("assigned_on") >= F.lit(first)) & (F.col("assigned_on") < F.lit(as_of))
    )


def room_after(contacts: Column, rested_days: Column, params: ActionsParams) -> Column:
    """How many contacts are allowed after so many, the last of them so many days ago."""
    left = F.least(F.lit(params.max_actions), F.lit(params.contact_cap) - F.coalesce(contacts, F.lit(0)))
    is_resting = F.coalesce(rested_days <= params.rest_days, F.lit(False))
    return F.when(is_resting, 0).otherwise(F.greatest(left, F.lit(0))).cast("int")


def cooled_down(options: DataFrame, recent: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """`options` without an action that the customer got, or would have got, in the last `cool_down_days`."""
    hot = recent.where(F.datediff(F.lit(as_of), "contact_on") <= params.cool_down_days)
    by_action = hot.groupBy("customer_id", "action").agg(F.min("is_left_out").alias("_is_left_out"))
    whole = options.join(by_action, on=["customer_id", "action"], how="left")
    is_cool = F.col("_is_left_out").isNull() | (F.col("_is_left_out") & (F.col("group") == PLAN))
    return whole.where(is_cool).select(*options.columns)


def are_there(consents: DataFrame) -> bool:
    """Whether anything is known of consents."""
    return bool(collect_rows(consents.select("channel").limit(1), "consents"))


def reachable(
    customers: DataFrame, consents: DataFrame, has_consents: bool, params: ActionsParams, as_of: date
) -> DataFrame:
    """customer_id of those who said yes to a channel of next_product; of all, where nothing is known of consents."""
    everybody = customers.select("customer_id")
    if not has_consents or "next_product" not in params.actions:
        return everybody
    channels = F.explode(F.array(*[F.lit(name) for name in params.actions["next_product"].channels]))
    asked = everybody.select("customer_id", channels.alias("channel"))
    return consented(asked, consents, params, as_of).select("customer_id").distinct()


def consented(options: DataFrame, consents: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """`options` by channels to which the customer said yes, and has not said no since."""
    is_past = F.col("since").cast("date") < F.lit(as_of)
    latest = last_said(consents, (params.consent_purpose,), params.granted_states, is_past)
    allowed = latest.where(is_granted()).select("customer_id", "called")
    named = options.withColumn("called", compared("channel"))
    return named.join(allowed, on=["customer_id", "called"], how="left_semi").select(*options.columns)
