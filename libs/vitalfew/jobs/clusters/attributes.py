"""What is known of customers besides their orders, as categories: each value, and not knowing, is a level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.canonical import Item

AttributeName = Literal[
    "is_member",
    "age_band",
    "gender",
    "income_band",
    "marital_status",
    "occupation",
    "home_ownership",
    "household",
    "household_size",
    "children",
    "region",
]


@dataclass(frozen=True)
class Level:
    """One value of an attribute; or its absence (`value` is None); or all values but `others`, the frequent ones."""

    attribute: AttributeName
    value: str | None
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As a feature is called: `age_band=45-54`, `age_band missing`, `age_band other`."""
        if self.others:
            return f"{self.attribute} other"
        return f"{self.attribute} missing" if self.value is None else f"{self.attribute}={self.value}"

    @property
    def item(self) -> Item:
        """What is said of customers at this level: one of the messages `clusters.trait`."""
        attribute = {"attribute": self.attribute}
        if self.others:
            return Item("other", attribute)
        if self.value in ("true", "false"):
            return Item("is" if self.value == "true" else "is_not", attribute)
        return Item("not_known", attribute) if self.value is None else Item("value", attribute | {"value": self.value})

    @property
    def item_where_rare(self) -> Item | None:
        """What is said of those who are seldom at this level: nothing, except that it is known."""
        return Item("known", {"attribute": self.attribute}) if self.value is None and not self.others else None

    @property
    def indicator(self) -> Column:
        """1.0 for customers at this level, 0.0 for the others."""
        known = F.col(self.attribute)
        if self.others:
            holds = F.coalesce(~known.isin(*self.others), F.lit(False))
        else:
            holds = known.isNull() if self.value is None else F.coalesce(known == F.lit(self.value), F.lit(False))
        return holds.cast("double")


def with_attributes(customers: DataFrame, profile: DataFrame, names: Sequence[AttributeName]) -> DataFrame:
    """Every customer with the attributes as text; NULL where the profile does not say or has no such customer."""
    if not names:
        return customers
    known = profile.select("customer_id", *[F.col(name).cast("string").alias(name) for name in names])
    return customers.join(known, on="customer_id", how="left")


def levels(customers: DataFrame, names: Sequence[AttributeName], most: int) -> list[Level]:
    """The levels that occur: of each attribute the `most` frequent values, the rest as one, and the absence of any."""
    if not names:
        return []
    pairs = F.inline(F.array(*[F.struct(F.lit(name).alias("attribute"), F.col(name).alias("value")) for name in names]))
    of_attribute = Window.partitionBy("attribute", F.col("value").isNull())
    ranked = (
        customers.select(pairs)
        .groupBy("attribute", "value")
        .agg(F.count("*").alias("n"))
        .select("attribute", "value", F.row_number().over(of_attribute.orderBy(F.desc("n"), "value")).alias("rank"))
        .where(F.col("rank") <= most + 1)
    )
    found = sorted(collect_rows(ranked, "levels of attributes"), key=lambda row: (row["value"] is None, row["rank"]))
    result = []
    for name in names:
        values = [row["value"] for row in found if row["attribute"] == name]
        frequent = tuple(value for value in values if value is not None)[:most]
        result += [Level(name, value) for value in frequent]
        result += [Level(name, None, frequent)] if len(values) - values.count(None) > most else []
        result += [Level(name, None)] if None in values else []
    return result
