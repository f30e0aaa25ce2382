"""What a page shows of prices: categories, products, groups of customers, and what discounts cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.domain.segment_names import segment_name
from vitalfew.jobs.price.tables import CATEGORY, SEGMENT, TOTAL
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 20
"""Rows of a table on the page; the others are in the tables behind."""


@dataclass(frozen=True)
class Discounts:
    """What all discounts of products with an elasticity came to, with both ends of the intervals added up."""

    products: int
    discount: Decimal
    anyway: Decimal
    low: Decimal
    high: Decimal
    change: Decimal
    change_low: Decimal
    change_high: Decimal


def total(known: Known) -> Row | None:
    """The row of all products; None where the job has not run."""
    rows = collect_rows(known["category_elasticity"].where(F.col("scope") == TOTAL), "all products")
    return rows[0] if rows else None


def categories(elasticities: DataFrame) -> list[Row]:
    """The categories with a figure, those with most products first."""
    shown = elasticities.where((F.col("scope") == CATEGORY) & F.col("elasticity").isNotNull())
    return collect_rows(shown.orderBy(F.desc("judged"), "category").limit(MOST), "categories with an elasticity")


def as_shown(row: Row) -> dict[str, float]:
    """Percent of units that a price higher by one percent costs, and both ends: falls are above 0."""
    return {"fall": -row["elasticity"], "least": -row["elasticity_high"], "most": -row["elasticity_low"]}


def withheld(products: DataFrame) -> list[tuple[str, int]]:
    """Why nobody can tell, and of how many products, the most frequent first."""
    counted = products.where("verdict = 'cannot_tell'").groupBy("reason").agg(F.count(F.lit(1)).alias("products"))
    rows = Counter({row["reason"]: row["products"] for row in collect_rows(counted, "reasons")})
    return sorted(rows.items(), key=lambda each: (-each[1], each[0]))


def groups(willingness: DataFrame, least: int) -> list[Row]:
    """Groups of `least` customers or more, those who wait for discounts first."""
    rows = collect_rows(willingness.where(F.col("customers") >= F.lit(least)), "groups of customers")
    return sorted(rows, key=lambda row: (-row["difference"], row["customer_group"]))


def group_name(row: Row) -> Message | str:
    name: str = row["customer_group"]
    return segment_name(name) if row["grouping"] == SEGMENT else message(f"price.group.{name}")


def discounts(costs: DataFrame) -> Discounts | None:
    """None where no product has both an elasticity and a discount."""
    sums = {
        "discount": "discount",
        "anyway": "anyway_cost",
        "low": "anyway_cost_low",
        "high": "anyway_cost_high",
        "change": "revenue_change",
        "change_low": "revenue_change_low",
        "change_high": "revenue_change_high",
    }
    summed = [F.coalesce(F.sum(name), F.lit(0)).cast("decimal(28,2)").alias(alias) for alias, name in sums.items()]
    row = collect_rows(costs.agg(F.count(F.lit(1)).cast("int").alias("products"), *summed), "cost of discounts")[0]
    return Discounts(**row.asDict()) if row["products"] else None


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where the job has not run, or nobody can say anything."""
    found = total(known)
    if found is None:
        return []
    rows, customers = categories(known["category_elasticity"]), groups(known["price_willingness"], asked.min_group)
    spent = discounts(known["discount_cost"])
    drawn = [
        category_chart(rows) if rows else None,
        product_chart(known) if found["judged"] else None,
        group_chart(customers) if customers else None,
        discount_chart(known) if spent else None,
    ]
    charts = [chart for chart in drawn if chart is not None]
    if not charts:
        return []
    return [Evidence("price", answer(found, spent), message("price.advice.meaning"), charts)]


def answer(found: Row, spent: Discounts | None) -> Message:
    if not found["judged"]:
        return message("page.price.groups_only")
    sizes = {name: found[name] for name in ("judged", "elastic")}
    if spent is None:
        others = {name: found[name] for name in ("inelastic", "cannot_tell")}
        return message("page.price.no_discount", **sizes, **others)
    return message("page.price.answer", **sizes, discount=spent.discount, low=spent.low, high=spent.high)


