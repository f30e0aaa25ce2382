"""An alert: its columns, and its figures in words."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.text_columns import said
from vitalfew.jobs.alerts.histories import money

COLUMNS = (
    "kind",
    "subject",
    "subject_id",
    "severity",
    "since",
    "measure",
    "reference",
    "p_value",
    "q_value",
    "value_at_stake",
    "evidence",
    "action",
)


def alert(
    frame: DataFrame,
    kind: str,
    *,
    since: Column,
    measure: Column,
    reference: Column,
    severity: Column,
    evidence: Column,
    action: Column | str,
    subject: str = "customer",
    value: str = "year_value",
) -> DataFrame:
    """COLUMNS, from a frame with `<subject>_id`, `value`, and p_value and q_value where there is a test."""
    tests = [F.col(name) if name in frame.columns else F.lit(None) for name in ("p_value", "q_value")]
    return frame.select(
        F.lit(kind).alias("kind"),
        F.lit(subject).alias("subject"),
        F.col(f"{subject}_id").alias("subject_id"),
        severity.alias("severity"),
        since.cast("date").alias("since"),
        measure.cast("double").alias("measure"),
        reference.cast("double").alias("reference"),
        tests[0].cast("double").alias("p_value"),
        tests[1].cast("double").alias("q_value"),
        money(F.col(value)).alias("value_at_stake"),
        evidence.alias("evidence"),
        (F.lit(action) if isinstance(action, str) else action).alias("action"),
    )


def number(value: Column, digits: int = 0) -> Column:
    """A figure as people read it."""
    return value.cast(f"decimal(28,{digits})").cast("string")


def counted(value: Column, thing: str) -> Column:
    """So many things: 1 day, 2 days."""
    return said(number(value), f" {thing}", F.when(value == 1, "").otherwise("s"))


def chance(q_value: str = "q_value") -> Column:
    """How likely it is to be chance, in words."""
    told = F.when(F.col(q_value) < 0.0001, F.lit("q < 0.0001"))
    return told.otherwise(said("q = ", number(F.col(q_value), 4)))


def by_value(other: str = "medium") -> Column:
    """High for whom there is most to lose."""
    return F.when(F.col("is_valuable"), "high").otherwise(other)
