"""Which rows of situations can be used, and which steps they reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio_to_digits
from vitalfew.dataframes.top_n import best
from vitalfew.domain.consents import compared
from vitalfew.jobs.offers.params import OffersParams
from vitalfew.jobs.offers.tables import OFFERS

EVENT = ("kind", "event_id", "customer_id")
AHEAD = timedelta(days=1)
"""Clocks of shops are a day from UTC at most: what was said later than that is a mistake."""


def moment(at: datetime) -> Column:
    """A moment, whatever the zone of this machine."""
    return F.lit(at.strftime("%Y-%m-%d %H:%M:%S.%f")).cast("timestamp")


def shop_moment(at: datetime, zone: str | None) -> Column:
    """A moment of UTC on the clock of the shop; where its zone is not known, on that of UTC."""
    return moment(at) if zone is None else F.from_utc_timestamp(moment(at), zone)


def of_kind(params: OffersParams, setting: str) -> Column:
    """A setting of the kind of each row; NULL of kinds that have no rules."""
    found = F.lit(None).cast("double")
    for name, kind in params.kinds.items():
        found = F.when(F.col("kind") == name, F.lit(float(getattr(kind, setting)))).otherwise(found)
    return found


def judged(rows: DataFrame, params: OffersParams, latest: Column) -> DataFrame:
    """`rows` of situations with `refused`: why a row cannot be used, NULL where it can.

    What was said later than `latest` is a mistake.
    """
    named = rows.withColumn("kind", compared("kind"))
    minutes = F.col("minutes_lost")
    why = (
        F.when(F.col("customer_id").isNull() | (F.btrim("customer_id") == ""), "no_customer")
        .when(F.col("event_id").isNull() | (F.btrim("event_id") == ""), "no_event")
        .when(of_kind(params, "step_minutes").isNull(), "no_rules")
        .when(F.col("changed_at").isNull(), "no_time")
        .when(F.col("changed_at") > latest, "future")
        .when(minutes.isNull() | F.isnan(minutes), "no_minutes")
        .when(minutes > of_kind(params, "most_minutes"), "too_many_minutes")
    )
    return named.withColumn("refused", why)


def steps(minutes: Column, params: OffersParams) -> Column:
    """How many whole steps `minutes` have reached, at most most_steps."""
    whole = F.floor(ratio_to_digits(F.greatest(minutes, F.lit(0.0)), of_kind(params, "step_minutes")))
    return F.least(whole.cast("double"), of_kind(params, "most_steps")).cast("int")


def reached(good: DataFrame, params: OffersParams) -> DataFrame:
    """One row for each step that a customer's event has reached by these rows: from 1 to that of the most minutes.

    So which rows there are does not depend on how the rows of situations were cut into batches, nor on their order.
    """
    order = (F.desc("minutes_lost"), F.desc("changed_at"), F.desc_nulls_last("happened_at"))
    most = best(good, 1, EVENT, order).withColumn("_steps", steps(F.col("minutes_lost"), params)).where("_steps > 0")
    step = F.explode(F.sequence(F.lit(1), F.col("_steps"))).alias("step")
    return most.select(*EVENT, step, "minutes_lost", "happened_at", "changed_at")


def without_known(candidates: DataFrame, offers: DataFrame) -> DataFrame:
    """`candidates` whose step has no row in `offers`."""
    return candidates.join(offers.select(*OFFERS.key), on=list(OFFERS.key), how="left_anti")


def last_steps(good: DataFrame, params: OffersParams) -> DataFrame:
    """EVENT and `last_steps`: the steps by the newest word about each event; of one moment the most minutes count."""
    order = (F.desc("changed_at"), F.desc("minutes_lost"), F.desc_nulls_last("happened_at"))
    newest = best(good, 1, EVENT, order)
    return newest.select(*EVENT, steps(F.col("minutes_lost"), params).alias("last_steps"))
