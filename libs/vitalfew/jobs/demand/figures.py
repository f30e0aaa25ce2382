"""What a page shows of demand: what to order, the largest categories, and how good past forecasts were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.classes import CLASSES
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.jobs.demand.tables import CATEGORY
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 20
"""Products and categories in a table; the others are in purchase_plan and category_demand."""


@dataclass(frozen=True)
class Totals:
    """What the purchase plan adds up to."""

    products: int
    ordered: int
    quantity: int
    cost: float
    cost_of_nothing: float
    assumed: int
    counted: int
    counted_on: date | None
    negative: int
    too_few: int
    days: int
    units: float
    weeks: int


def totals(known: Known) -> Totals | None:
    """None where there is no forecast."""
    is_planned = F.col("why") != "too_few"
    plan = known["purchase_plan"].agg(
        F.count(F.lit(1)).alias("products"),
        F.count_if(F.col("quantity") > 0).alias("ordered"),
        or_zero(F.sum("quantity")).cast("bigint").alias("quantity"),
        or_zero(F.sum(F.when(is_planned, F.col("expected_cost")))).cast("double").alias("cost"),
        or_zero(F.sum(F.when(is_planned, F.col("cost_of_nothing")))).cast("double").alias("cost_of_nothing"),
        F.count_if(F.col("is_margin_assumed")).alias("assumed"),
        F.count("counted_on").alias("counted"),
        F.max("counted_on").alias("counted_on"),
        F.count_if(F.col("on_hand") < 0).alias("negative"),
        F.count_if(F.col("why") == "too_few").alias("too_few"),
        or_zero(F.max("cover_days")).cast("int").alias("days"),
    )
    demand = known["product_demand"].agg(
        or_zero(F.sum("units")).cast("double").alias("units"), or_zero(F.max("weeks_ahead")).cast("int").alias("weeks")
    )
    found = [collect_rows(frame, "totals of demand")[0].asDict() for frame in (plan, demand)]
    return Totals(**found[0], **found[1]) if found[0]["products"] else None


def or_zero(column: Any) -> Any:
    return F.coalesce(column, F.lit(0))


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where there is no forecast."""
    del asked  # products are no people
    found = totals(known)
    if found is None:
        return []
    drawn = (orders(known), categories(known["category_demand"]), checks(known["demand_evaluation"]))
    charts = [chart for chart in drawn if chart is not None]
    return [Evidence("demand", answer(found), advice(found), charts)]


def answer(found: Totals) -> Message:
    figures = {"units": round(found.units), "weeks": found.weeks}
    if not found.quantity:
        return message("page.demand.nothing", **figures)
    figures |= {"quantity": found.quantity, "products": found.ordered}
    if not found.counted:
        return message("page.demand.level", **figures, days=found.days)
    return message("page.demand.answer", **figures)


def advice(found: Totals) -> Message:
    return message("demand.advice.order" if found.counted else "demand.advice.no_stock")


def orders(known: Known) -> Chart | None:
    """The products for which ordering nothing costs most."""
    plan = known["purchase_plan"].where("quantity > 0")
    first = plan.orderBy(F.col("cost_of_nothing").desc_nulls_last(), "product_id").limit(MOST)
    rows = collect_rows(first, "orders that matter most")
    if not rows:
        return None
    names = apart(rows, known["products"])
    is_counted = any(row["on_hand"] is not None for row in rows)
    shown = [
        {
            "product": names[row["product_id"]],
            "units": row["expected_units"],
            "stock": row["on_hand"],
            "quantity": row["quantity"],
            "cost": row["expected_cost"],
            "nothing": row["cost_of_nothing"],
            "why": message(f"demand.why.{row['why']}"),
        }
        for row in rows
    ]
    fields = (
        column("product", "product"),
        column("units", "units", "count"),
        *((column("stock", "in_stock", "count", is_minor=True),) if is_counted else ()),
        column("quantity", "to_order" if is_counted else "needed", "count"),
        column("cost", "cost_of_error", "money", is_minor=True),
        column("nothing", "cost_of_nothing", "money", is_minor=True),
        column("why", "why", is_minor=True),
    )
    note = message("page.demand.orders_note")
    title = message("page.demand.orders" if is_counted else "page.demand.needed")
    return Chart("orders", "rows", shown, "purchase_plan", title, note, fields)


