"""What the summary says of recommendations, and whether to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.recommendations.figures import Example, evidence, example_of
from vitalfew.jobs.recommendations.tables import (
    AFTER,
    DISCOVERY,
    NEW_AND_POPULAR,
    RECOMMENDATION_EVALUATION,
    RECOMMENDATIONS,
)
from vitalfew.messages.canonical import Item
from vitalfew.messages.message import message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

SCORES = ("ndcg", "hit_rate", "precision", "recall")


def example(
    recommendations: DataFrame, contribution: DataFrame, products: DataFrame, customer_id: str | None
) -> list[Line]:
    """The recommendations for one customer, with reasons."""
    found = example_of(recommendations, contribution, products, customer_id)
    if found is None:
        nobody = message("recommendations.fact.nobody")
        fact = nobody if customer_id is None else message("recommendations.fact.not_this_one", customer=customer_id)
        return [Line(message("recommendations.label.nothing"), fact, is_open=True)]
    return [customer_line(found), *[item_line(row, found) for row in found.items]]


def customer_line(found: Example) -> Line:
    """Who it is, and their place by value where it is known."""
    return Line(
        message("recommendations.label.customer"),
        message("recommendations.fact.customer", customer=found.customer["customer_id"], place=found.place),
        message("recommendations.advice.show"),
    )


def item_line(row: Row, found: Example) -> Line:
    reason = of_row(row, "reason", RECOMMENDATIONS)
    fact = message("recommendations.fact.item", shown=found.name(row), reason=reason)
    return Line(f"{row['rank']}.", fact)


def trust(evaluation: DataFrame) -> list[Line]:
    """Whether a method beats both baselines, how each did in lists of full length, and whether what is new is shown."""
    rows = collect_rows(evaluation.orderBy(F.desc("is_published"), "is_baseline", F.desc("ndcg"), "method"), "methods")
    if not rows:
        return missing("recommendations")
    found = of_full_lists(rows)
    return [verdict(found), *places(rows), *[score_line(row) for row in found]]


def of_full_lists(rows: Sequence[Row]) -> list[Row]:
    """The rows of all that are lists of full length, and not places after them."""
    lists = [row for row in rows if row["method"] not in AFTER]
    longest = max(row["k"] for row in lists)
    return [row for row in lists if row["k"] == longest]


def verdict(found: Sequence[Row]) -> Line:
    """Which method is published and what it beats, or that none is."""
    first = found[0]
    seen = {"customers": first["customers"], "split": first["split_on"]}
    if not first["is_published"]:
        return Line(
            message("recommendations.label.not_recommended"),
            message("recommendations.fact.not_published", **seen),
            message("recommendations.advice.baselines"),
        )
    scores = {"k": first["k"], "ndcg": first["ndcg"], "rivals": rivals(found), **seen}
    fact = message("recommendations.fact.published", method=first["method"], **scores)
    return Line(message("recommendations.label.recommended"), fact, message("recommendations.advice.send"))


def places(rows: Sequence[Row]) -> list[Line]:
    """Whether places are kept for what is new to the customer, and what was bought of it."""
    by_method = {row["method"]: row for row in rows}
    if DISCOVERY not in by_method or NEW_AND_POPULAR not in by_method:
        return []
    ours, usual = by_method[DISCOVERY], by_method[NEW_AND_POPULAR]
    hits = {"hits": ours["hit_rate"], "usual": usual["hit_rate"]}
    fact = (
        message("recommendations.fact.new", places=ours["k"], **hits)
        if ours["is_published"]
        else message("recommendations.fact.nothing_new", **hits)
    )
    return [Line(message("recommendations.label.new"), fact)]


def rivals(found: Sequence[Row]) -> list[Item]:
    """The baselines with their scores."""
    return [Item("score", {"ndcg": row["ndcg"], "method": row["method"]}) for row in found if row["is_baseline"]]


def score_line(row: Row) -> Line:
    fact = message("recommendations.fact.score", **{name: row[name] for name in SCORES})
    label = "baseline" if row["is_baseline"] else "method"
    return Line(
        message(f"recommendations.label.{label}", method=row["method"]), fact, None, row["method"], row["ndcg"], "score"
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [
        Section(
            "example",
            example(known["recommendations"], known["contribution"], known["products"], asked.params.customer_id),
        ),
        Section("trust", trust(known["recommendation_evaluation"])),
    ]


REPORT = Report(
    "recommendations",
    (
        RECOMMENDATIONS,
        RECOMMENDATION_EVALUATION,
    ),
    sections,
    evidence=evidence,
)
