"""What the summary says of whether new customers stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.cohorts.comparisons import verdict, who
from vitalfew.jobs.cohorts.figures import evidence
from vitalfew.jobs.cohorts.tables import COHORT_PROFILES, COHORTS
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST_COHORTS = 3
COMPARED_BY = ("first_month", "first_product", "first_channel")


def staying(cohorts: DataFrame, profiles: DataFrame) -> list[Line]:
    """How many new customers come back, how many are there months later, and which of them do otherwise."""
    found = collect_rows(profiles.orderBy("dimension", "cohort"), "cohorts")
    if not found:
        return missing("cohorts")
    by_month = [row for row in found if row["dimension"] == "first_month" and not row["may_be_older"]]
    new = by_month or [row for row in found if row["dimension"] == "all"]
    asked, came = (sum(row[name] for row in new) for name in ("observed_customers", "returned_customers"))
    days = found[0]["return_days"]
    if not asked:
        return [Line(message("cohorts.label.too_early"), message("cohorts.fact.too_early", days=days))]
    code = "returned_new" if by_month else "returned"
    return [
        Line(
            message("cohorts.label.returned"),
            message(f"cohorts.fact.{code}", came=came, asked=asked, share=came / asked, days=days),
            message("cohorts.advice.returned"),
            "returned",
            came / asked,
            "share",
        ),
        *later(cohorts, new),
        *differences(found),
    ]


def later(cohorts: DataFrame, new: Sequence[Row]) -> list[Line]:
    """How many of those in `new` still bought in the month up to which value is compared, and that value."""
    months, names = new[0]["horizon_months"], {row["cohort"] for row in new}
    at = cohorts.where((F.col("dimension") == F.lit(new[0]["dimension"])) & (F.col("months_since") == F.lit(months)))
    rows = [
        row for row in collect_rows(at, "months of cohorts") if row["cohort"] in names and row["observed_customers"]
    ]
    if not rows or not months:
        return []
    asked, active = (sum(row[name] for row in rows) for name in ("observed_customers", "active_customers"))
    value = sum(row["cumulative_value_per_customer"] * row["observed_customers"] for row in rows) / asked
    return [
        Line(
            message("cohorts.label.later", months=months),
            message("cohorts.fact.later", active=active, asked=asked, share=active / asked, value=value),
            code="later",
            value=active / asked,
            unit="share",
        )
    ]


def differences(found: Sequence[Row]) -> list[Line]:
    """The cohorts that come back more or less often than the others, the surest first."""
    tested = [row for row in found if row["q_value"] is not None]
    apart = sorted((row for row in tested if row["is_different"]), key=lambda row: float(row["q_value"]))
    if tested and not apart:
        asked = [name for name in COMPARED_BY if any(row["dimension"] == name for row in tested)]
        return [
            Line(
                message("cohorts.label.differences"),
                message("cohorts.fact.no_difference", parts=asked),
                message("cohorts.advice.no_difference"),
                code="no_difference",
            )
        ]
    return [difference(row.asDict()) for row in apart[:MOST_COHORTS]]


def difference(row: Mapping[str, Any]) -> Line:
    code = verdict(row)
    is_better = row["returned_share"] > row["returned_share_of_others"]
    named = {"cohort": row["cohort"]} if code.endswith(("_product", "_channel")) else {}
    return Line(
        message("cohorts.label.better" if is_better else "cohorts.label.worse"),
        message(
            "cohorts.fact.difference",
            who=who(row),
            share=row["returned_share"],
            others=row["returned_share_of_others"],
        ),
        message(f"cohorts.advice.{code}", **named),
        code=code,
        value=row["returned_share"],
        unit="share",
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("staying", staying(known["cohorts"], known["cohort_profiles"])),
    ]


REPORT = Report(
    "cohorts",
    (
        COHORTS,
        COHORT_PROFILES,
    ),
    sections,
    evidence=evidence,
)
