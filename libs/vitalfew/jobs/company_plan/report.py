"""What the summary says of the plan for the company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.company_plan.tables import COMPANY_PLAN, FIND_CAUSE
from vitalfew.messages.message import message, of_row
from vitalfew.report.answers import Line
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known, Report, Section

MOST_LINES = 5
MOST_ROWS = 20


def first(plan: DataFrame, most: int) -> list[Row]:
    """What to do first: the first bursts, and beside them room for what brings most."""
    is_burst = F.col("kind") == FIND_CAUSE
    wanted = plan.where(~is_burst | (F.col("rank") <= most)).orderBy("rank").limit(2 * most)
    rows = collect_rows(wanted, "the plan for the company")
    bursts, others = ([row for row in rows if (row["kind"] == FIND_CAUSE) is each] for each in (True, False))
    return [*bursts[: most - min(len(others), most // 2)], *others][:most]


def line(row: Row) -> Line:
    """One thing: what it rests on and what to do, and the money that depends on it."""
    amount = row["at_stake"] if row["kind"] == FIND_CAUSE else row["value"]
    label, reason = message(f"company_plan.kind.{row['kind']}"), of_row(row, "reason", COMPANY_PLAN)
    return Line(label, reason or "", of_row(row, "action", COMPANY_PLAN), row["kind"], float(amount), "money")


def lines(plan: DataFrame) -> list[Line]:
    """The first things; nothing where there is none: the page says why."""
    return [line(row) for row in first(plan, MOST_LINES)]


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # no row is about single customers
    return [Section("company_plan", lines(known["company_plan"]))]


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The first things as a table; nothing where there is nothing to do."""
    del asked  # no row is about single customers
    rows = first(known["company_plan"], MOST_ROWS)
    if not rows:
        return []
    valued = [row for row in rows if row["value"] is not None]
    bursts = len(rows) - len(valued)
    if not valued:
        answer = message("page.company_plan.only_bursts", bursts=bursts)
    elif bursts:
        answer = message("page.company_plan.bursts", bursts=bursts, things=len(valued), value=valued[0]["value"])
    else:
        answer = message("page.company_plan.answer", things=len(valued), value=valued[0]["value"])
    return [Evidence("company_plan", answer, of_row(rows[0], "action", COMPANY_PLAN), [table(rows)])]


def text_of(row: Row) -> tuple[Any, ...]:
    """What the sentence of a row says: two products may be called the same."""
    return row["action_code"], tuple(sorted((row["action_values"] or {}).items()))


def table(rows: Sequence[Row]) -> Chart:
    often = Counter(text_of(row) for row in rows)
    shown: list[dict[str, Any]] = [
        {
            "kind": message(f"company_plan.kind.{row['kind']}"),
            "action": of_row(row, "action", COMPANY_PLAN),
            "subject": row["subject"] if often[text_of(row)] > 1 else None,
            "value": row["value"],
            "low": row["value_low"],
            "days": row["days"],
            "stake": row["at_stake"],
            "basis": message(f"company_plan.basis.{row['basis']}"),
            "reason": of_row(row, "reason", COMPANY_PLAN),
        }
        for row in rows
    ]
    fields = (
        column("action", "what_to_do"),
        *([column("subject", "product_id")] if any(row["subject"] for row in shown) else []),
        column("value", "value", "money"),
        column("low", "at_least", "money", is_minor=True),
        column("days", "within_days", "days", is_minor=True),
        column("stake", "at_stake", "money", is_minor=True),
        column("kind", "kind", is_minor=True),
        column("basis", "basis", is_minor=True),
        column("reason", "reason", is_minor=True),
    )
    title, note = message("page.company_plan.title", n=len(rows)), message("page.company_plan.note")
    return Chart("company_plan", "rows", shown, "company_plan", title, note, fields)


REPORT = Report("company_plan", (COMPANY_PLAN,), sections, evidence=evidence)
