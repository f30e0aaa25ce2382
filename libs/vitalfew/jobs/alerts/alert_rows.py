"""An alert: its columns, and how its severity and its chance are said."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.jobs.alerts.histories import money
from vitalfew.messages.sentences import Sentence

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
    "evidence_code",
    "evidence_values",
    "action_code",
    "action_values",
)


def alert(
    frame: DataFrame,
    kind: str,
    *,
    since: Column,
    measure: Column,
    reference: Column,
    severity: Column,
    evidence: Sentence,
    action: Sentence,
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
        *evidence.named("evidence"),
        *action.named("action"),
    )


def chance(q_value: str = "q_value") -> dict[str, Column]:
    """Values that say how likely it is to be chance: the message `chance`, and its own."""
    return {"chance": F.when(F.col(q_value) < 0.0001, "tiny").otherwise("value"), "q": F.col(q_value)}


def by_value(other: str = "medium") -> Column:
    """High for whom there is most to lose."""
    return F.when(F.col("is_valuable"), "high").otherwise(other)
