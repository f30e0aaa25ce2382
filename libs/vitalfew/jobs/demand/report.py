"""What the summary says of demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame

from vitalfew.jobs.demand.figures import Totals, checked, evidence, totals
from vitalfew.jobs.demand.tables import CATEGORY, CATEGORY_DEMAND, DEMAND_EVALUATION, PRODUCT_DEMAND, PURCHASE_PLAN
from vitalfew.messages.message import message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section


def lines(known: Mapping[str, DataFrame]) -> list[Line]:
    """What is expected, what to order at what risk, what is known of stock, and how good past forecasts were."""
    found = totals(known)
    if found is None:
        return []
    checks = checked(known["demand_evaluation"])
    known_checks = [row for row in checks if None not in (row["bias"], row["coverage"])]
    told = [check_line(row) for row in known_checks if row["error"] is not None or row["class"] == CATEGORY]
    unchecked = Line(message("demand.label.expected"), message("demand.fact.unchecked"), None, "unchecked")
    return [*plan_lines(found), *stock_lines(found), *(told or [unchecked])]


def plan_lines(found: Totals) -> list[Line]:
    units = message("demand.fact.expected", units=round(found.units), products=found.products, weeks=found.weeks)
    figures = {"quantity": found.quantity, "products": found.ordered}
    order = (
        message("demand.fact.order", **figures)
        if found.counted
        else message("demand.fact.level", **figures, days=found.days)
    )
    costs = {"cost": found.cost, "nothing": found.cost_of_nothing, "assumed": found.assumed}
    advice = message("demand.advice.assumed") if found.assumed else None
    return [
        Line(message("demand.label.expected"), units, None, "expected", found.units, "score"),
        Line(message("demand.label.order"), order, message("demand.advice.order"), "order", found.ordered, "products"),
        Line(message("demand.label.risk"), message("demand.fact.risk", **costs), advice, "risk", found.cost, "money"),
    ]


def stock_lines(found: Totals) -> list[Line]:
    """What is known of stock, and what is odd about it."""
    if found.counted_on is None:
        text, advice = message("demand.fact.no_stock"), message("demand.advice.no_stock")
        told = [Line(message("demand.label.stock"), text, advice, "no_stock")]
    else:
        figures: dict[str, Any] = {"counted": found.counted, "products": found.products}
        text = message("demand.fact.stock", **figures, counted_on=found.counted_on)
        told = [Line(message("demand.label.stock"), text, None, "stock", found.counted, "products")]
    for code, products in (("negative", found.negative), ("too_few", found.too_few)):
        if products:
            text = message(f"demand.fact.{code}", products=products)
            advice = message(f"demand.advice.{code}")
            told.append(Line(message(f"demand.label.{code}"), text, advice, code, products, "products"))
    return told


def check_line(row: Mapping[str, Any]) -> Line:
    side = message(f"demand.side.{'high' if row['bias'] >= 0 else 'low'}")
    figures = {"bias": abs(row["bias"]), "side": side, "weeks": row["weeks"], "coverage": row["coverage"]}
    if row["class"] == CATEGORY:
        text = message("demand.fact.category", **figures)
        return Line(message("demand.label.category"), text, None, "category", row["coverage"], "share")
    label = message("demand.label.class", **{"class": message(f"demand.class.{row['class']}")})
    if row["is_baseline"]:
        text = message("demand.fact.baseline", **figures, error=row["error"])
    else:
        method = message(f"demand.method.{row['method']}")
        text = message("demand.fact.chosen", **figures, method=method, error=row["error"], base=row["base"])
    return Line(label, text, None, row["class"], row["error"], "score")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where nothing is forecast."""
    del asked  # nothing of it is needed
    return [Section("demand", lines(known))]


REPORT = Report(
    "demand", (PRODUCT_DEMAND, CATEGORY_DEMAND, DEMAND_EVALUATION, PURCHASE_PLAN), sections, evidence=evidence
)