def apart(rows: Sequence[Row], products: DataFrame) -> dict[str, str]:
    """What people call the products; with their ids where several are called the same."""
    known = described((row["product_id"] for row in rows), products)
    names = {row["product_id"]: name_of(row["product_id"], known) for row in rows}
    often = Counter(names.values())
    return {id_: name if often[name] == 1 else f"{name} [{id_}]" for id_, name in names.items()}


def categories(demand: DataFrame) -> Chart | None:
    """The categories with most demand in all weeks ahead."""
    last = collect_rows(demand.agg(F.max("weeks_ahead").alias("weeks")), "weeks ahead")[0]["weeks"]
    if last is None:
        return None
    largest = demand.where(F.col("weeks_ahead") == F.lit(last)).orderBy(F.desc("total_units"), "category").limit(MOST)
    shown = [
        {
            "category": row["category"],
            "products": row["products"],
            "units": row["total_units"],
            "low": row["total_low"],
            "high": row["total_high"],
        }
        for row in collect_rows(largest, "categories")
    ]
    fields = (
        column("category", "category"),
        column("products", "products", "count", is_minor=True),
        column("units", "units", "count"),
        column("low", "units_low", "count", is_minor=True),
        column("high", "units_high", "count", is_minor=True),
    )
    title = message("page.demand.categories", weeks=last)
    return Chart("categories", "rows", shown, "category_demand", title, message("page.demand.categories_note"), fields)


def checked(evaluation: DataFrame) -> list[dict[str, Any]]:
    """Of each class and of categories, the chosen method: error and bias of the weeks, coverage of their sum."""
    wanted = (F.col("span") != "week") & (F.col("demand_class") != "all") & (F.col("is_chosen") | F.col("is_baseline"))
    rows = collect_rows(evaluation.where(wanted), "forecast checks")
    found = []
    for name in (*CLASSES, CATEGORY):
        mine = {(row["span"], row["is_chosen"]): row for row in rows if row["demand_class"] == name}
        base = next(
            (r for r in rows if (r["demand_class"], r["span"], r["is_baseline"]) == (name, "weeks", True)), None
        )
        if ("weeks", True) in mine and ("sum", True) in mine:
            found.append(check(name, mine["weeks", True], mine["sum", True], base))
    return found


def check(name: str, weeks: Row, together: Row, base: Row | None) -> dict[str, Any]:
    newer, whole = together["newer_coverage"], together["widened_coverage"]
    return {
        "class": name,
        "method": weeks["method"],
        "products": weeks["products"],
        "error": weeks["rmsse"],
        "base": base["rmsse"] if base else None,
        "bias": weeks["bias"],
        "coverage": whole if newer is None else newer,
        "weeks": together["weeks_ahead"],
        "origins": together["origins"],
        "is_baseline": weeks["is_baseline"],
    }


def checks(evaluation: DataFrame) -> Chart | None:
    rows = [row for row in checked(evaluation) if row["class"] != CATEGORY]
    if not rows:
        return None
    shown: Sequence[Mapping[str, Any]] = [
        {
            **{name: row[name] for name in ("products", "error", "base", "bias", "coverage")},
            "class": message(f"demand.class.{row['class']}"),
            "method": message(f"demand.method.{row['method']}"),
        }
        for row in rows
    ]
    fields = (
        column("class", "demand_class"),
        column("products", "products", "count", is_minor=True),
        column("method", "method"),
        column("error", "error", "score"),
        column("base", "baseline_error", "score", is_minor=True),
        column("bias", "bias", "share", is_minor=True),
        column("coverage", "coverage", "share"),
    )
    title = message("page.demand.check", origins=rows[0]["origins"])
    note = message("page.demand.check_note")
    return Chart("checks", "rows", shown, "demand_evaluation", title, note, fields, is_detail=True)
