"""A thing that the company could do, as a row."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.jobs.company_plan.tables import MONEY
from vitalfew.messages.sentences import Sentence

AMOUNTS = ("value", "value_low", "value_high", "at_stake", "cost")
MOST = 1e24
"""What is larger, or no number, is a fault of what was read: nothing is said of it."""


def thing(
    kind: Column | str,
    subject: str,
    action: Sentence,
    reason: Sentence,
    basis: Column | str,
    other: Column | str = "",
    days: Column | int | None = None,
    **amounts: Column,
) -> list[Column]:
    """The columns of a thing; `amounts` are AMOUNTS, those left out NULL."""
    named = {"kind": kind, "basis": basis, "other": other}
    texts = [(F.lit(each) if isinstance(each, str) else each).alias(name) for name, each in named.items()]
    length = days if isinstance(days, Column) else F.lit(days)
    return [
        F.col(subject).alias("subject"),
        *texts,
        length.cast("int").alias("days"),
        *[amount(amounts.get(name)).alias(name) for name in AMOUNTS],
        *reason.named("reason"),
        *action.named("action"),
    ]


def amount(column: Column | None) -> Column:
    """An amount as money; NULL beyond MOST."""
    within = F.lit(None) if column is None else F.when(F.abs(column.cast("double")) < F.lit(MOST), column)
    return within.cast(MONEY)
