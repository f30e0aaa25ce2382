"""What a page shows of who brings the value."""

from __future__ import annotations

from pyspark.sql import Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

CONCENTRATED, SPREAD = 0.25, 0.5
"""Up to which share of customers the target is in few hands, and from which on it is in many."""
BEST = (1, 5, 10, 20, 50)
LEAST = 20
"""Of fewer customers one percent is nobody."""


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The answer, the curve, and what the best bring; nothing where there is no value."""
    concentration, lorenz_points = (
        known[name].where("subject = 'customer' and dimension = 'all'") for name in ("concentration", "lorenz")
    )
    for row in collect_rows(concentration, "concentration"):
        points = lorenz_points.orderBy("percent").select("percent", "share_of_value")
        curve = best_first(collect_rows(points, "the Lorenz curve"))
        if row["subjects_for_target"] and curve:
            return [Evidence("value", *answer(row, asked), [lorenz(row, curve, asked), best(row, curve)])]
    return []


def best_first(points: list[Row]) -> dict[int, float]:
    """By percent of the customers, the best first, the share of the value that they hold."""
    return {100 - row["percent"]: 1 - row["share_of_value"] for row in reversed(points)}


def answer(row: Row, asked: Asked) -> tuple[Message, Message]:
    """How many hold the target; what that means follows from how few they are."""
    share = row["share_for_target"]
    code = "few" if share <= CONCENTRATED else "many" if share > SPREAD else "some"
    figures = {"few": row["subjects_for_target"], "customers": row["subjects"], "goal": asked.params.target_share}
    action = message("page.value.no_super")
    if row["super_subjects"] and row["super_share"] is not None:
        supers = {"customers": row["super_subjects"], "held": row["super_share"]}
        action = message("page.value.super", **supers)
    return message(f"page.value_answer.{code}", **figures), action


def lorenz(row: Row, curve: dict[int, float], asked: Asked) -> Chart:
    goal = asked.params.target_share
    few, share = row["subjects_for_target"], row["share_for_target"]
    return Chart(
        "lorenz",
        "curve",
        [{"best": percent / 100, "held": held} for percent, held in sorted(curve.items())],
        "lorenz",
        message("page.value.curve", few=few, goal=goal),
        message("page.value.curve_note"),
        (column("best", "best", "percent"), column("held", "share_of_value", "share")),
        x="best",
        y="held",
        marks={"x": share, "y": goal},
        labels={
            "few": message("page.value.mark_few", few=few),
            "share": message("page.value.mark_share", share=share, goal=goal),
        },
    )


def best(row: Row, curve: dict[int, float]) -> Chart:
    """What the best bring, together and each; whether that is as concentrated as people say."""
    rows = [
        {
            "best": percent / 100,
            "customers": round(row["subjects"] * percent / 100),
            "held": curve[percent],
            "each": float(row["value"]) * curve[percent] / (row["subjects"] * percent / 100),
        }
        for percent in BEST
        if percent in curve and (row["subjects"] >= LEAST or row["subjects"] * percent >= 100)
    ]
    found = {"held": curve.get(20, row["top_share"] or 0.0), "gini": row["gini"] or 0.0}
    title = "page.value.as_rule" if found["held"] >= 0.75 else "page.value.below_rule"
    return Chart(
        "best",
        "bars",
        rows,
        "concentration",
        message(title, held=found["held"]),
        message("page.value.best_note", gini=found["gini"]),
        (
            column("best", "best", "percent"),
            column("customers", "customers", "count", is_minor=True),
            column("held", "share_of_value", "share"),
            column("each", "each", "money"),
        ),
        y="held",
        marks={"hot": next((place for place, each in enumerate(rows) if each["best"] == 0.2), None)},
    )
