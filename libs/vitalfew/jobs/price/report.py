"""What the summary says of prices."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row

from vitalfew.jobs.price.figures import (
    Discounts,
    as_shown,
    categories,
    discounts,
    evidence,
    group_name,
    groups,
    total,
    withheld,
)
from vitalfew.jobs.price.tables import (
    AS_OTHERS,
    CATEGORY_ELASTICITY,
    DISCOUNT_COST,
    PRICE_WILLINGNESS,
    PRODUCT_ELASTICITY,
)
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section

MOST_CATEGORIES = 5
ADVICE = {"no_variation": message("price.advice.no_variation")}
"""What to do where nobody can tell, by the reason."""
REASONS = ("few_weeks", "seldom_sold", "no_change", "few_changes", "by_quantity", "mixed", "beyond_most")


def lines(known: Mapping[str, DataFrame], least: int) -> list[Line]:
    """What prices do, in which categories, who waits for discounts, what these cost, and what nobody can tell."""
    found = total(known)
    if found is None:
        return []
    told = group_lines(groups(known["price_willingness"], least))
    if not found["judged"]:
        return [why_not(found), *told]
    return [
        judged_line(found),
        *category_lines(categories(known["category_elasticity"])),
        *withheld_lines(known["product_elasticity"]),
        *left_out_lines(found),
        *told,
        *discount_lines(discounts(known["discount_cost"])),
        fact("meaning", message("price.fact.meaning"), message("price.advice.meaning")),
    ]


def fact(code: str, said: Message, advice: Message | None = None, value: float | None = None, unit: str = "") -> Line:
    return Line(message(f"price.label.{code}"), said, advice, code, value, unit or None)


def why_not(found: Row) -> Line:
    """The one sentence where no product was looked at."""
    if found["reason"] == "too_short":
        return fact("judged", message("price.fact.too_short", weeks=found["weeks"]))
    if not found["products"]:
        return fact("judged", message("price.fact.no_prices"))
    sizes = {name: found[name] for name in REASONS[:-1]}
    said = message("price.fact.no_products", products=found["products"], **sizes)
    return fact("judged", said, message("price.advice.no_products"))


def judged_line(found: Row) -> Line:
    sizes = {name: found[name] for name in ("products", "judged", "elastic", "inelastic", "cannot_tell", "weeks")}
    told = found["elastic"] + found["inelastic"]
    return fact("judged", message("price.fact.judged", **sizes), None, float(told), "products")


def category_lines(rows: list[Row]) -> list[Line]:
    """The categories with a verdict, those with most judged products first; and those that take back what they gain."""
    clear = [row for row in rows if row["reason"] == "clear"][:MOST_CATEGORIES]
    told = [
        fact(
            "category",
            said_of(row),
            message(f"price.advice.{row['verdict']}"),
            row["elasticity"],
            "times",
        )
        for row in clear
    ]
    back = [row for row in rows if row["shifted_share"]]
    if back:
        most = max(back, key=lambda row: (row["shifted_low"], row["category"]))
        figures = {name: most[f"shifted_{name}"] for name in ("share", "low", "high")}
        said = message("price.fact.shifted", categories=len(back), category=most["category"], **figures)
        told.append(fact("shifted", said, message("price.advice.shifted"), most["shifted_share"], "share"))
    return told


def said_of(row: Row) -> Message:
    """What a price costs in units; another sentence where it may be none."""
    figures = as_shown(row)
    about = {"category": row["category"], "products": row["judged"]}
    if figures["least"] <= 0:
        return message("price.fact.hardly", **about, most=figures["most"])
    return message(f"price.fact.{row['verdict']}", **about, **figures)


def withheld_lines(products: DataFrame) -> list[Line]:
    """Why nobody can tell, by how many products."""
    return [
        fact(
            "cannot_tell", message(f"price.fact.{reason}", products=count), ADVICE.get(reason), float(count), "products"
        )
        for reason, count in withheld(products)
    ]


def left_out_lines(found: Row) -> list[Line]:
    left = found["products"] - found["judged"]
    if not left:
        return []
    sizes = {name: found[name] for name in REASONS}
    return [fact("left_out", message("price.fact.left_out", products=left, **sizes), None, float(left), "products")]


def group_lines(rows: list[Row]) -> list[Line]:
    """The groups that are not as others; one line where all are."""
    told = [
        Line(
            group_name(row),
            message(
                f"price.fact.{row['standing']}",
                share=row["discount_share"],
                expected=row["expected_share"],
                paid=row["paid_share"],
                customers=row["customers"],
            ),
            message(f"price.advice.{row['standing']}"),
            "group",
            row["discount_share"],
            "share",
        )
        for row in rows
        if row["standing"] != AS_OTHERS
    ]
    if rows and not told:
        return [fact("group", message("price.fact.as_others", groups=len(rows)))]
    return told


def discount_lines(found: Discounts | None) -> list[Line]:
    if found is None:
        return []
    figures = {name: getattr(found, name) for name in ("products", "discount", "anyway", "low", "high")}
    cost = fact(
        "discounts",
        message("price.fact.discounts", **figures),
        message("price.advice.discounts"),
        float(found.anyway),
        "money",
    )
    figures = {"change": found.change, "low": found.change_low, "high": found.change_high}
    return [cost, fact("revenue", message("price.fact.revenue", **figures), None, float(found.change), "money")]


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where it has not run."""
    return [Section("price", lines(known, asked.min_group))]


REPORT = Report(
    "price",
    (PRODUCT_ELASTICITY, CATEGORY_ELASTICITY, PRICE_WILLINGNESS, DISCOUNT_COST),
    sections,
    evidence=evidence,
)
