"""Who is slipping away, and the value at risk: counted by status, by class of value and by next step.

Late are those whom next_purchase calls overdue or lapsed. What is at stake of them is its `value_at_stake`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.small_groups import Group, hidden
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_FORECAST
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.page import PageSection
from vitalfew.report.sections import Asked, Chart
from vitalfew.tables import Table

SLIPPING: tuple[Table, ...] = (NEXT_PURCHASE, CONTRIBUTION, PURCHASE_FORECAST)
"""What it is made of."""
LATE = ("overdue", "lapsed")
CLASSES = ("A", "B", "C")
MOST = 10
RETURN_DAYS = (365, 90, 30)
"""Horizons of the probabilities to return, the longest first."""


@dataclass(frozen=True)
class Counted:
    """Customers of one status, class of value (None: not known) and next step, and what is at stake of them."""

    status: str
    value_class: str | None
    next_step: str
    customers: int
    stake: Decimal


def slipping(known: Mapping[str, DataFrame], asked: Asked) -> PageSection:
    """The question with its answer, what to do, and the tables behind."""
    question = message("page.question.slipping")
    found = counted(known["next_purchase"], known["contribution"])
    if not found:
        return PageSection("slipping", question, message("page.nothing.slipping"), None, (), ())
    late = [each for each in found if each.status in LATE]
    first = first_late(known["next_purchase"]) if late else []
    charts = [
        *by_class(found, asked.min_group),
        *by_status(found, asked.min_group),
        *by_step(late, asked.min_group),
        *most_at_stake(first, stake_of(late), asked),
    ]
    horizon = longest(known["purchase_forecast"])
    return PageSection(
        "slipping", question, answer(found, horizon, asked.min_group), advice(first, late, asked.min_group), charts, ()
    )


def counted(customers: DataFrame, contribution: DataFrame) -> list[Counted]:
    """Everyone, counted; a class of value is that of contribution, and who has no value is in the last."""
    classes = contribution.where("subject = 'customer'").select(
        F.col("subject_id").alias("customer_id"),
        F.when(F.col("abc") == "none", CLASSES[-1]).otherwise(F.col("abc")).alias("value_class"),
    )
    by = ("status", "value_class", "next_step")
    sums = (
        customers.join(classes, on="customer_id", how="left")
        .groupBy(*by)
        .agg(F.count(F.lit(1)).alias("customers"), F.sum("value_at_stake").alias("stake"))
    )
    return [Counted(*row) for row in collect_rows(sums.orderBy(*by), "customers by status, value and next step")]


def longest(forecast: DataFrame) -> int | None:
    """The days within which value is at stake; None where nothing was predicted."""
    days: int | None = collect_rows(forecast.agg(F.max("horizon_days").alias("days")), "the longest horizon")[0]["days"]
    return days


def customers_of(counts: Sequence[Counted]) -> int:
    return sum(each.customers for each in counts)


def stake_of(counts: Sequence[Counted]) -> Decimal:
    return sum((each.stake for each in counts), Decimal(0))


def answer(found: Sequence[Counted], horizon: int | None, least: int) -> Message:
    """How many are late; no number of few people, neither of those who are nor of those who are not."""
    late = [each for each in found if each.status in LATE]
    n, others = customers_of(late), customers_of(found) - customers_of(late)
    if n == 0:
        return message("page.slipping.nobody")
    if n < least:
        return message("page.slipping.few", least=least)
    unknown = message("next_purchase.within.unknown")
    within = unknown if horizon is None else message("next_purchase.within.horizon", horizon=horizon)
    if 0 < others < least:
        return message("page.slipping.nearly_all", stake=stake_of(late), within=within)
    if stake_of(late) == 0:
        return message("page.slipping.no_value", late=n, customers=n + others)
    return message("page.slipping.answer", late=n, customers=n + others, stake=stake_of(late), within=within)


def advice(first: Sequence[Row], late: Sequence[Counted], least: int) -> Message | None:
    """Whom to call first; nothing where few are late, or nothing is at stake."""
    if customers_of(late) < least or not first:
        return None
    return message("page.slipping.action", customers=len(first), held=held(first, stake_of(late)))


def held(first: Sequence[Row], stake: Decimal) -> float:
    return float(sum((row["value_at_stake"] for row in first), Decimal(0)) / stake)


def summed(counts: Sequence[Counted], name: str) -> list[dict[str, Any]]:
    """Customers and value at stake by one of the fields, most at stake first."""
    groups = sorted({getattr(each, name) for each in counts})
    rows = []
    for group in groups:
        of_group = [each for each in counts if getattr(each, name) == group]
        rows.append({name: group, "customers": customers_of(of_group), "stake": stake_of(of_group)})
    return sorted(rows, key=lambda row: (-row["stake"], row[name]))


def shown(rows: Sequence[dict[str, Any]], name: str, least: int) -> list[dict[str, Any]]:
    """The groups of one total that may be shown."""
    gone = hidden([Group(row[name], row["customers"], [()]) for row in rows], least)
    return [row for row in rows if row[name] not in gone]


def by_class(found: Sequence[Counted], least: int) -> list[Chart]:
    """How many of each class of value are late; a class of which few are, or are not, is left out."""
    rows, groups = [], []
    for name in CLASSES:
        of_class = [each for each in found if each.value_class == name]
        late = [each for each in of_class if each.status in LATE]
        n, whole = customers_of(late), customers_of(of_class)
        groups += [
            Group((name, is_late), people, [("class", name), ("late", is_late)])
            for is_late, people in ((True, n), (False, whole - n))
        ]
        share = n / whole if whole else 0.0
        rows.append({"code": name, "late": n, "customers": whole, "share": share, "stake": stake_of(late)})
    gone = hidden(groups, least)
    drawn = [
        {**row, "class": message(f"page.value_class.{row['code']}")}
        for row in rows
        if not gone & {(row["code"], True), (row["code"], False)}
    ]
    if not drawn:
        return []
    best = next((row for row in drawn if row["code"] == CLASSES[0]), None)
    title = message("page.slipping.classes")
    if best is not None:
        title = message("page.slipping.best", late=best["late"], customers=best["customers"])
    fields = (
        column("class", "value_class"),
        column("customers", "customers", "count"),
        column("late", "late", "count"),
        column("share", "share_late", "share", is_minor=True),
        column("stake", "at_stake", "money"),
    )
    labels = {"late": message("page.slipping.key_late"), "others": message("page.slipping.key_others")}
    note = message("page.slipping.classes_note")
    marks = {"hot": 0} if best is not None else {}
    return [
        Chart(
            "classes", "parts", drawn, "next_purchase", title, note, fields, "class", "late", "customers", marks, labels
        )
    ]


def by_status(found: Sequence[Counted], least: int) -> list[Chart]:
    """Customers and value by status; all who are late in one row where there are few of some kind."""
    rows = shown(summed(found, "status"), "status", least)
    if len(rows) < len({each.status for each in found}):
        together = [replace(each, status="late") if each.status in LATE else each for each in found]
        rows = shown(summed(together, "status"), "status", least)
    return at_stake("status", [{**row, "status": status(row["status"])} for row in rows], "status", "status")


def by_step(late: Sequence[Counted], least: int) -> list[Chart]:
    """What to do with those who are late, and with how many."""
    rows = [
        {**row, "next_step": message(f"page.step.{row['next_step'].replace(' ', '_')}")}
        for row in shown(summed(late, "next_step"), "next_step", least)
    ]
    return at_stake("steps", rows, "next_step", "action")


def at_stake(code: str, rows: Sequence[dict[str, Any]], name: str, heading: str) -> list[Chart]:
    """Customers and value at stake by the column `name`; nothing without rows."""
    if not rows:
        return []
    fields = (
        column(name, heading),
        column("customers", "customers", "count"),
        column("stake", "at_stake", "money"),
    )
    title, note = message(f"page.slipping.{code}"), message(f"page.slipping.{code}_note")
    return [Chart(code, "bars", rows, "next_purchase", title, note, fields, y="stake")]


def status(code: str) -> Message:
    return message(f"page.status.{code.replace(' ', '_')}")


def first_late(customers: DataFrame) -> list[Row]:
    """Those who are late with most at stake."""
    chances = [f"p_return_{days}" for days in RETURN_DAYS]
    late = customers.where(F.col("status").isin(*LATE) & (F.col("value_at_stake") > 0))
    ordered = late.orderBy(F.desc("value_at_stake"), F.asc("customer_id")).limit(MOST)
    columns = ("customer_id", "status", "value_at_stake", "silent_days", "gap_days", *chances)
    return collect_rows(ordered.select(*columns), "late customers with most at stake")


def most_at_stake(found: Sequence[Row], stake: Decimal, asked: Asked) -> list[Chart]:
    """The late customers with most at stake; how probably each returns only where that was measured on earlier days."""
    if not found:
        return []
    rows = [{**row.asDict(), "status": status(row["status"])} for row in found]
    measured = next((days for days in RETURN_DAYS if any(row[f"p_return_{days}"] is not None for row in found)), None)
    chance = [] if measured is None else [column(f"p_return_{measured}", "returns_chance", "share")]
    fields = (
        column("customer_id", "customer"),
        column("status", "status", is_minor=True),
        column("value_at_stake", "at_stake", "money"),
        column("silent_days", "days_silent", "days"),
        column("gap_days", "usual_gap", "number", is_minor=True),
        *chance,
    )
    title = message("page.slipping.most", customers=len(rows), held=held(found, stake))
    ids = message(f"page.ids.{asked.ids}")
    note = ids if measured is None else message("page.slipping.most_chance_note", ids=ids, days=measured)
    return [Chart("stake", "bars", rows, "next_purchase", title, note, fields, y="value_at_stake", marks={"hot": 0})]
