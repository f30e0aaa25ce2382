"""What the summary says of recommendations, and whether to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.jobs.recommendations.tables import RECOMMENDATION_EVALUATION, RECOMMENDATIONS
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import percent
from vitalfew.report.sections import Asked, Report, Section

DISCOVERY = "discovery, the blend with places kept for what is new to the customer,"


def example(
    recommendations: DataFrame, contribution: DataFrame, products: DataFrame, customer_id: str | None
) -> list[Line]:
    """The recommendations for one customer, with reasons."""
    values = contribution.where("subject = 'customer'").select(
        F.col("subject_id").alias("customer_id"), "value", F.col("rank").alias("place")
    )
    who = recommendations.select("customer_id").distinct()
    who = who if customer_id is None else who.where(F.col("customer_id") == F.lit(customer_id))
    first = who.join(values, on="customer_id", how="left").orderBy(F.asc_nulls_last("place"), "customer_id").limit(1)
    found = collect_rows(first, "customers with recommendations")
    if not found:
        of = "anyone" if customer_id is None else f"customer {customer_id}"
        return [Line("nothing", f"There are no recommendations for {of}.")]
    customer = found[0]
    one = recommendations.where(F.col("customer_id") == F.lit(customer["customer_id"])).orderBy("rank")
    rows = collect_rows(one, "recommendations for one customer")
    known = described((row["product_id"] for row in rows), products)
    place = "" if customer["value"] is None else f", number {customer['place']:,} by value ({customer['value']:,.2f})"
    return [
        Line("customer", f"{customer['customer_id']}{place}", "Show them these, in this order."),
        *[Line(f"{row['rank']}.", f"{name_of(row['product_id'], known)}: {row['reason']}") for row in rows],
    ]


def trust(evaluation: DataFrame) -> list[Line]:
    """Whether a method beats both baselines, and how each did."""
    found = collect_rows(evaluation.orderBy(F.desc("is_published"), "is_baseline", F.desc("ndcg"), "method"), "methods")
    if not found:
        return missing("recommendations")
    return [verdict(found), *[score_line(row) for row in found]]


def verdict(found: Sequence[Row]) -> Line:
    best, customers = found[0], found[0]["customers"]
    how = f"measured on what {customers:,} customers bought from {best['split_on']} on, unseen before"
    if not best["is_published"]:
        text = f"No method beats both baselines, so nothing is recommended; {how}"
        return Line(
            "no", text, "Show what sells best and what the customer bought before; try again with more history."
        )
    rivals = " and ".join(f"{row['ndcg']:.3f} ({row['method']})" for row in found if row["is_baseline"])
    told = DISCOVERY if best["method"] == "discovery" else best["method"]
    text = f"{told} is published: nDCG at {best['k']} is {best['ndcg']:.3f} against {rivals}; {how}"
    return Line("yes", text, "Send them.")


def score_line(row: Row) -> Line:
    text = (
        f"nDCG {row['ndcg']:.3f}, hit rate {percent(row['hit_rate'])}, precision {percent(row['precision'])}, "
        f"recall {percent(row['recall'])}"
    )
    return Line(
        f"{row['method']}{' (baseline)' if row['is_baseline'] else ''}", text, None, row["method"], row["ndcg"], "score"
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
)
