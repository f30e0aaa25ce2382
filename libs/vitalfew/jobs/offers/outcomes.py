"""Whether an offer may be made now: the newest word about the event, consent, and caps."""

from __future__ import annotations

from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.domain.arms import is_control
from vitalfew.domain.consents import WITHDRAWN, compared, is_granted, last_said, state
from vitalfew.jobs.offers.params import OffersParams
from vitalfew.jobs.offers.reached import moment
from vitalfew.jobs.offers.tables import OFFERED, WITHHELD
from vitalfew.messages.sentences import choose, say

MADE = "offered"


def contacts(offers: DataFrame, treatments: DataFrame, params: OffersParams, now: datetime) -> DataFrame:
    """customer_id and `contacts`: offers made, and treatments that reached the customer, in the last days."""
    first = moment(now - timedelta(days=params.contact_cap_days))
    made = offers.where((F.col("state") == OFFERED) & (F.col("made_at") >= first)).select("customer_id")
    came = treatments.where(~is_control("arm") & (F.col("reached_at") >= first)).select("customer_id")
    return made.unionByName(came).groupBy("customer_id").agg(F.count(F.lit(1)).alias("contacts"))


def with_consent(
    frame: DataFrame, consents: DataFrame, params: OffersParams, are_there: bool, until: Column
) -> DataFrame:
    """`frame` with `_consent`: granted, withdrawn or unknown, by the channel of the offer; granted without a table.

    `until`: a yes that is dated later does not count yet.
    """
    if not are_there:
        return frame.withColumn("_consent", F.lit("granted"))
    said = last_said(consents, (params.consent_purpose,), params.granted_states, F.col("since") <= until)
    word = F.when(is_granted(), "granted").otherwise(state(0))
    known = said.select("customer_id", F.col("called").alias("_called"), word.alias("_consent"))
    return frame.withColumn("_called", compared("channel")).join(known, on=["customer_id", "_called"], how="left")


def hindrance(oldest: Column) -> Column:
    """Why no offer is made, apart from caps: the first reason that holds; NULL where none does."""
    return (
        F.when(F.col("step") > F.col("last_steps"), "corrected")
        .when(F.col("changed_at") < oldest, "too_late")
        .when(F.col("step") < F.col("last_steps"), "passed_over")
        .when(F.col("offer").isNull(), "no_rule")
        .when(F.col("_consent") == WITHDRAWN, "withdrawn")
        .when(F.coalesce("_consent", F.lit("unknown")) != "granted", "no_consent")
    )


def decided(frame: DataFrame, params: OffersParams, oldest: Column) -> DataFrame:
    """`frame` with its outcome and state; of one customer's offers in a batch, those said first come first.

    What was said before `oldest` gets no offer any more.
    """
    found = frame.withColumn("_why", hindrance(oldest))
    order = ("changed_at", "kind", "event_id", "step")
    before = Window.partitionBy("customer_id").orderBy(*order).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    had = F.coalesce("contacts", F.lit(0)) + F.count_if(F.col("_why").isNull()).over(before)
    capped = found.withColumn("_contacts", had)
    is_over = F.col("_why").isNull() & (F.col("_contacts") > params.contact_cap)
    whole = capped.withColumn("_why", F.when(is_over, "cap").otherwise(F.coalesce("_why", F.lit(MADE))))
    days = F.lit(params.contact_cap_days)
    by_cap = say("offers.outcome.cap", contacts=F.lit(params.contact_cap), days=days)
    others = [name for name in PLAIN if name != MADE]
    outcome = choose(
        (F.col("_why") == "cap", by_cap),
        *[(F.col("_why") == name, say(f"offers.outcome.{name}")) for name in others],
        otherwise=say(f"offers.outcome.{MADE}"),
    )
    is_made = F.col("_why") == MADE
    return whole.select("*", *outcome.named("outcome"), F.when(is_made, OFFERED).otherwise(WITHHELD).alias("state"))


PLAIN = (MADE, "corrected", "too_late", "passed_over", "no_rule", "withdrawn", "no_consent")
"""Outcomes whose sentence has no numbers."""


def send_from(params: OffersParams, now: Column | None) -> Column:
    """The first moment that is not in the quiet hours, from the word about the event on, and from `now`.

    `now` is on the clock of the shop; None where nobody knows what that says.
    """
    at = F.col("changed_at") if now is None else F.greatest("changed_at", now)
    day = F.date_trunc("day", at)
    opens = F.make_dt_interval(F.lit(0), F.lit(params.quiet_until))
    tomorrow = day + F.make_dt_interval(F.lit(1), F.lit(params.quiet_until))
    hour = F.hour(at)
    open_hours = F.when(hour >= params.quiet_from, tomorrow).when(hour < params.quiet_until, day + opens).otherwise(at)
    always = [name for name, kind in params.kinds.items() if kind.around_the_clock]
    return F.when(F.col("kind").isin(always), at).otherwise(open_hours) if always else open_hours
