"""What the report says of how well each kind of alert has done on earlier days."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.fits import SEEN
from vitalfew.jobs.alerts.kinds import HAS_LIFT, KINDS, NO_LIFT, NOT_MEASURED, STANDARD
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line


def tested(evaluation: DataFrame) -> dict[str, Row]:
    """By kind the row of the rule that is raised; of a kind that is not raised, that of its plain rule."""
    rows = collect_rows(evaluation, "tests of alerts")
    plain = {row["kind"]: row for row in rows if row["rule"] == STANDARD}
    return plain | {row["kind"]: row for row in rows if row["is_raised"]}


def proof(tests: Mapping[str, Row], kind: str) -> Message:
    """What follows the number of open alerts of a kind; nothing where no kind is known to be tested."""
    row = tests.get(kind)
    if row is None:  # not on a page that hides groups of few people
        return message(f"alerts.proof.{'unproved' if tests else 'unknown'}")
    if row["reason"] == HAS_LIFT:
        return message("alerts.proof.has_lift", claim=row["claim"], **figures(row))
    code = NOT_MEASURED if row["reason"] == NOT_MEASURED else "unproved"
    return message(f"alerts.proof.{code}")


def figures(row: Row) -> dict[str, object]:
    """How often the claim came true, of whom, and within how long."""
    return {
        "rate": row["compared_rate"],
        "matched": row["matched_rate"],
        "like": row["compared_with"],
        "days": row["horizon_days"],
    }


def unraised(tests: Mapping[str, Row]) -> list[Line]:
    """A line for each kind that is not raised because it has no lift."""
    return [
        Line(
            message(f"alerts.kind.{kind}"),
            message(f"alerts.unraised.{row['claim']}", **figures(row)),
            message("alerts.advice.unraised"),
            kind,
            row["lift"],
            "share",
        )
        for kind, row in sorted(tests.items(), key=lambda item: KINDS.index(item[0]))
        if row["reason"] == NO_LIFT and not row["is_raised"]
    ]


def knows_nobody(fit: DataFrame) -> bool:
    """Whether alerts were computed, and no order named a customer."""
    of_customers = fit.where((F.col("part") == SEEN) & (F.col("name") == "customers")).select("value")
    return [row["value"] for row in collect_rows(of_customers, "customers seen")] == [0.0]
