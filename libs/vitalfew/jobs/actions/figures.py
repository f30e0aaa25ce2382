"""What a page shows of the plan: what each action is to bring, and where one more would earn most."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.actions.tables import NOTHING
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Said, called
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

SUMS = ("customers", "explored", "held_out", "cost", "expected_gain", "measured_gain")


def by_action(plan: DataFrame) -> list[Row]:
    """Sums over the tiers of what is done, the highest gain first."""
    done = plan.where(F.col("action") != NOTHING).groupBy("action", "channel")
    rows = collect_rows(done.agg(*[F.sum(name).alias(name) for name in SUMS]), "actions of a plan")
    given = [row for row in rows if row["customers"]]
    return sorted(given, key=lambda row: (-row["expected_gain"], row["action"], row["channel"]))


def large(rows: Sequence[Row], least: int) -> tuple[list[Row], list[Row]]:
    """The rows that are shown, and those that are shown as one.

    Rows of fewer customers than `least` are not shown alone. Where all rows stand below a total, the others say what
    the hidden ones are together: so they hold `least` customers or more, if need be with the smallest of the others.
    """
    by_size = sorted(rows, key=lambda row: row["customers"])
    together = [row for row in by_size if row["customers"] < least]
    left = by_size[len(together) :]
    while together and left and sum(row["customers"] for row in together) < least:
        together.append(left.pop(0))
    return [row for row in rows if row in left], together


def total_of(totals: DataFrame) -> Row | None:
    """The one row of the whole plan; None where there is none."""
    rows = collect_rows(totals, "the whole plan")
    return rows[0] if rows else None


def figures_of(total: Row) -> dict[str, Any]:
    """Who gets an action, the best one or one by chance, and what all these cost and bring."""
    customers = total["planned"] + total["explored"]
    return {"planned": customers, "until": total["until"], "cost": total["cost"], "gain": total["expected_gain"]}


def name_of(action: str) -> Message:
    return message(f"actions.name.{action}")


def channel_of(channel: str) -> Said:
    return called("actions.channel", channel)


def rests(total: Row) -> Message:
    """On what the expected gain rests."""
    share, mixed = total["measured_share"] or 0.0, total["mixed_share"] or 0.0
    if mixed:
        return message("page.rests.mixed", share=share, mixed=mixed)
    return message("page.rests.measured", share=share) if share else message("page.rests.assumed")


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where the plan gives nothing, or to fewer customers than a page may show."""
    total = total_of(known["plan_totals"])
    if total is None or total["planned"] + total["explored"] < asked.min_group:
        return []
    rows, others = large(by_action(known["action_plan"]), asked.min_group)
    answer = message("page.actions.answer", **figures_of(total), rests=rests(total))
    charts = [chart(rows, others)] if rows else []
    return [Evidence("actions", answer, message("page.actions.advice"), [*charts, *limits(known["plan_limits"])])]


def chart(rows: Sequence[Row], others: Sequence[Row]) -> Chart:
    shown: list[dict[str, Any]] = [
        {
            "action": name_of(row["action"]),
            "channel": channel_of(row["channel"]),
            **{name: row[name] for name in SUMS},
            "measured_gain": row["measured_gain"] or None,
        }
        for row in rows
    ]
    if others:
        sums = {name: sum(row[name] for row in others) for name in SUMS}
        sums["measured_gain"] = sums["measured_gain"] or None
        shown.append({"action": message("page.actions.others"), "channel": None, **sums})
    fields = (
        column("action", "action"),
        column("channel", "channel"),
        column("customers", "customers", "count"),
        column("held_out", "held_out", "count", is_minor=True),
        column("cost", "cost", "money"),
        column("expected_gain", "gain", "money"),
        column("measured_gain", "measured", "money", is_minor=True),
    )
    return Chart(
        "actions",
        "bars",
        shown,
        "action_plan",
        message("page.actions.title"),
        message("page.actions.note"),
        fields,
        x="action",
        y="expected_gain",
    )


def binding(limits_frame: DataFrame) -> list[Row]:
    """Limits with a capacity, those with the highest price first."""
    rows = collect_rows(limits_frame.where("capacity is not null"), "limits of a plan")
    return sorted(rows, key=lambda row: (-row["shadow_price"], row["kind"], row["name"]))


def limit_of(row: Row) -> Said:
    """What a limit is called."""
    if row["kind"] == "action":
        return name_of(row["name"])
    return channel_of(row["name"]) if row["kind"] == "channel" else message(f"actions.limit.{row['name']}")


def amount_of(row: Row, name: str) -> Decimal | Message:
    """Of a limit: money of a budget, a number of contacts or customers of the others."""
    amount = Decimal(str(row[name]))
    return message("page.actions.money", amount=amount) if row["kind"] == "budget" else amount


def limits(frame: DataFrame) -> list[Chart]:
    """The limits and their prices; nothing where there is no limit."""
    rows = binding(frame)
    if not rows:
        return []
    shown: list[dict[str, Any]] = [
        {
            "limit": limit_of(row),
            "used": amount_of(row, "used"),
            "capacity": amount_of(row, "capacity"),
            "price": Decimal(str(round(row["shadow_price"], 4))) if row["shadow_price"] > 0 else None,
        }
        for row in rows
    ]
    fields = (
        column("limit", "limit"),
        column("used", "used", "count"),
        column("capacity", "capacity", "count"),
        column("price", "one_more", "money"),
    )
    title, note = message("page.actions.limits"), message("page.actions.limits_note")
    return [Chart("limits", "rows", shown, "plan_limits", title, note, fields)]
