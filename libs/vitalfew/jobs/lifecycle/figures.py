"""What a page shows of stages: who is in which, what is not bought here, and how often an inferred stage was right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.milestones.distributions import LEAF
from vitalfew.algorithms.milestones.posterior import BINS
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.lifecycle.tables import INFERRED, PUBLISHED
from vitalfew.messages.catalogue import group
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Said
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known


@dataclass(frozen=True)
class OnLadder:
    """One ladder on which somebody is: its row of LIFECYCLE_LADDERS, its stages in order, and customers in any of them.

    A customer with children in two stages counts once here, and in both stages.
    """

    ladder: Row
    stages: list[Row]
    customers: int
    known: int

    @property
    def name(self) -> str:
        return str(self.ladder["ladder"])

    def is_small(self, asked: Asked) -> bool:
        """Whether no stage has enough customers to be shown."""
        return bool(self.largest["customers"] < asked.min_group)

    @property
    def largest(self) -> Row:
        return max(self.stages, key=lambda row: (row["customers"], -row["position"]))


def ladders(known: Known) -> list[Row]:
    """The rows of LIFECYCLE_LADDERS."""
    return collect_rows(known["lifecycle_ladders"].orderBy("ladder"), "ladders")


def peopled(known: Known) -> list[OnLadder]:
    """The ladders on which somebody is, the one with the most first."""
    stages = collect_rows(known["lifecycle_stages"].orderBy("ladder", "position"), "stages of ladders")
    if not any(row["customers"] for row in stages):
        return []
    people = (
        known["customer_stages"]
        .groupBy("ladder")
        .agg(
            F.count_distinct("customer_id").alias("all"),
            F.count_distinct(F.when(F.col("source") != INFERRED, F.col("customer_id"))).alias("known"),
        )
    )
    counts = {row["ladder"]: (row["all"], row["known"]) for row in collect_rows(people, "customers on ladders")}
    found = [
        OnLadder(row, [each for each in stages if each["ladder"] == row["ladder"]], *counts[row["ladder"]])
        for row in ladders(known)
        if row["ladder"] in counts
    ]
    return sorted(found, key=lambda each: (-each.customers, each.name))


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where nobody is in a stage."""
    found = peopled(known)
    if not found:
        return []
    first = found[0]
    if first.is_small(asked):
        return [Evidence("lifecycle", message("page.lifecycle.few"))]
    guessed = first.ladder["inferred_customers"]
    figures: dict[str, Any] = {
        "customers": first.customers,
        "ladder": first.name,
        "stage": first.largest["stage"],
        "most": first.largest["customers"],
    }
    answer = (
        message("page.lifecycle.answer_inferred", **figures, inferred=guessed)
        if guessed
        else message("page.lifecycle.answer", **figures)
    )
    shown = [each for each in found if not each.is_small(asked)]
    charts = [chart for number, each in enumerate(shown, 1) for chart in charts_of(number, each, known, asked)]
    return [Evidence("lifecycle", answer, message("lifecycle.advice.ladder"), charts)]


def charts_of(number: int, each: OnLadder, known: Known, asked: Asked) -> list[Chart]:
    """Of one ladder; `number` makes the codes of its charts, as its name may be any text."""
    drawn = [stage_chart(number, each, asked)]
    needs = [row for row in needs_of(known, each.name) if row["customers"] >= asked.min_group]
    if needs:
        drawn.append(need_chart(number, each, needs))
    rows = reliability(known["lifecycle_reliability"], each, asked)
    return [*drawn, check_chart(number, each, rows)] if rows else drawn


def named(kind: str, name: str) -> Said:
    """A stage, need or ladder in words: those we ship have a message, others are names of the user's own."""
    return message(f"lifecycle.{kind}.{name}") if name in group(f"lifecycle.{kind}") else name


def needs_of(known: Known, ladder: str) -> list[Row]:
    """The needs of the stages of a ladder that are sold here, in order."""
    rows = known["lifecycle_needs"].where((F.col("ladder") == ladder) & (F.col("customers") > 0))
    return collect_rows(rows.orderBy("position"), "needs of stages")


def reliability(table: DataFrame, each: OnLadder, asked: Asked) -> list[Row]:
    """Of the method by which is inferred, or would be."""
    method = each.ladder["method"] or LEAF
    rows = table.where((F.col("ladder") == each.name) & (F.col("method") == method)).orderBy("bin")
    return [row for row in collect_rows(rows, "reliability of inferred stages") if row["customers"] >= asked.min_group]


def title(name: str, each: OnLadder) -> Message:
    return message(f"page.lifecycle.{name}", ladder=each.name)


def stage_chart(number: int, each: OnLadder, asked: Asked) -> Chart:
    rows = [
        {
            "stage": named("stage", row["stage"]),
            **{name: row[name] for name in ("from_month", "to_month", "customers", "revenue")},
            "needs_met_share": row["needs_met_share"] if row["known_customers"] >= asked.min_group else None,
            "inferred": row["customers"] - row["known_customers"],
            "entering_customers": enough(row["entering_customers"], asked),
        }
        for row in each.stages
        if row["customers"] >= asked.min_group
    ]
    fields = (
        column("stage", "stage"),
        column("from_month", "from_month", "count", is_minor=True),
        column("to_month", "to_month", "count", is_minor=True),
        column("customers", "customers", "count"),
        column("inferred", "inferred", "count", is_minor=True),
        column("revenue", "revenue", "money"),
        column("needs_met_share", "needs_met", "share"),
        column("entering_customers", "entering", "count"),
    )
    note = message("page.lifecycle.stages_note")
    code = f"stages_{number}"
    return Chart(code, "bars", rows, "lifecycle_stages", title("stages", each), note, fields, x="stage", y="customers")


def enough(customers: int, asked: Asked) -> int | None:
    """Nothing of a group that is too small to be shown."""
    return None if 0 < customers < asked.min_group else customers


def need_chart(number: int, each: OnLadder, needs: list[Row]) -> Chart:
    rows = [
        {
            "stage": named("stage", row["stage"]),
            "need": named("need", row["need"]),
            "customers": row["customers"],
            "buyers": row["buyers"],
            "share": row["buyers"] / row["customers"],
        }
        for row in needs
    ]
    fields = (
        column("stage", "stage"),
        column("need", "need"),
        column("customers", "customers", "count"),
        column("buyers", "buyers", "count"),
        column("share", "share_of_stage", "share"),
    )
    note = message("page.lifecycle.needs_note")
    return Chart(f"needs_{number}", "rows", rows, "lifecycle_needs", title("needs", each), note, fields)


def check_chart(number: int, each: OnLadder, found: list[Row]) -> Chart:
    rows = [
        {
            "from": row["bin"] / BINS,
            "customers": row["customers"],
            "predicted": row["predicted"],
            "observed": row["observed"],
        }
        for row in found
    ]
    fields = (
        column("from", "probability", "percent"),
        column("customers", "customers", "count"),
        column("predicted", "predicted", "share"),
        column("observed", "observed", "share"),
    )
    note = message("page.lifecycle.check_note")
    return Chart(f"check_{number}", "rows", rows, "lifecycle_reliability", title("check", each), note, fields)


def is_published(ladder: Row) -> bool:
    return bool(ladder["inference"] == PUBLISHED)
