"""What the summary says of complements, substitutes and bundles."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, without_shared_products
from vitalfew.jobs.affinity.figures import evidence
from vitalfew.jobs.affinity.tables import AFFINITY, BUNDLES
from vitalfew.messages.message import message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST_PAIRS = 2
PAIRS_LOOKED_AT = 500


def pairs(affinity: DataFrame, bundles: DataFrame, products: DataFrame) -> list[Line]:
    """The strongest pair of categories, products that replace each other, and bundles, each product once."""
    lines = [pair_line(row) for row in strongest(affinity, "complement", "category")[:1]]
    swaps = without_shared_products(told_once(strongest(affinity, "substitute", "product")), {}, MOST_PAIRS, both)
    lines += [pair_line(row) for row in swaps]
    pays = (F.col("price_together").isNotNull() & (F.col("break_even_share") <= 1)).cast("int")
    order = [F.desc(F.coalesce(pays, F.lit(0))), F.desc("n"), F.asc("item"), F.asc("other")]
    found = collect_rows(bundles.orderBy(*order).limit(PAIRS_LOOKED_AT), "bundles")
    known = described((item for row in found for item in both(row)), products)
    lines += [bundle_line(row) for row in without_shared_products(found, known, MOST_PAIRS, both)]
    return lines or missing("affinity")


def strongest(affinity: DataFrame, relation: str, level: str) -> list[Row]:
    """The pairs of one relation among all customers, the strongest correlation first."""
    of_all = affinity.where((F.col("segment") == "all") & (F.col("relation") == relation) & (F.col("level") == level))
    order = [F.desc(F.abs("phi")), F.asc("item"), F.asc("other")]
    return collect_rows(of_all.orderBy(*order).limit(PAIRS_LOOKED_AT), "pairs of products")


def told_once(rows: list[Row]) -> list[Row]:
    """Without those that would read as one before: variants of a product have one name."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        names = row["action_values"] or {}
        first.setdefault((names.get("item", row["item"]), names.get("other", row["other"])), row)
    return list(first.values())


def both(row: Row) -> list[str]:
    return [row["item"], row["other"]]


def pair_line(row: Row) -> Line:
    """How often two are together, against chance."""
    relation = row["relation"]
    figures = {name: row[name] for name in ("n", "baskets", "expected")}
    text = message(f"affinity.fact.{relation}", **figures)
    action = of_row(row, "action", AFFINITY)
    return Line(message(f"affinity.label.{relation}"), text, action, relation, row["n"], "baskets")


def bundle_line(row: Row) -> Line:
    """How many buy both and only one, and what both cost."""
    text = message("affinity.fact.bundle", n=row["n"], single=row["n_one_only"], separate=row["price_apart"])
    action = of_row(row, "action", BUNDLES)
    return Line(message("affinity.label.bundle"), text, action, "bundle", row["n"], "baskets")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("pairs", pairs(known["affinity"], known["bundles"], known["products"])),
    ]


REPORT = Report(
    "affinity",
    (
        AFFINITY,
        BUNDLES,
    ),
    sections,
    evidence=evidence,
)
