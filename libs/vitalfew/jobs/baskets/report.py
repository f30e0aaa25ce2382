"""What the summary says of rules."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import Product, described, items, name_of, without_shared_products
from vitalfew.jobs.baskets.figures import evidence
from vitalfew.jobs.baskets.tables import RULES
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

RULES_LOOKED_AT = 2000


def strongest_rules(rules: DataFrame, products: DataFrame, level: str, least_baskets: int, most: int) -> list[Line]:
    """The rules with the highest lift among those that are significant, not redundant, and hold in enough baskets.

    Each of other products than those before it, and none between variants of one thing: one rule said in five ways is
    one rule.
    """
    if most == 0:
        return []
    good = (F.col("level") == F.lit(level)) & F.col("is_significant") & ~F.col("is_redundant") & (F.col("lift") > 1)
    order = [F.desc("lift"), F.desc("n"), F.concat_ws(",", "antecedent"), F.col("consequent")]
    strong = rules.where(good & (F.col("n") >= least_baskets)).orderBy(*order).limit(RULES_LOOKED_AT)
    found = collect_rows(strong, "rules")
    known = described((item for row in found for item in items(row)), products)
    chosen = [
        rule_line(number, row, known) for number, row in enumerate(without_shared_products(found, known, most), start=1)
    ]
    if chosen:
        return chosen
    if not collect_rows(rules.limit(1), "rules"):
        return missing("baskets")
    text = message("baskets.fact.no_rule", level=level, baskets=least_baskets)
    return [Line(message("baskets.label.no_rule"), text)]


def rule_line(number: int, row: Row, known: Mapping[str, Product]) -> Line:
    *given, then = [name_of(item, known) for item in items(row)]
    figures = {"lift": row["lift"], "n": row["n"], "baskets": row["n_antecedent"]}
    text = message("baskets.fact.rule", given=given, then=then, **figures)
    action = message("baskets.advice.rule", given=given, then=then)
    return Line(message("baskets.label.rule", number=number), text, action, "rule", row["lift"], "times")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [
        Section(
            "rules",
            strongest_rules(
                known["rules"],
                known["products"],
                asked.params.rule_level,
                asked.params.rule_baskets,
                asked.params.rules,
            ),
        ),
    ]


REPORT = Report(
    "baskets",
    (RULES,),
    sections,
    evidence=evidence,
)
