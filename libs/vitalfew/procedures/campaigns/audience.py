"""Who is in a file: the customers whom the plan gives something by a channel, without those who are left out."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best
from vitalfew.domain.consents import UNKNOWN, WITHDRAWN, compared, last_said, state
from vitalfew.jobs.actions.tables import CONTROL
from vitalfew.jobs.campaigns.params import CUSTOMER_ID, PLAN_COLUMNS, CampaignFile, CampaignsParams
from vitalfew.procedures.campaigns.sources import Sources
from vitalfew.white_space import WHITE, trimmed

MOST_VALUES = 10
"""Of one kind for one customer: the newest are tried, until one can be used."""
ASSUMED = "assumed"


@dataclass(frozen=True)
class Audience:
    """One file: `members` are all who might be in it, with their `outcome` (NULL: in it, as far as tables tell).

    Beside it they have `states`, what they said to each purpose.
    `left_alone` are customers, in the plan or not, whom nobody may reach through another account either.
    """

    file: CampaignFile
    members: DataFrame
    left_alone: DataFrame


def of_channel(plan: DataFrame, file: CampaignFile) -> DataFrame:
    """The rows of the plan that go by the channel of a file, those of the control arm too."""
    mine = plan.where(F.col("called") == trimmed(file.channel).lower())
    return mine.where(F.col("action").isin(list(file.actions))) if file.actions else mine


def audience(sources: Sources, file: CampaignFile, params: CampaignsParams, listed: DataFrame) -> Audience:
    """Who might be in a file, and why not; `listed` (customer_id) asked to be left alone."""
    held_out = sources.plan.where(F.col("arm") == CONTROL).select(CUSTOMER_ID).distinct()
    said = states(sources, file, params)
    everybody = of_channel(sources.plan, file).select(CUSTOMER_ID).distinct()
    known = (
        everybody.join(flagged(held_out, "is_held_out"), on=CUSTOMER_ID, how="left")
        .join(flagged(listed, "is_listed"), on=CUSTOMER_ID, how="left")
        .join(said, on=CUSTOMER_ID, how="left")
        .join(flagged(reachable(sources, file, params), "has_contact"), on=CUSTOMER_ID, how="left")
        .join(flagged(with_products(sources, file), "has_products"), on=CUSTOMER_ID, how="left")
    )
    members = known.select(CUSTOMER_ID, outcome(file, sources.has_consents), stated(file, sources.has_consents))
    withdrawn = said.where(any_is(file, WITHDRAWN)).select(CUSTOMER_ID)
    return Audience(file, members, held_out.unionByName(withdrawn).unionByName(listed).distinct())


def flagged(customers: DataFrame, name: str) -> DataFrame:
    return customers.select(CUSTOMER_ID, F.lit(True).alias(name))


def purposes(file: CampaignFile) -> tuple[str, ...]:
    """Those that are needed, then those by which files are told apart."""
    return file.needed_purposes + file.other_purposes


def states(sources: Sources, file: CampaignFile, params: CampaignsParams) -> DataFrame:
    """customer_id, state_0 …: what customers said last to each purpose by the channel of a file."""
    channel = trimmed(file.consent_channel or file.channel).lower()
    is_past = F.col("since") <= F.lit(sources.said_until)
    latest = last_said(sources.consents, purposes(file), params.granted_states, is_past).where(
        F.col("called") == channel
    )
    return latest.select(CUSTOMER_ID, *[state(i).alias(f"state_{i}") for i, _ in enumerate(purposes(file))])


def any_is(file: CampaignFile, value: str) -> Column:
    """Whether one of the purposes that are needed has this state."""
    found = F.lit(False)
    for i, _ in enumerate(file.needed_purposes):
        found = found | (F.coalesce(f"state_{i}", F.lit(UNKNOWN)) == value)
    return found


def outcome(file: CampaignFile, has_consents: bool) -> Column:
    """Why a customer is left out, the first reason that holds; NULL where none does."""
    found = F.when(F.col("is_held_out"), "held_out").when(F.col("is_listed"), "do_not_contact")
    if has_consents:
        found = found.when(any_is(file, WITHDRAWN), "withdrawn").when(any_is(file, UNKNOWN), "no_consent")
    if file.reached_by:
        found = found.when(F.col("has_contact").isNull(), "no_contact")
    if file.content == "catalogue":
        found = found.when(F.col("has_products").isNull(), "no_products")
    return found.alias("outcome")


def stated(file: CampaignFile, has_consents: bool) -> Column:
    otherwise = F.lit(UNKNOWN if has_consents else ASSUMED)
    return F.array(*[F.coalesce(f"state_{i}", otherwise) for i, _ in enumerate(purposes(file))]).alias("states")


def values(sources: Sources, params: CampaignsParams, columns: tuple[str, ...]) -> DataFrame:
    """customer_id, column, value, updated_at: contacts for these columns of a file, each value of a customer once."""
    kind, column = compared("kind"), F.lit(None).cast("string")
    for name in reversed(columns):
        column = F.when(kind.isin(*params.kinds_of(name)), name).otherwise(column)
    named = sources.contacts.select(CUSTOMER_ID, column.alias("column"), "value", "updated_at")
    is_one = F.col("column").isNotNull() & (F.btrim("value", F.lit(WHITE)) != "")
    return named.where(is_one).groupBy(CUSTOMER_ID, "column", "value").agg(F.max("updated_at").alias("updated_at"))


def reachable(sources: Sources, file: CampaignFile, params: CampaignsParams) -> DataFrame:
    """Customers with a contact by which the file may reach them, usable or not."""
    return values(sources, params, file.reached_by).select(CUSTOMER_ID).distinct()


def with_products(sources: Sources, file: CampaignFile) -> DataFrame:
    """Customers to whom a catalogue has something to show."""
    return catalogue(sources, file).select(CUSTOMER_ID).distinct()


def catalogue(sources: Sources, file: CampaignFile) -> DataFrame:
    """customer_id, rank, product_id, product_reason: what is recommended to each customer, the first few."""
    shown = sources.recommendations.where(F.col("rank") <= file.products)
    return shown.select(CUSTOMER_ID, "rank", "product_id", F.col("reason").alias("product_reason"))


def contacts(sources: Sources, params: CampaignsParams, columns: tuple[str, ...], of: DataFrame) -> DataFrame:
    """customer_id, and for each column a list of values, newest first: of the customers `of`; never staged."""
    theirs = values(sources, params, columns).join(of.select(CUSTOMER_ID), on=CUSTOMER_ID, how="left_semi")
    newest = (F.col("updated_at").desc_nulls_last(), F.col("value"))
    some = best(theirs, MOST_VALUES, (CUSTOMER_ID, "column"), newest)
    listed = []
    for name in columns:
        ranked = F.sort_array(F.collect_list(F.when(F.col("column") == name, F.struct("rank", "value"))))
        listed.append(F.transform(ranked, lambda each: each["value"]).alias(values_for(name)))
    return some.groupBy(CUSTOMER_ID).agg(*listed)


def values_for(column: str) -> str:
    """How the list of values for a column of a file is called."""
    return f"{column}_values"


def rows(sources: Sources, params: CampaignsParams, file: CampaignFile, members: DataFrame) -> DataFrame:
    """The rows of a file, with the contacts of each customer, ordered by customer; without those left out."""
    inside = members.where("outcome is null").select(CUSTOMER_ID, "states")
    given = of_channel(sources.plan, file).where(F.col("arm") != CONTROL)
    of_plan = given.select(CUSTOMER_ID, *[F.col("campaign" if n == "round" else n).alias(n) for n in PLAN_COLUMNS])
    order = ["action"]
    if file.of_platform.is_hashed or file.content == "catalogue":
        of_plan = best(of_plan, 1, (CUSTOMER_ID,), (F.col("action"),)).drop("rank")
    if file.content == "catalogue":
        named = sources.products.select("product_id", F.col("name").alias("product"))
        shown = catalogue(sources, file).join(named, on="product_id", how="left")
        of_plan, order = of_plan.join(shown, on=CUSTOMER_ID, how="inner"), ["rank"]
    whole = of_plan.join(inside, on=CUSTOMER_ID, how="inner")
    if file.contact_columns:
        whole = whole.join(contacts(sources, params, file.contact_columns, inside), on=CUSTOMER_ID, how="left")
    used = {*file.columns, *order, CUSTOMER_ID, "states", *map(values_for, file.contact_columns)}
    return whole.select(*[name for name in whole.columns if name in used]).orderBy(CUSTOMER_ID, *order)
