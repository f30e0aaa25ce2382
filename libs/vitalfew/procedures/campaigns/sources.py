"""What campaign files are made of: the plan of one day, and what is known of its customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.consents import compared
from vitalfew.errors import ConfigError, TableError, hint
from vitalfew.jobs.actions.tables import CUSTOMER_ACTIONS, PLAN_LIMITS
from vitalfew.jobs.campaigns.params import CampaignsParams
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.procedures.context import Reader
from vitalfew.storage import suppression
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.sources import CONSENTS, CONTACTS, PRODUCTS
from vitalfew.white_space import trimmed

READ = (CUSTOMER_ACTIONS, PLAN_LIMITS, CONTACTS, CONSENTS, RECOMMENDATIONS, PRODUCTS)
MOST_SLICES = 100_000


@dataclass(frozen=True)
class Day:
    """The day of a plan, and the last on which it may be sent."""

    as_of: date
    until: date


@dataclass(frozen=True)
class Sources:
    """Of `plan` the rows of one day, without forgotten customers, whose rows are `forgotten` (None: there are none)."""

    plan: DataFrame
    forgotten: DataFrame | None
    contacts: DataFrame
    consents: DataFrame
    recommendations: DataFrame
    products: DataFrame
    has_consents: bool
    said_until: datetime


def refuse_missing(storage: Storage, params: CampaignsParams) -> None:
    """TableError where a table is not there without which nothing can be written."""
    files = params.files.items()
    if not storage.exists(CUSTOMER_ACTIONS):
        raise TableError(f"There is no plan: run it first: vitalfew run actions{storage.named}")
    joined = [name for name, file in files if file.contact_columns]
    if joined and not storage.exists(CONTACTS):
        raise TableError(
            f"There is no table contacts, and files.{joined[0]} holds contacts: name it under `sources` of "
            f"{storage.called}, or ingest files of contacts."
        )
    if not storage.exists(CONSENTS) and not params.assume_consent:
        raise TableError(
            "There is no table consents, so nobody is known to have consented: name it under `sources` of "
            f"{storage.called}, or ingest files of consents. If all have consented, and you answer for that: "
            "assume_consent: true"
        )
    shown = [name for name, file in files if file.content == "catalogue"]
    if shown and not storage.exists(RECOMMENDATIONS):
        raise TableError(
            f"There are no recommendations for the catalogue files.{shown[0]}: run them first: "
            f"vitalfew run recommendations{storage.named}"
        )


def day_of(published: Reader) -> Day:
    """The day that was asked for, or the last with a plan; TableError where it has none."""
    of_days = published.read_or_empty(CUSTOMER_ACTIONS).groupBy("as_of").agg(F.max("send_until").alias("until"))
    found = {row["as_of"]: row["until"] for row in collect_rows(of_days, "days of plans", MOST_SLICES)}
    if not found:
        raise TableError("The plan is empty: nobody gets anything, so there is nothing to write.")
    day = published.as_of or max(found)
    if day not in found:
        raise TableError(f"There is no plan of {day}; there are plans of {', '.join(map(str, sorted(found)[-5:]))}.")
    return Day(day, found[day])


def stale(day: Day, now: datetime) -> list[str]:
    """A warning where the plan is of a time that is over."""
    late = (now.date() - day.until).days
    return [f"WARNING: the plan of {day.as_of} was to be sent until {day.until}, {late} days ago"] if late > 0 else []


def refuse_unknown_channels(published: Reader, params: CampaignsParams, day: Day) -> None:
    """ConfigError where a file is for a channel that the plan does not know."""
    limits = published.read_or_empty(PLAN_LIMITS).where("kind = 'channel'").select("as_of", "name")
    rows = published.read_or_empty(CUSTOMER_ACTIONS).select("as_of", F.col("channel").alias("name"))
    every = limits.unionByName(rows).where(F.col("as_of") == F.lit(day.as_of)).select("name").distinct()
    known = {trimmed(row["name"]).lower() for row in collect_rows(every, "channels")}
    for name, file in params.files.items():
        if trimmed(file.channel).lower() not in known:
            raise ConfigError(
                f"files.{name}.channel: nobody has the channel {file.channel!r} in the plan of {day.as_of}; "
                f"{hint(file.channel, known)}"
            )


def opened(storage: Storage, published: Reader, day: Day, now: datetime) -> Sources:
    """What is published, the plan staged; forgotten customers are not in it, wherever they came back from.

    A yes counts that was said until `now`, after the plan was made too. Clocks of shops are a day from UTC at most.
    """
    of_day = published.read_or_empty(CUSTOMER_ACTIONS).where(F.col("as_of") == F.lit(day.as_of)).drop("as_of")
    plan, forgotten = suppression.apart(storage, of_day.withColumn("called", compared("channel")))

    def on_the_day(table: Table) -> DataFrame:
        return published.read_or_empty(table).where(F.col("as_of") == F.lit(day.as_of)).drop("as_of")

    return Sources(
        storage.stage(plan),
        forgotten,
        published.read_or_empty(CONTACTS),
        published.read_or_empty(CONSENTS),
        on_the_day(RECOMMENDATIONS),
        published.read_or_empty(PRODUCTS),
        storage.exists(CONSENTS),
        now + timedelta(days=1),
    )
