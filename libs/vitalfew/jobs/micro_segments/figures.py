"""What a page shows of small groups: those confirmed, and those that the other half did not confirm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame, Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.micro_segments.tables import ALL_TARGETS, CONFIRMED, MICRO_SEGMENTS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known, Unit

MOST = 10
"""Groups of one figure in a table; the others are in the table behind."""
UNITS: dict[str, Unit] = {
    "spend": "money",
    "average_order_value": "money",
    "expected_value": "money",
    "return_probability": "share",
    "discount_share": "share",
    "gap_days": "number",
}


def groups_of(groups: DataFrame, least: int) -> list[Row]:
    """The groups that a page may show, by their numbers."""
    rows = collect_rows(groups, "small groups")
    return sorted((row for row in rows if row["customers"] >= least), key=lambda row: row["micro_segment"])


def of_targets(targets: DataFrame) -> list[Row]:
    """What was tested of each figure, in the order of the declaration."""
    rows = collect_rows(targets, "figures in which groups may differ")
    return sorted(rows, key=lambda row: ALL_TARGETS.index(row["target"]))


def totals(tested: Sequence[Row]) -> tuple[int, int, int]:
    """Groups that were tested, listed, and confirmed, of all figures."""
    tested_, listed, confirmed = (
        sum(row[f"{name}_groups"] for row in tested) for name in ("tested", "listed", "confirmed")
    )
    return tested_, listed, confirmed


def name_of_row(row: Row) -> Message:
    found = of_row(row, "name", MICRO_SEGMENTS)
    return found or message("micro_segments.group.name", conditions=[])


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where the job has not run."""
    tested = of_targets(known["micro_segment_targets"])
    if not tested:
        return []
    rows = groups_of(known["micro_segments"], asked.min_group)
    confirmed = [row for row in rows if row["verdict"] == CONFIRMED]
    groups, listed, all_confirmed = totals(tested)
    if confirmed:
        figures = {"confirmed": all_confirmed, "listed": listed, "tested": groups}
        answer = message("page.micro_segments.answer", **figures)
    elif all_confirmed:
        answer = message("page.micro_segments.few")
    elif groups:
        answer = message("page.micro_segments.none", tested=groups)
    else:
        answer = message("page.micro_segments.untested")
    advice = message("micro_segments.advice.treat") if confirmed else None
    by_target = [(target, [row for row in rows if row["target"] == target]) for target in ALL_TARGETS]
    charts = [chart(target, of[:MOST]) for target, of in by_target if of]
    return [Evidence("micro_segments", answer, advice, charts)]


def chart(target: str, rows: Sequence[Row]) -> Chart:
    """The groups that differ in one figure."""
    shown: list[dict[str, Any]] = [
        {
            "group": name_of_row(row),
            "verdict": message(f"micro_segments.verdict.{row['verdict']}"),
            "customers": row["customers"],
            "mean": row["mean"],
            "rest": row["rest_mean"],
            "shrunk": row["difference_shrunk"],
            "low": row["difference_low"],
            "high": row["difference_high"],
        }
        for row in rows
    ]
    unit = UNITS[target]
    fields = (
        column("group", "micro_group"),
        column("verdict", "micro_verdict"),
        column("customers", "customers", "count"),
        column("mean", "micro_mean", unit),
        column("rest", "micro_rest", unit),
        column("shrunk", "micro_shrunk", unit),
        column("low", "micro_low", unit, is_minor=True),
        column("high", "micro_high", unit, is_minor=True),
    )
    title = message("page.micro_segments.groups", target=target)
    return Chart(f"micro_{target}", "rows", shown, "micro_segments", title, message("page.micro_segments.note"), fields)
