"""What is known of each customer: attributes as text or whole numbers, and figures as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.jobs.lifecycle.tables import KNOWN as KNOWN_MILESTONE
from vitalfew.jobs.micro_segments.params import PROFILE, Attribute, MicroSegmentsParams, TargetName

LARGEST = 1e13
"""Of a figure as a whole number; more counts as this."""
DAYS_OF_WEEK = 7
SALT = "micro_segments"
"""Before the id of a customer, when the halves are drawn: other halves than those of other jobs."""
UNKNOWN = "unknown"
NOT_KNOWN = (UNKNOWN, "not known", "未知")
"""Texts that say what NULL says: a group of these would have the name of the other."""
HALF, SPEND = "half", "spend_cents"
BANDED: tuple[Attribute, ...] = ("rhythm", "tenure")
"""Attributes that are numbers, cut into bands."""


@dataclass(frozen=True)
class Target:
    """A figure: in how many parts of 1 it is counted, whether it is capped, and what says of how much it is a mean."""

    column: str
    parts: int
    is_capped: bool
    own: str | None = None

    @property
    def least(self) -> int:
        """The least difference that matters, in parts."""
        return LEAST_OF_SHARES if self.parts == MOST_OF_SHARES else 0

    @property
    def is_money(self) -> bool:
        return self.parts == CENTS and self.column != "gap_days"


CENTS, MOST_OF_SHARES = 100, 100_000
LEAST_OF_SHARES = 1_000
"""A percentage point: nobody treats groups apart whose shares differ by less."""
TARGETS: Mapping[TargetName, Target] = {
    "spend": Target("monetary", CENTS, True),
    "average_order_value": Target("average_order_value", CENTS, True, "frequency"),
    "return_probability": Target("p_return_90", MOST_OF_SHARES, False),
    "gap_days": Target("gap_days", CENTS, True),
    "discount_share": Target("promotion_share", MOST_OF_SHARES, False, "priced_purchases"),
    "expected_value": Target("expected_value", CENTS, True),
}


def figure(name: TargetName) -> str:
    """The column of a figure."""
    return f"figure_{name}"


def own(name: TargetName) -> str:
    """The column that says of how many orders or purchases it is a mean."""
    return f"own_{name}"


def people(known: Mapping[str, DataFrame], params: MicroSegmentsParams) -> DataFrame:
    """One row per customer of rfm: half, spend_cents, segment, the attributes, and the figures.

    What follows from no table is NULL, and so is a text that says so. Accounts of one person are in one half: what is
    known of the person, as the promotions, is the same of each, and would confirm itself.
    """
    joined = known["rfm"].select("customer_id", "segment", "monetary", "average_order_value", "frequency")
    for part in parts(known, params):
        joined = joined.join(part, on="customer_id", how="left")
    person = F.coalesce("person_id", "customer_id")
    half = F.pmod(F.xxhash64(F.concat(F.lit(SALT), person)), F.lit(2)).cast("int")
    names = dict.fromkeys(("segment", *params.attributes))
    return joined.select(
        "customer_id",
        half.alias(HALF),
        whole(F.col("monetary"), CENTS).alias(SPEND),
        *[attribute(name).alias(name) for name in names],
        *[column for name in params.targets for column in figures(name)],
    )


def attribute(name: Attribute) -> Column:
    if name in BANDED:
        return F.col(name).cast("int")
    text = F.col(name).cast("string")
    return F.when(~F.lower(F.trim(text)).isin(*NOT_KNOWN), text) if name in PROFILE else text


def figures(name: TargetName) -> list[Column]:
    target = TARGETS[name]
    counted = F.col(target.column)
    own_n = F.col(target.own).cast("bigint") if target.own else F.lit(None).cast("bigint")
    return [whole(counted, target.parts).alias(figure(name)), F.when(own_n > 0, own_n).alias(own(name))]


def whole(amount: Column, parts: int) -> Column:
    """`amount` in parts of which 1 has `parts`, as a whole number."""
    scaled = F.floor(amount.cast("double") * F.lit(float(parts)) + F.lit(0.5)).cast("double")
    within = F.least(F.greatest(scaled, F.lit(-LARGEST)), F.lit(LARGEST))
    return F.when(amount.isNotNull(), within).cast("bigint")  # the least of NULL and a number is that number


def parts(known: Mapping[str, DataFrame], params: MicroSegmentsParams) -> list[DataFrame]:
    """One frame per table, each with one row per customer at most."""
    gap = F.when(F.col("repeats") > 0, F.col("gap_days"))  # else it is that of all
    on_clock = known["next_purchase"].select(
        "customer_id",
        F.when(F.col("status") != UNKNOWN, F.col("status")).alias("status"),
        "p_return_90",
        gap.alias("gap_days"),
        F.floor(gap).cast("int").alias("rhythm"),
        F.floor(F.col("age_weeks") * F.lit(DAYS_OF_WEEK) + F.lit(0.5)).cast("int").alias("tenure"),
    )
    horizon = known["purchase_forecast"].where(F.col("horizon_days") == params.horizon_days)
    of_person = known["customer360"].select("person_id", "promotion_share", "priced_purchases")
    persons = known["identities"].select("customer_id", "person_id").join(of_person, on="person_id", how="left")
    return [
        known["customer_profile"].select("customer_id", *PROFILE),
        known["clusters"].select("customer_id", "cluster"),
        on_clock,
        horizon.select("customer_id", "expected_value"),
        stages(known["customer_stages"]),
        persons,
    ]


def stages(customer_stages: DataFrame) -> DataFrame:
    """The stage of each customer with a known milestone: with several, the first by ladder and stage.

    Inferred stages follow from what was bought, and so from how much: they are left out, and so are those that begin
    with a purchase.
    """
    named = F.concat_ws(": ", "ladder", "stage")
    of_known = customer_stages.where(F.col("source") == KNOWN_MILESTONE)
    return of_known.groupBy("customer_id").agg(F.min(named).alias("stage"))
