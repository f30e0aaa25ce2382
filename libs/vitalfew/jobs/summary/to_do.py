"""What to do this week: at most five things, losses first, each customer or product in one of them alone.

Who has several alerts is in the first list of ORDER; the best who fell back are those of whom no alert is open.
How sure each is follows from the test of what it rests on: see `sureness`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.segment_bands import BANDS
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_CALIBRATION, PURCHASE_WINDOWS
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVES
from vitalfew.jobs.summary.sureness import of_kind
from vitalfew.messages.message import message
from vitalfew.report.page import ToDo
from vitalfew.report.sections import Asked
from vitalfew.tables import Table

TO_DO: tuple[Table, ...] = (ALERTS, SEGMENT_MOVES, NEXT_PURCHASE, PURCHASE_CALIBRATION, PURCHASE_WINDOWS)
"""What it is made of."""
MOST = 5
LEFT_ALONE = ("leave_alone", "none")
ORDER = (
    "churn_risk",
    "overdue",
    "spend_drop",
    "complaints",
    "returns",
    "bad_ratings",
    "vip_returned",
    "down",
    "frequency_up",
    "inactive",
    "churned",
)
"""Losses that can be prevented first; then who comes up; last, who is long gone."""
OF_PRODUCTS = ("complaints", "returns", "bad_ratings")
LOSING = ("churn_risk", "overdue", "inactive", "churned")


def to_do(known: Mapping[str, DataFrame], asked: Asked) -> list[ToDo]:
    """The things, the first of ORDER on top; nothing where there is no alert."""
    counted = (
        first_of_each(known["alerts"])
        .groupBy("kind")
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.sum("value_at_stake").alias("amount"),
            F.count_if(F.col("severity") == "high").alias("urgent"),
            F.max("q_value").alias("q"),
            F.min("errors").alias("errors"),
        )
    )
    found = {row["kind"]: row for row in collect_rows(counted, "kinds of alerts")}
    things = {kind: alert_thing(row, known, asked) for kind, row in found.items()}
    if (fallen := fallen_back(known)) is not None:
        things["down"] = fallen
    return [things[kind] for kind in ORDER if kind in things][:MOST]


def first_of_each(alerts: DataFrame) -> DataFrame:
    """Of each customer or product the open alert whose kind is first in ORDER; those to be left alone are left out."""
    is_due = (F.col("status") == "open") & ~F.col("action_code").isin(*LEFT_ALONE)
    place = F.element_at(
        F.create_map(*[F.lit(each) for pair in zip(ORDER, range(len(ORDER)), strict=True) for each in pair]),
        F.col("kind"),
    )
    errors = F.element_at("evidence_values", "errors").cast("double").alias("errors")
    figures = F.struct(place.alias("place"), "kind", "value_at_stake", "severity", "q_value", errors)
    return alerts.where(is_due).groupBy("subject", "subject_id").agg(F.min(figures).alias("first")).select("first.*")


def alert_thing(row: Row, known: Mapping[str, DataFrame], asked: Asked) -> ToDo:
    """One kind of alert: how many are in its list, what is at stake, and how sure that is."""
    kind = row["kind"]
    code = "all" if row["urgent"] == row["n"] else "some"
    urgent = message(f"page.to_do_urgent.{code}", urgent=row["urgent"]) if row["urgent"] else None
    sure, because = of_kind(row, known, asked)
    amount = "sales" if kind in OF_PRODUCTS else "lost" if kind in LOSING else "year"
    return ToDo(
        kind,
        message(f"page.to_do_what.{kind}", n=row["n"]),
        message(
            "page.to_do.why",
            advice=message(f"alerts.todo.{kind}"),
            hurry=urgent or message("page.to_do_urgent.none"),
        ),
        row["amount"],
        message(f"page.to_do_amount.{amount}"),
        sure,
        because,
        "attention",
    )


def fallen_back(known: Mapping[str, DataFrame]) -> ToDo | None:
    """Customers who left the best segments since the last snapshot, downwards, and of whom no alert is open."""
    alarmed = known["alerts"].where("status = 'open' and subject = 'customer'")
    alarmed = alarmed.select(F.col("subject_id").alias("customer_id")).distinct()
    down = known["segment_moves"].where("scheme = 'rfm' and direction = 'down'")
    best = list(BANDS["best"])
    down = down.where(F.col("from_group").isin(best) & ~F.col("to_group").isin(best))
    counted = down.join(alarmed, on="customer_id", how="left_anti").agg(
        F.count(F.lit(1)).alias("n"), F.sum("value_now").alias("amount"), F.max("previous_on").alias("since")
    )
    row = collect_rows(counted, "the best who fell back")[0]
    if not row["n"]:
        return None
    return ToDo(
        "down",
        message("page.to_do_what.down", n=row["n"]),
        message("page.to_do.why_down", since=row["since"]),
        row["amount"] or Decimal(0),
        message("page.to_do_amount.window"),
        2,
        message("page.to_do.because_one_look"),
        "moved",
    )
