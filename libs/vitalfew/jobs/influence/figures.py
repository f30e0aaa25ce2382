"""What a page shows of who moves others: those who bring most, and whether it is influence at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.influence.tables import REFERRAL
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 10


def totals(known: Known) -> Row | None:
    """The row of INFLUENCE_TOTALS; None where the job has not run."""
    rows = collect_rows(known["influence_totals"], "totals of influence")
    return rows[0] if rows else None


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where nobody is known to move others, or so few people that the page hides them."""
    found = totals(known)
    if found is None or not found["edges"] or are_few(found, asked):
        return []
    is_referral = found["source"] == REFERRAL
    charts = [*(most(known, asked) if is_referral else first(known, asked)), *checks(known["influence_check"], asked)]
    advice = message(f"page.influence.advice_{'brought' if is_referral else 'followed'}")
    return [Evidence("influence", answer(found, "page.influence"), advice, charts)]


def are_few(found: Row, asked: Asked) -> bool:
    """Whether those of whom the answer speaks, who were brought or are followed, are too few to be shown."""
    return bool(found["brought_customers" if found["source"] == REFERRAL else "influencers"] < asked.min_group)


def answer(found: Row, group: str) -> Message:
    """What was brought, in a sentence of `group`."""
    if found["source"] != REFERRAL:
        return message(f"{group}.followed", influencers=found["influencers"])
    figures = {
        "brought": found["brought_customers"],
        "influencers": found["influencers"],
        "value": found["brought_value"],
    }
    if found["all_value"] is None or found["all_value"] <= 0 or not 0 <= found["brought_value"] <= found["all_value"]:
        return message(f"{group}.brought_value", **figures)
    return message(f"{group}.brought", **figures, share=float(found["brought_value"] / found["all_value"]))


def most(known: Known, asked: Asked) -> list[Chart]:
    """Who got most passed on by those whom they brought."""
    brings = known["customer_influence"].where(F.col("received_value") > 0)
    rows = collect_rows(brings.orderBy(F.desc("received_value"), "rank").limit(MOST), "who brings most")
    if not rows:
        return []
    fields = (
        column("customer_id", "customer"),
        column("brought_customers", "brought", "count"),
        column("brought_value", "brought_value", "money"),
        column("received_value", "passed_up", "money"),
        column("own_value", "own_value", "money", is_minor=True),
        column("network_value", "network_value", "money"),
        column("times_average", "times", "times", is_minor=True),
    )
    return [bars("brings", rows, "received_value", fields, "most", asked)]


def first(known: Known, asked: Asked) -> list[Chart]:
    """Whom others follow most."""
    followed = known["customer_influence"].where(F.col("followed_purchases") > 0)
    rows = collect_rows(followed.orderBy(F.desc("followed_purchases"), "rank").limit(MOST), "whom others follow")
    fields = (
        column("customer_id", "customer"),
        column("followed_purchases", "followed", "number"),
        column("times_average", "times", "times"),
        column("own_value", "own_value", "money", is_minor=True),
    )
    return [bars("followed", rows, "followed_purchases", fields, "first", asked)] if rows else []


def bars(code: str, rows: Sequence[Row], y: str, fields: Any, name: str, asked: Asked) -> Chart:
    title = message(f"page.influence.{name}")
    note = message(f"page.influence.{name}_note", ids=message(f"page.ids.{asked.ids}"))
    shown = [row.asDict() for row in rows]
    return Chart(code, "bars", shown, "customer_influence", title, note, fields, y=y)


def told(checks: DataFrame, asked: Asked) -> list[Row]:
    """The rows of INFLUENCE_CHECK that speak of enough people to be shown."""
    rows = collect_rows(checks.orderBy("tie"), "tests of influence")
    return [row for row in rows if row["customers"] >= asked.min_group]


def checks(table: DataFrame, asked: Asked) -> list[Chart]:
    rows = told(table, asked)
    if not rows:
        return []
    shown = [
        {
            **{name: row[name] for name in ("customers", "followed", "expected", "z")},
            "tie": message(f"influence.tie.{row['tie']}"),
            "verdict": message(f"influence.verdict.{row['verdict']}"),
        }
        for row in rows
    ]
    fields = (
        column("tie", "tie"),
        column("customers", "customers", "count", is_minor=True),
        column("followed", "followed", "count"),
        column("expected", "by_chance", "number"),
        column("z", "deviations", "number", is_minor=True),
        column("verdict", "verdict"),
    )
    note = message("page.influence.check_note")
    return [Chart("influence_check", "rows", shown, "influence_check", message("page.influence.check"), note, fields)]
