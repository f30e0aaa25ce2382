"""What customers said last to a kind of contact by a channel."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.white_space import WHITE, trimmed

GRANTED, WITHDRAWN, UNKNOWN = "granted", "withdrawn", "unknown"


def compared(name: str) -> Column:
    """A name as it is compared: in lower case, without white space at its ends."""
    return F.lower(F.btrim(name, F.lit(WHITE)))


def last_said(
    consents: DataFrame, purposes: Sequence[str], granted_states: Sequence[str], is_past: Column
) -> DataFrame:
    """customer_id, called (the channel), and for the i-th of `purposes` yes_at_i and no_at_i: when each was said last.

    A row without a purpose counts for all of them. A yes counts once its time `is_past`, a no at once: its date may be
    off by a clock, a time zone or a year, and nobody is to be contacted for that. Who said nothing has no row.
    """
    state, purpose = compared("state"), F.coalesce(compared("purpose"), F.lit(""))
    is_yes = F.coalesce(state.isin(*[trimmed(name).lower() for name in granted_states]), F.lit(False))
    named = [trimmed(each).lower() for each in purposes]
    said = consents.where(purpose.isin("", *named) & (is_past | ~is_yes)).select(
        "customer_id", compared("channel").alias("called"), purpose.alias("purpose"), is_yes.alias("is_yes"), "since"
    )
    times = []
    for i, each in enumerate(named):
        is_meant = F.col("purpose").isin("", each)
        times.append(F.max(F.when(is_meant & F.col("is_yes"), F.col("since"))).alias(f"yes_at_{i}"))
        times.append(F.max(F.when(is_meant & ~F.col("is_yes"), F.col("since"))).alias(f"no_at_{i}"))
    return said.groupBy("customer_id", "called").agg(*times)


def is_granted(i: int = 0) -> Column:
    """Whether the last word to the i-th purpose is yes. Of two rows of one moment the no counts."""
    yes, no = F.col(f"yes_at_{i}"), F.col(f"no_at_{i}")
    return yes.isNotNull() & (no.isNull() | (no < yes))


def state(i: int) -> Column:
    """granted, withdrawn, or unknown where nothing was said."""
    return F.when(is_granted(i), GRANTED).when(F.col(f"no_at_{i}").isNotNull(), WITHDRAWN).otherwise(UNKNOWN)