def verdict(row: Row) -> Message:
    """What was found, or why nobody can tell."""
    return message(f"price.verdict.{row['verdict'] if row['reason'] == 'clear' else row['reason']}")


ELASTICITY = (
    column("elasticity", "elasticity", "number"),
    column("low", "elasticity_from", "number", is_minor=True),
    column("high", "elasticity_to", "number", is_minor=True),
)


def figures(row: Row) -> dict[str, Any]:
    return {
        "elasticity": row["elasticity"],
        "low": row["elasticity_low"],
        "high": row["elasticity_high"],
        "verdict": verdict(row),
    }


def category_chart(rows: Sequence[Row]) -> Chart:
    shown = [
        {"category": row["category"], "products": row["judged"], "shifted": row["shifted_share"], **figures(row)}
        for row in rows
    ]
    fields = (
        column("category", "category"),
        column("products", "products", "count", is_minor=True),
        *ELASTICITY,
        column("shifted", "shifted_share", "percent", is_minor=True),
        column("verdict", "verdict"),
    )
    note = message("page.price.categories_note")
    return Chart("elasticities", "rows", shown, "category_elasticity", message("page.price.categories"), note, fields)


def product_chart(known: Known) -> Chart | None:
    """Products with a verdict, those with most revenue first."""
    clear = known["product_elasticity"].where("reason = 'clear'")
    rows = collect_rows(clear.orderBy(F.desc("revenue"), "product_id").limit(MOST), "products with a verdict")
    if not rows:
        return None
    names = apart(rows, known["products"])
    shown = [{"product": names[row["product_id"]], "changes": row["price_changes"], **figures(row)} for row in rows]
    fields = (
        column("product", "product"),
        column("changes", "price_changes", "count", is_minor=True),
        *ELASTICITY,
        column("verdict", "verdict"),
    )
    note = message("page.price.products_note")
    return Chart("products", "rows", shown, "product_elasticity", message("page.price.products"), note, fields)


def apart(rows: Sequence[Row], products: DataFrame) -> dict[str, str]:
    """What people call the products; with their ids where several are called the same."""
    known = described((row["product_id"] for row in rows), products)
    names = {row["product_id"]: name_of(row["product_id"], known) for row in rows}
    often = Counter(names.values())
    return {id_: name if often[name] == 1 else f"{name} [{id_}]" for id_, name in names.items()}


def group_chart(rows: Sequence[Row]) -> Chart:
    shown: list[Mapping[str, Any]] = [
        {
            "group": group_name(row),
            "customers": row["customers"],
            "share": row["discount_share"],
            "expected": row["expected_share"],
            "paid": row["paid_share"],
            "standing": message(f"price.standing.{row['standing']}"),
        }
        for row in rows[:MOST]
    ]
    fields = (
        column("group", "segment"),
        column("customers", "customers", "count", is_minor=True),
        column("share", "discount_share", "share"),
        column("expected", "usual_discount_share", "share"),
        column("paid", "paid_share", "share", is_minor=True),
        column("standing", "verdict"),
    )
    note = message("page.price.groups_note")
    return Chart("willingness", "rows", shown, "price_willingness", message("page.price.groups"), note, fields)


def discount_chart(known: Known) -> Chart:
    costs = known["discount_cost"].orderBy(F.desc("anyway_cost"), "product_id").limit(MOST)
    rows = collect_rows(costs, "products with the most discount for nothing")
    names = apart(rows, known["products"])
    shown = [
        {
            "product": names[row["product_id"]],
            "weeks": row["weeks"],
            "discount": row["discount"],
            "anyway": row["anyway_cost"],
            "low": row["anyway_cost_low"],
            "high": row["anyway_cost_high"],
        }
        for row in rows
    ]
    fields = (
        column("product", "product"),
        column("weeks", "discount_weeks", "count", is_minor=True),
        column("discount", "discount", "money"),
        column("anyway", "bought_anyway", "money"),
        column("low", "change_low", "money", is_minor=True),
        column("high", "change_high", "money", is_minor=True),
    )
    note = message("page.price.discounts_note")
    return Chart("discounts", "rows", shown, "discount_cost", message("page.price.discounts"), note, fields)
