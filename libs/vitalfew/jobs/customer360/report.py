"""What the summary says of price sensitivity and of what was searched for and not bought."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.jobs.customer360.tables import CUSTOMER360, UNMET_DEMAND
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Evidence, Report, Section

USUAL_TYPES = ("balanced", "unknown")


def wishes(people: DataFrame, unmet: DataFrame, products: DataFrame) -> list[Line]:
    """For whom price or quality counts, accounts that are one person, and what was looked for in vain."""
    found = types(people)
    if not found:
        return missing("customer360")
    everybody, accounts = (sum(row[name] for row in found) for name in ("people", "accounts"))
    lines = [type_line(row, everybody) for row in found if row["price_type"] not in USUAL_TYPES]
    if not lines:
        lines = [Line(message("customer360.label.price"), message("customer360.fact.no_type"))]
    if accounts > everybody:
        fact = message("customer360.fact.one_person", accounts=accounts, people=everybody)
        lines.append(Line(message("customer360.label.one_person"), fact, message("customer360.advice.one_person")))
    return lines + in_vain(unmet, products)


def types(people: DataFrame) -> list[Row]:
    """The price types, the one that brings most first."""
    found = people.groupBy("price_type", "action_code").agg(
        F.count(F.lit(1)).alias("people"), F.sum("accounts").alias("accounts"), F.sum("net_amount").alias("value")
    )
    return collect_rows(found.orderBy(F.desc("value"), "price_type"), "price types")


def type_line(row: Row, everybody: int) -> Line:
    """One price type: who is of it, what they spent, and what to do."""
    return Line(
        message(f"customer360.price_type.{row['price_type']}"),
        message("customer360.fact.type", people=row["people"], share=row["people"] / everybody, spent=row["value"]),
        message(f"customer360.action.{row['action_code']}"),
        row["price_type"],
        row["people"],
        "customers",
    )


def in_vain(unmet: DataFrame, products: DataFrame) -> list[Line]:
    """How often something was looked for and never bought, and what most often."""
    of_product = unmet.groupBy("product_id").agg(F.count(F.lit(1)).alias("people"))
    first = of_product.orderBy(F.desc("people"), "product_id").limit(1)
    total = of_product.agg(F.sum("people").alias("wishes"), F.count(F.lit(1)).alias("products"))
    return [
        Line(
            message("customer360.label.in_vain"),
            message(
                "customer360.fact.in_vain",
                products=row["products"],
                times=row["wishes"],
                product=name_of(row["product_id"], described([row["product_id"]], products)),
                people=row["people"],
            ),
            message("customer360.advice.in_vain"),
        )
        for row in collect_rows(first.crossJoin(total), "unmet wants")
    ]


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("wishes", wishes(known["customer360"], known["unmet_demand"], known["products"])),
    ]


def evidence(known: Mapping[str, DataFrame], asked: Asked) -> list[Evidence]:
    """The answer of the page: for whom price or quality counts who bring most; nothing where that is nobody."""
    found = types(known["customer360"])
    everybody = sum(row["people"] for row in found)
    return [
        Evidence(
            "wishes",
            message(
                "page.wishes.answer",
                people=row["people"],
                share=row["people"] / everybody,
                type=row["price_type"],
                spent=row["value"],
            ),
            message(f"customer360.action.{row['action_code']}"),
        )
        for row in found
        if row["price_type"] not in USUAL_TYPES and row["people"] >= asked.min_group
    ][:1]


REPORT = Report(
    "customer360",
    (
        CUSTOMER360,
        UNMET_DEMAND,
    ),
    sections,
    evidence=evidence,
)
