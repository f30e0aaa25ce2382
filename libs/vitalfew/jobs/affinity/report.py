"""What the summary says of complements, substitutes and bundles."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, without_shared_products
from vitalfew.jobs.affinity.tables import AFFINITY, BUNDLES
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import money
from vitalfew.report.sections import Asked, Report, Section

MOST_PAIRS = 2
PAIRS_LOOKED_AT = 500


def pairs(affinity: DataFrame, bundles: DataFrame, products: DataFrame) -> list[Line]:
    """The strongest pair of categories, products that replace each other, and bundles, each product once."""
    lines = [pair_line("together", row) for row in strongest(affinity, "complement", "category")[:1]]
    swaps = without_shared_products(told_once(strongest(affinity, "substitute", "product")), {}, MOST_PAIRS, both)
    lines += [pair_line("one or the other", row) for row in swaps]
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
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["action"], row)
    return list(first.values())


def both(row: Row) -> list[str]:
    return [row["item"], row["other"]]


def pair_line(label: str, row: Row) -> Line:
    text = f"in {row['n']:,} of {row['baskets']:,} baskets, where {row['expected']:,.0f} were to be expected by chance"
    return Line(
        label,
        f"both {text}" if row["relation"] == "substitute" else text,
        row["action"],
        row["relation"],
        row["n"],
        "baskets",
    )


def bundle_line(row: Row) -> Line:
    text = (
        f"{row['n']:,} baskets with both, {row['n_one_only']:,} with only one of them; apart they cost "
        f"{money(row['price_apart'])}"
    )
    return Line("bundle", text, row["action"], "bundle", row["n"], "baskets")


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
)
