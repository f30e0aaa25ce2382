"""What a page shows of recommendations: an example, and whether to trust them, with the scores behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import Product, described, name_of
from vitalfew.jobs.recommendations.tables import AFTER, RECOMMENDATIONS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

CLEARLY = 0.1
"""A gain in nDCG over the better baseline from which the recommendations are called clearly better."""


@dataclass(frozen=True)
class Example:
    """The customer who is shown, their place by value (None where it is not known), and what is recommended to them."""

    customer: Row
    items: Sequence[Row]
    known: Mapping[str, Product]

    @property
    def place(self) -> Message:
        if self.customer["value"] is None:
            return message("recommendations.place.none")
        return message("recommendations.place.known", rank=self.customer["place"], value=self.customer["value"])

    def name(self, row: Row) -> str:
        return name_of(row["product_id"], self.known)


def example_of(
    recommendations: DataFrame, contribution: DataFrame, products: DataFrame, customer_id: str | None
) -> Example | None:
    """The customer asked for, else the one of the highest value; None where nothing is recommended to them."""
    values = contribution.where("subject = 'customer'").select(
        F.col("subject_id").alias("customer_id"), "value", F.col("rank").alias("place")
    )
    who = recommendations.select("customer_id").distinct()
    who = who if customer_id is None else who.where(F.col("customer_id") == F.lit(customer_id))
    first = who.join(values, on="customer_id", how="left").orderBy(F.asc_nulls_last("place"), "customer_id").limit(1)
    found = collect_rows(first, "customers with recommendations")
    if not found:
        return None
    one = recommendations.where(F.col("customer_id") == F.lit(found[0]["customer_id"])).orderBy("rank")
    rows = collect_rows(one, "recommendations for one customer")
    return Example(found[0], rows, described((row["product_id"] for row in rows), products))


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """What one customer is shown, and whether to trust it."""
    return [*example_evidence(known, asked), *trust_evidence(known)]


def example_evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where nothing is recommended."""
    found = example_of(known["recommendations"], known["contribution"], known["products"], asked.params.customer_id)
    if found is None:
        return []
    shown = [
        {"rank": row["rank"], "product": found.name(row), "reason": of_row(row, "reason", RECOMMENDATIONS)}
        for row in found.items
    ]
    fields = (column("rank", "rank", "count"), column("product", "product"), column("reason", "reason"))
    title, note = message("page.example.title"), message("page.example.note")
    chart = Chart("example", "rows", shown, "recommendations", title, note, fields)
    who = {"customer": found.customer["customer_id"], "place": found.place, "products": len(shown)}
    return [Evidence("example", message("page.example.answer", **who), message("recommendations.advice.show"), [chart])]


def trust_evidence(known: Known) -> list[Evidence]:
    """Nothing where nothing was measured."""
    order = [F.desc("ndcg"), F.asc("method")]
    lists = known["recommendation_evaluation"].where(~F.col("method").isin(*AFTER))
    rows = collect_rows(lists.orderBy(F.desc("k"), *order), "methods")
    found = [row for row in rows if row["k"] == rows[0]["k"]]
    ours = [row for row in found if not row["is_baseline"]]
    baselines = [row for row in found if row["is_baseline"]]
    if not ours or not baselines:
        return []
    mine = next((row for row in ours if row["is_published"]), ours[0])
    best = baselines[0]
    code = verdict(mine["ndcg"], best["ndcg"]) if mine["is_published"] else "no_better"
    figures = {"hits": mine["hit_rate"], "usual": best["hit_rate"], "k": mine["k"]}
    action = message("recommendations.advice.send" if mine["is_published"] else "recommendations.advice.baselines")
    shown = [
        {
            **row.asDict(),
            "method": message(
                f"recommendations.label.{'baseline' if row['is_baseline'] else 'method'}", method=row["method"]
            ),
        }
        for row in found
    ]
    fields = (
        column("method", "method"),
        column("ndcg", "ndcg", "score"),
        column("hit_rate", "hit_rate", "share"),
    )
    title = message("page.trust.title", methods=len(ours), baselines=len(baselines))
    note = message("page.trust.note", customers=mine["customers"], split=mine["split_on"])
    hot = next(place for place, row in enumerate(found) if row is mine)
    chart = Chart(
        "methods",
        "bars",
        shown,
        "recommendation_evaluation",
        title,
        note,
        fields,
        y="ndcg",
        marks={"hot": hot},
        is_detail=True,
    )
    return [Evidence("trust", message(f"page.trust_answer.{code}", **figures), action, [chart])]


def verdict(ours: float, baseline: float) -> str:
    """Whether the score of what is recommended is no better than that of the better baseline, a little, or clearly."""
    gain = ours / baseline - 1 if baseline else float(ours > 0)
    return "no_better" if gain <= 0 else "little" if gain < CLEARLY else "clearly"
