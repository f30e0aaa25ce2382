"""Which rule counts for a customer, and what it offers, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.known_text import bare
from vitalfew.jobs.offers.params import OffersParams, Rule
from vitalfew.jobs.offers.tables import KindName
from vitalfew.messages.sentences import choose, say
from vitalfew.white_space import trimmed

MONEY = "decimal(18,2)"


def rules(params: OffersParams) -> Iterator[tuple[KindName, int, Rule]]:
    """Every rule with its kind and its number in it, from 1."""
    for name, kind in params.kinds.items():
        for i, rule in enumerate(kind.rules, 1):
            yield name, i, rule


def attributes(params: OffersParams) -> list[str]:
    """The columns of customers by which rules choose."""
    return sorted({name for _, _, rule in rules(params) for name in rule.attributes})


def with_who(candidates: DataFrame, rfm: DataFrame, customers: DataFrame, params: OffersParams) -> DataFrame:
    """`candidates` with the segment of rfm, and the attributes by which rules choose, in lower case (`_<name>`).

    Of a customer who has several rows in `customers`, the greatest value counts.
    """
    names = attributes(params)
    found = candidates.join(rfm.select("customer_id", "segment"), on="customer_id", how="left")
    if not names:
        return found
    values = [F.max(F.lower(bare(F.col(name).cast("string")))).alias(f"_{name}") for name in names]
    return found.join(customers.groupBy("customer_id").agg(*values), on="customer_id", how="left")


def holds(name: KindName, rule: Rule) -> Column:
    """Whether all conditions of a rule hold."""
    parts = [F.col("kind") == name, F.col("step") >= rule.from_step]
    if rule.until_step is not None:
        parts.append(F.col("step") <= rule.until_step)
    if rule.segments:
        parts.append(F.col("segment").isin(*rule.segments))
    for column, values in rule.attributes.items():
        parts.append(F.col(f"_{column}").isin(*[trimmed(value).lower() for value in values]))
    return F.coalesce(reduce(Column.__and__, parts), F.lit(False))


def chosen(candidates: DataFrame, params: OffersParams) -> DataFrame:
    """`candidates`, made by `with_who`, with what the first rule that holds says; NULL where none does."""
    number, every = F.lit(None).cast("int"), list(rules(params))
    for index in range(len(every) - 1, -1, -1):
        name, _, rule = every[index]
        number = F.when(holds(name, rule), F.lit(index)).otherwise(number)
    found = candidates.withColumn("_rule", number)

    def said(values: list[object], type_: str) -> Column:
        column = F.lit(None).cast(type_)
        for index, value in enumerate(values):
            if value is not None:
                column = F.when(F.col("_rule") == index, F.lit(value).cast(type_)).otherwise(column)
        return column

    by = said([", ".join(sorted(rule.attributes)) or None for *_, rule in every], "string")
    return found.withColumns(
        {
            "rule": said([i for _, i, _ in every], "int"),
            "offer": said([rule.offer for *_, rule in every], "string"),
            "channel": said([trimmed(rule.channel) for *_, rule in every], "string"),
            "offer_value": said([rule.value for *_, rule in every], MONEY),
            "_by_segment": F.coalesce(said([bool(rule.segments) for *_, rule in every], "boolean"), F.lit(False)),
            "_by": by,
        }
    )


def with_reason(frame: DataFrame) -> DataFrame:
    """`frame` with the reason of its rule: what happened, and who the customer is, as far as the rule asks for it."""
    own = {
        "kind": F.col("kind"),
        "minutes": F.round("minutes_lost").cast("bigint"),
        "step": F.col("step"),
        "offer": F.coalesce("offer", F.lit("")),
    }
    segment = {"segment": F.coalesce("segment", F.lit(""))}
    by = {"attribute": F.coalesce("_by", F.lit(""))}
    is_made = F.col("offer").isNotNull()
    has_segment, has_attribute = is_made & F.col("_by_segment"), is_made & F.col("_by").isNotNull()
    reason = choose(
        (has_segment & has_attribute, say("offers.reason.segment_and_attribute", **own, **segment, **by)),
        (has_segment, say("offers.reason.segment", **own, **segment)),
        (has_attribute, say("offers.reason.attribute", **own, **by)),
        (is_made, say("offers.reason.everybody", **own)),
    )
    return frame.select("*", *reason.named("reason"))
