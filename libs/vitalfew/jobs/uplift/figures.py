"""What a page shows of what each action brought: the change of revenue, with its interval and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import called
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 20
"""Rows of the table; the others are in `uplift`."""


def in_all(uplift: DataFrame) -> list[Row]:
    """The rows by revenue for all customers of an arm, the largest arms first."""
    whole = uplift.where("dimension = 'all' and outcome = 'revenue'")
    rows = collect_rows(whole, "what actions brought")
    return sorted(rows, key=lambda row: (-row["customers"], row["campaign"], row["action"], row["arm"]))


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where no arm was compared; arms with fewer customers than a page may show are left out."""
    rows = [row for row in in_all(known["uplift"]) if row["smaller_arm"] >= asked.min_group]
    tested = [row for row in rows if row["difference"] is not None]
    if not tested:
        return []
    return [Evidence("uplift", answer(tested), message("page.uplift.advice"), [chart(rows)])]


def answer(tested: Sequence[Row]) -> Message:
    """The best that worked, else the worst that harmed, else that nobody can tell."""
    for verdict, sign in (("worked", 1), ("harmed", -1)):
        sure = [row for row in tested if row["verdict"] == verdict]
        if sure:
            first = max(sure, key=lambda row: sign * float(row["difference"]))
            figures = {name: first[name] for name in ("arm", "action", "difference")}
            return message(f"page.uplift.{verdict}", **{verdict: len(sure)}, tested=len(tested), **figures)
    return message("page.uplift.none", tested=len(tested))


def chart(rows: Sequence[Row]) -> Chart:
    shown = [
        {
            "action": called("actions.name", row["action"]),
            **{name: row[name] for name in ("arm", "customers", "difference")},
            "low": row["difference_low"],
            "high": row["difference_high"],
            "verdict": message(f"uplift.verdict.{row['verdict']}"),
        }
        for row in rows[:MOST]
    ]
    fields = (
        column("action", "action"),
        column("arm", "arm"),
        column("customers", "customers", "count", is_minor=True),
        column("difference", "change", "money"),
        column("low", "change_low", "money", is_minor=True),
        column("high", "change_high", "money", is_minor=True),
        column("verdict", "verdict"),
    )
    note = message("page.uplift.note", days=rows[0]["horizon_days"])
    return Chart("uplift", "rows", shown, "uplift", message("page.uplift.title"), note, fields)
