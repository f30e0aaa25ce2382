"""What a page shows of what follows what: a sentence, the rules in a table, and the loyal and the disloyal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import apart, described, name_of
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 10
LOOKED_AT = 2_000
Named = dict[str, Any]


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The rule with the most customers beyond chance, the others in a table, and loyalty; nothing without either.

    Rows of fewer people than a page may show are left out.
    """
    rules = strongest(known["sequence_rules"], known["products"], asked.min_group)
    loyal = loyalty(known["product_loyalty"], known["products"], asked.min_group)
    charts = [*rule_table(rules), *loyalty_table(loyal)]
    if not charts:
        return []
    if not rules:
        return [Evidence("sequences", message("page.sequences.none"), None, charts)]
    return [Evidence("sequences", answer(rules[0]), advice(rules[0]), charts)]


def strongest(rules: DataFrame, products: DataFrame, least: int) -> list[Named]:
    """The rules with the most customers beyond chance, each pair of items once, with their names."""
    beyond = F.col("customers") - F.col("expected_customers")
    order = [F.desc(F.round(beyond, 6)), F.asc("level"), F.asc("antecedent"), F.asc("consequent"), F.asc("from_days")]
    shown = rules.where(F.col("customers") >= F.lit(least)).orderBy(*order).limit(LOOKED_AT)
    found: dict[frozenset[str], Row] = {}
    for row in collect_rows(shown, "rules of sequences"):
        found.setdefault(frozenset((row["antecedent"], row["consequent"])), row)
    chosen = list(found.values())[:MOST]
    ids = [id_ for row in chosen for id_ in (row["antecedent"], row["consequent"])]
    names = {id_: product.name for id_, product in described(ids, products).items()}
    return [named(row, names) for row in chosen]


def named(row: Row, names: Mapping[str, str]) -> Named:
    item, other = apart(row["antecedent"], row["consequent"], names if row["level"] == "product" else {})
    return {**row.asDict(), "item": item, "other": other}


def answer(row: Named) -> Message:
    figures = {name: row[name] for name in ("item", "other", "confidence", "lift")}
    return message("page.sequences.answer", **figures, first=row["from_days"], last=row["to_days"])


def advice(row: Named) -> Message:
    return message(
        "sequences.action.offer", item=row["item"], other=row["other"], first=row["from_days"], last=row["to_days"]
    )


def rule_table(rows: Sequence[Named]) -> list[Chart]:
    if not rows:
        return []
    fields = (
        column("item", "after"),
        column("other", "follows"),
        column("from_days", "days_from", "count"),
        column("to_days", "days_to", "count"),
        column("confidence", "of_buyers", "share"),
        column("lift", "times_chance", "times"),
        column("customers", "customers", "count", is_minor=True),
        column("expected_customers", "by_chance", "count", is_minor=True),
    )
    title = message("page.sequences.title", rules=len(rows))
    return [Chart("sequences", "rows", rows, "sequence_rules", title, message("page.sequences.note"), fields)]


def loyalty(table: DataFrame, products: DataFrame, least: int) -> list[Named]:
    """The brands, or else the products, whose buyers are furthest from what their size explains."""
    sure = table.where(F.col("verdict").isin("loyal", "switching") & (F.col("buyers") >= F.lit(least)))
    level = F.when(F.col("level") == "brand", 0).otherwise(1)
    order = [level, F.desc(F.abs("excess_loyalty")), F.asc("category"), F.asc("item")]
    rows = collect_rows(sure.orderBy(*order).limit(MOST), "loyalty")
    of_products = [row["item"] for row in rows if row["level"] == "product"]
    names = described(of_products, products)
    return [
        {
            **row.asDict(),
            "item": name_of(row["item"], names) if row["level"] == "product" else row["item"],
            "verdict": message(f"sequences.verdict.{row['verdict']}"),
            "code": row["verdict"],
        }
        for row in rows
    ]


def loyalty_table(rows: Sequence[Named]) -> list[Chart]:
    if not rows:
        return []
    fields = (
        column("item", "brand_or_product"),
        column("category", "category"),
        column("buyers", "customers", "count", is_minor=True),
        column("requirements", "requirements", "share"),
        column("expected_requirements", "expected_requirements", "share"),
        column("repeat_rate", "repeat_rate", "share", is_minor=True),
        column("verdict", "verdict"),
    )
    loyal = sum(row["code"] == "loyal" for row in rows)
    title = message("page.sequences.loyalty", loyal=loyal, switching=len(rows) - loyal)
    note = message("page.sequences.loyalty_note")
    return [Chart("loyalty", "rows", rows, "product_loyalty", title, note, fields)]
