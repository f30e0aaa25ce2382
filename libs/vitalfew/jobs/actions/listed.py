"""The list per customer: what was given, when to send it, and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.actions.contacts import contact_on, exploring, is_remembered
from vitalfew.jobs.actions.options import UNITS
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.reasons import promise, reason
from vitalfew.jobs.actions.tables import CONTROL, CUSTOMER_ACTIONS, MONEY, PLANNED_CONTACTS
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import Words

WEEK = 7


def customer_actions(given: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """CUSTOMER_ACTIONS without its texts."""
    last = days_after(as_of, params.period_days - 1)
    dated = given.withColumns({"send_on": send_on(as_of, last)})
    return dated.select(
        *["customer_id", "action", "channel", "campaign", "arm"],
        planned_share(params).alias("planned_share"),
        F.lit(as_of).cast("timestamp").alias("assigned_at"),
        *["tier", "segment", "item", "basis", "assumed_share"],
        F.col("effect").alias("uplift"),
        *["uplift_low", "uplift_high", "p_return"],
        money("worth_units").alias("worth"),
        money("gain_units").alias("expected_gain"),
        money("cost_units").alias("cost"),
        "send_on",
        F.lit(last).alias("send_until"),
        send_hour(params).alias("send_hour"),
        *reason().named("reason"),
        *promise(params).named("promise"),
    )


def planned_share(params: ActionsParams) -> Column:
    """Which share of the customers comes into the arm of a row; of those who explore, each half into one."""
    of_plan = F.when(F.col("arm") == CONTROL, params.hold_out).otherwise(1 - params.hold_out - params.explore)
    return F.when(F.col("campaign") == exploring(params), 0.5).otherwise(of_plan).cast("double")


def in_words(listed: DataFrame, words: Words) -> DataFrame:
    """CUSTOMER_ACTIONS, its texts written out."""
    names = [name for name in CUSTOMER_ACTIONS.columns if name != CUSTOMER_ACTIONS.slice]
    return with_texts(listed, CUSTOMER_ACTIONS, words).select(*names)


def money(units: str) -> Column:
    """Ten-thousandths of the currency as a decimal, exactly."""
    return (F.col(units).cast("decimal(18,0)") * F.lit(1 / Decimal(UNITS))).cast(MONEY)


def send_on(as_of: date, last: date) -> Column:
    """The next best weekday of the customer, if it lies in the period; never before the thing is due."""
    first = F.greatest(F.lit(as_of), F.coalesce("due_on", F.lit(as_of)))
    own = F.pmod(F.dayofweek(first) + F.lit(WEEK - 2), F.lit(WEEK)) + 1
    wished = F.date_add(first, F.pmod(F.col("best_weekday") - own, F.lit(WEEK)).cast("int"))
    return F.when(wished <= F.lit(last), wished).otherwise(first)


def send_hour(params: ActionsParams) -> Column:
    """The own best hour; the nearest that is not quiet where that one is."""
    own = F.coalesce("best_hour", F.lit(params.default_hour))
    return F.greatest(F.least(own, F.lit(params.quiet_from - 1)), F.lit(params.quiet_until)).cast("int")


def contacts_to_remember(listed: DataFrame, before: DataFrame, params: ActionsParams, as_of: date) -> DataFrame:
    """PLANNED_CONTACTS: those of this plan, and those of earlier ones that still count."""
    columns = ["customer_id", "action", "channel", "campaign", "arm", "send_on"]
    still = before.where(is_remembered(contact_on(), F.col("assigned_on"), params, as_of))
    whole = listed.select(*columns, F.lit(as_of).alias("assigned_on")).unionByName(
        still.select(*columns, "assigned_on")
    )
    return whole.select(*[name for name in PLANNED_CONTACTS.columns if name != PLANNED_CONTACTS.slice])
