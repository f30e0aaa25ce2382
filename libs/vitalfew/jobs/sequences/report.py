"""What the summary says of sequences, of loyalty, and of whether what is due next can be predicted."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.sequences.figures import Named, advice, evidence, loyalty, strongest
from vitalfew.jobs.sequences.tables import (
    BUY_AGAIN,
    MOST_POPULAR,
    PRODUCT_LOYALTY,
    SEQUENCE,
    SEQUENCE_EVALUATION,
    SEQUENCE_LIMITS,
    SEQUENCE_RULES,
)
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST_RULES, MOST_LOYAL = 3, 2


def lines(known: Mapping[str, DataFrame]) -> list[Line]:
    """The rules with the most customers beyond chance, the most and the least loyal, and how good predictions are."""
    limits = collect_rows(known["sequence_limits"].orderBy("level"), "levels")
    if not limits:
        return missing("sequences")
    rules = strongest(known["sequence_rules"], known["products"], 1)[:MOST_RULES]
    said = [rule_line(number, row) for number, row in enumerate(rules, start=1)] or [no_rule(limits)]
    loyal = loyalty(known["product_loyalty"], known["products"], 1)[:MOST_LOYAL]
    return [*said, *[loyal_line(row) for row in loyal], *predictions(known["sequence_evaluation"])]


def rule_line(number: int, row: Named) -> Line:
    text = message(
        "sequences.text.rule",
        item=row["item"],
        other=row["other"],
        first=row["from_days"],
        last=row["to_days"],
        customers=row["customers"],
        given=row["antecedent_customers"],
        confidence=row["confidence"],
        expected=row["expected_customers"],
        lift=row["lift"],
    )
    return Line(message("sequences.label.rule", number=number), text, advice(row), "rule", row["lift"], "times")


def no_rule(limits: list[Row]) -> Line:
    tested = sum(row["tested"] for row in limits)
    return Line(message("sequences.label.no_rule"), message("sequences.fact.no_rule", tested=tested), None, "no_rule")


def loyal_line(row: Named) -> Line:
    figures = {"item": row["item"], "share": row["requirements"], "expected": row["expected_requirements"]}
    said = message(f"sequences.finding.{row['code']}", **figures)
    return Line(message("sequences.label.loyalty"), said, None, row["code"], row["excess_loyalty"], "share")


def predictions(evaluation: DataFrame) -> list[Line]:
    """Of each level, whether what is due next beats the obvious."""
    rows = collect_rows(evaluation.orderBy("level", "k", "method"), "methods")
    found = []
    for level in sorted({row["level"] for row in rows}):
        longest = max(row["k"] for row in rows if row["level"] == level)
        of = {row["method"]: row for row in rows if row["level"] == level and row["k"] == longest}
        ours = of[SEQUENCE]
        figures = {
            "hits": ours["hit_rate"],
            "popular": of[MOST_POPULAR]["hit_rate"],
            "again": of[BUY_AGAIN]["hit_rate"],
        }
        if not ours["customers"]:
            said = message("sequences.fact.nobody_due")
        else:
            code = "next_published" if ours["is_published"] else "next_not_published"
            said = message(f"sequences.fact.{code}", **figures, customers=ours["customers"])
        label = message("sequences.label.next", level=message(f"sequences.level.{level}"))
        found.append(Line(label, said, None, "next", ours["hit_rate"], "share"))
    return found


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [Section("sequences", lines(known))]


REPORT = Report(
    "sequences",
    (SEQUENCE_RULES, PRODUCT_LOYALTY, SEQUENCE_EVALUATION, SEQUENCE_LIMITS),
    sections,
    evidence=evidence,
)
