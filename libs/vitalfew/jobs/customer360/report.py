"""What the summary says of price sensitivity and of what was searched for and not bought."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.jobs.customer360.tables import CUSTOMER360, UNMET_WANTS
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import how_many, money, percent
from vitalfew.report.sections import Asked, Report, Section

USUAL_TYPES = ("balanced", "unknown")


def wishes(people: DataFrame, unmet: DataFrame, products: DataFrame) -> list[Line]:
    """For whom price or quality counts, accounts that are one person, and what was looked for in vain."""
    types = people.groupBy("price_type", "action").agg(
        F.count(F.lit(1)).alias("people"), F.sum("accounts").alias("accounts"), F.sum("net_amount").alias("value")
    )
    found = collect_rows(types.orderBy(F.desc("value"), "price_type"), "price types")
    if not found:
        return missing("customer360")
    everybody, accounts = (sum(row[name] for row in found) for name in ("people", "accounts"))
    lines = [type_line(row, everybody) for row in found if row["price_type"] not in USUAL_TYPES]
    if not lines:
        lines = [Line("price", "Nobody's purchases show that price matters to them more or less than to others.")]
    if accounts > everybody:
        text = f"{how_many(accounts, 'account')} belong to {everybody:,} people"
        lines.append(Line("one person", text, "Write to each person once."))
    return lines + in_vain(unmet, products)


def type_line(row: Row, everybody: int) -> Line:
    text = f"{how_many(row['people'], 'customer')} ({percent(row['people'] / everybody)}), {money(row['value'])} spent"
    return Line(row["price_type"], text, row["action"], row["price_type"], row["people"], "customers")


def in_vain(unmet: DataFrame, products: DataFrame) -> list[Line]:
    """How often something was looked for and never bought, and what most often."""
    of_product = unmet.groupBy("product_id").agg(F.count(F.lit(1)).alias("people"))
    first = of_product.orderBy(F.desc("people"), "product_id").limit(1)
    total = of_product.agg(F.sum("people").alias("wishes"), F.count(F.lit(1)).alias("products"))
    lines = []
    for row in collect_rows(first.crossJoin(total), "unmet wants"):
        name = name_of(row["product_id"], described([row["product_id"]], products))
        text = (
            f"{how_many(row['products'], 'product')} looked for and not bought, {row['wishes']:,} times in all; most "
            f"often {name}, by {how_many(row['people'], 'customer')}"
        )
        lines.append(Line("in vain", text, "See that it is there and easy to find, and remind them of it."))
    return lines


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("wishes", wishes(known["customer360"], known["unmet_wants"], known["products"])),
    ]


REPORT = Report(
    "customer360",
    (
        CUSTOMER360,
        UNMET_WANTS,
    ),
    sections,
)
