"""What a page shows of what goes together: a network of products, and the rules in a table."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import Product, described, name_of
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST_RULES, MOST_SHOWN = 300, 40
LEAST_LINKS = 2


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Significant rules of one product to another, between products of different kinds; nothing without any."""
    level = asked.params.rule_level
    good = (F.col("level") == F.lit(level)) & F.col("is_significant") & ~F.col("is_redundant") & (F.col("lift") > 1)
    single = good & (F.size("antecedent") == 1) & (F.col("n") >= F.lit(asked.params.rule_baskets))
    order = [F.desc("lift"), F.desc("n"), F.concat_ws(",", "antecedent"), F.col("consequent")]
    found = collect_rows(known["rules"].where(single).orderBy(*order).limit(MOST_RULES), "rules")
    ids = [id_ for row in found for id_ in (row["antecedent"][0], row["consequent"])]
    names = described(ids, known["products"])
    rows = [
        {
            "given": row["antecedent"][0],
            "then": row["consequent"],
            "given_name": name_of(row["antecedent"][0], names),
            "then_name": name_of(row["consequent"], names),
            "lift": row["lift"],
            "baskets": row["n"],
            "confidence": row["confidence"],
            "sizes": (row["n_antecedent"], row["n_consequent"]),
        }
        for row in once(found, names)
    ][:MOST_SHOWN]
    if not rows:
        return []
    first = rows[0]
    answer = message("page.rules.answer", lift=first["lift"], given=first["given_name"], then=first["then_name"])
    action = message("baskets.advice.rule", given=[first["given_name"]], then=first["then_name"])
    return [Evidence("rules", answer, action, [*network(rows), table(rows)])]


def once(found: list[Row], names: Any) -> list[Row]:
    """Of each two products of different kinds the rule that holds more often."""
    best: dict[frozenset[str], Row] = {}
    for row in found:
        pair = frozenset((row["antecedent"][0], row["consequent"]))
        other = best.get(pair)
        if are_apart(row["antecedent"][0], row["consequent"], names):
            best[pair] = row if other is None or row["confidence"] > other["confidence"] else other
    return list(best.values())


def are_apart(one: str, other: str, names: Any) -> bool:
    """Whether two products are of different kinds, and have names, if any product has one."""
    if names and not (one in names and other in names):
        return False
    unnamed = Product(one, one), Product(other, other)
    return bool(names.get(one, unnamed[0]).kind != names.get(other, unnamed[1]).kind)


def network(rows: list[dict[str, Any]]) -> list[Chart]:
    pairs = {frozenset((row["given"], row["then"])) for row in rows}
    if len(pairs) < LEAST_LINKS:
        return []
    sizes = {row[part]: size for row in rows for part, size in zip(("given", "then"), row["sizes"], strict=True)}
    degree: dict[str, set[str]] = {}
    for row in rows:
        degree.setdefault(row["given_name"], set()).add(row["then_name"])
        degree.setdefault(row["then_name"], set()).add(row["given_name"])
    hub = max(sorted(degree), key=lambda name: len(degree[name]))
    title: Message = (
        message("page.rules.hub", product=hub, others=len(degree[hub]))
        if len(degree[hub]) > LEAST_LINKS
        else message("page.rules.pairs", pairs=len(pairs))
    )
    note = message("page.rules.network_note")
    marks = {"sizes": sizes}
    return [
        Chart(
            "network", "network", rows, "rules", title, note, fields(), x="given", y="lift", series="then", marks=marks
        )
    ]


def table(rows: list[dict[str, Any]]) -> Chart:
    title = message("page.rules.table", rules=len(rows))
    return Chart("rules", "rows", rows, "rules", title, message("page.rules.table_note"), fields())


def fields() -> tuple[Any, ...]:
    return (
        column("given_name", "given"),
        column("then_name", "then"),
        column("lift", "lift", "times"),
        column("baskets", "baskets", "count"),
        column("confidence", "confidence", "share", is_minor=True),
    )
