"""What it all says, on one page: the results in sentences, each with what to do next where there is something to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.algorithms.staging import Stage
from vitalfew.analyses.local_tables import local_table
from vitalfew.analyses.params import Params
from vitalfew.tables.results import SUMMARY

WIDTH = 100
VALUE = "How few bring most of the value?"
SEGMENTS = "Who are they, and what does each group need?"
RULES = "What is bought together?"
CLUSTERS = "Which customers are alike?"
NEXT = "What will one customer want next?"
TRUST = "Can the recommendations be trusted?"
SAME_ITEMS = 10
SECTIONS = (VALUE, SEGMENTS, RULES, CLUSTERS, NEXT, TRUST)

Rows = Iterator[dict[str, Any]]
Names = Mapping[str, str]


class SummaryParams(Params):
    """What the page shows."""

    rules: int = Field(default=5, ge=0, le=100, description="Strongest rules to show.")
    customer_id: str | None = Field(
        default=None,
        description="Whose recommendations to show; if none: of those who have any, the one of most value.",
    )


def summary(
    products: DataFrame,
    concentration: DataFrame,
    rfm_segments: DataFrame,
    rules: DataFrame,
    cluster_profiles: DataFrame,
    recommendations: DataFrame,
    evaluation: DataFrame,
    contribution: DataFrame,
    *,
    params: SummaryParams,
    as_of: date,
    stage: Stage,
) -> tuple[DataFrame]:
    """SUMMARY of the results of `as_of` that there are; a question whose result is missing is left out."""
    del as_of, stage
    shown = concentration.where("dimension in ('all', 'is_member')")
    strongest = strongest_rules(rules, params.rules)
    recommended = recommended_to_one(recommendations, contribution, params.customer_id)
    mentioned = {item for row in strongest for item in (*row["antecedent"], row["consequent"])}
    names = names_of(products, mentioned | {row["product_id"] for row in recommended})
    rows = [
        *numbered(VALUE, values(driver.rows(shown, "concentration"))),
        *numbered(SEGMENTS, segments(driver.rows(rfm_segments, "segments"))),
        *numbered(RULES, rule_lines(strongest, names)),
        *numbered(CLUSTERS, clusters(driver.rows(cluster_profiles, "clusters"))),
        *numbered(NEXT, next_lines(recommended, names)),
        *numbered(TRUST, trust(driver.rows(evaluation, "the evaluation"))),
    ]
    return (local_table(SUMMARY, rows, beside=products),)


def numbered(section: str, lines: Rows) -> Rows:
    for position, line in enumerate(lines, start=1):
        yield {"section": section, "position": position, "action": None, **line}


def values(found: Sequence[Any]) -> Rows:
    """How concentrated the value is, of customers and of products; members against the others."""
    for row in sorted((r for r in found if r["dimension"] == "all"), key=lambda r: str(r["subject"])):
        if row["subjects_for_target"] is None:
            continue
        yield {
            "label": f"{row['subject']}s",
            "text": f"{row['subjects_for_target']:,} of {row['subjects']:,} {row['subject']}s "
            f"({share(row['share_for_target'])}) hold 80 % of the value; the top 20 % hold {share(row['top_share'])} "
            f"({share(row['top_share_low'])} to {share(row['top_share_high'])}); Gini coefficient {row['gini']:.2f}; "
            f"{row['super_subjects']:,} bring at least three times what the others bring on average.",
            "action": "Know these customers by name; lose none of them."
            if row["subject"] == "customer"
            else "Never let these products run out.",
        }
    for row in sorted((r for r in found if r["dimension"] == "is_member"), key=lambda r: str(r["member"])):
        if row["member"] in ("true", "false"):
            yield {
                "label": "members" if row["member"] == "true" else "non-members",
                "text": f"{row['subjects']:,} {row['subject']}s bring {share(row['share_of_value'])} of the value, "
                f"{row['mean_value']:,} each on average.",
            }


def segments(found: Sequence[Any]) -> Rows:
    """The segments, the most valuable first."""
    for row in sorted(found, key=lambda r: (-r["monetary"], r["segment"])):
        yield {
            "label": row["segment"],
            "text": f"{row['customers']:,} customers ({share(row['share_of_customers'])}), "
            f"{row['monetary']:,} ({share(row['share_of_monetary'])} of the value), "
            f"{row['mean_frequency']:.1f} orders each, last {row['mean_recency_days']:.0f} days ago.",
            "action": row["action"],
        }


def strongest_rules(rules: DataFrame, count: int) -> list[Any]:
    """The rules of the finest level there is that are no chance and not said by a simpler one: highest lift first.

    Of rules over the same items the one of highest confidence stands for all.
    """
    good = rules.where("is_significant and not is_redundant")
    by_product = F.when(F.col("level") == "product", 0).otherwise(1)
    least = good.agg(F.min(F.struct(by_product.alias("order"), F.col("level"))).alias("first"))
    first = driver.rows(least, "levels")[0]["first"]
    if first is None or count == 0:
        return []
    finest = good.where(F.col("level") == F.lit(first["level"]))
    ordered = finest.orderBy(F.desc("lift"), F.desc("confidence"), F.desc("n"), "antecedent", "consequent")
    best: dict[frozenset[str], Any] = {}
    for row in driver.rows(ordered.limit(SAME_ITEMS * count), "rules"):
        best.setdefault(frozenset((*row["antecedent"], row["consequent"])), row)
    return list(best.values())[:count]


def rule_lines(found: Sequence[Any], names: Names) -> Rows:
    for row in found:
        given = " and ".join(names.get(item, item) for item in row["antecedent"])
        then = names.get(row["consequent"], row["consequent"])
        yield {
            "label": f"{given} → {then}",
            "text": f"{row['lift']:.1f} times as likely; {share(row['confidence'])} of "
            f"{row['n_antecedent']:,} baskets, {chance(row['p_value'])}.",
            "action": "Show them side by side, and offer the second to whoever takes the first.",
        }


def clusters(found: Sequence[Any]) -> Rows:
    for row in sorted(found, key=lambda r: (-r["monetary"], r["cluster"])):
        yield {
            "label": f"{row['cluster']}: {row['name']}",
            "text": f"{row['customers']:,} customers ({share(row['share_of_customers'])}), "
            f"{share(row['share_of_monetary'])} of the value.",
            "action": row["action"],
        }


def recommended_to_one(recommendations: DataFrame, contribution: DataFrame, customer_id: str | None) -> list[Any]:
    """The recommendations of the customer asked for, else of the one of highest value who has any."""
    if customer_id is None:
        worth = contribution.where("subject = 'customer'").select(F.col("subject_id").alias("customer_id"), "rank")
        having = recommendations.where("rank = 1").select("customer_id").join(worth, on="customer_id", how="left")
        best = driver.rows(having.orderBy(F.asc_nulls_last("rank"), "customer_id").limit(1), "customers")
        if not best:
            return []
        customer_id = best[0]["customer_id"]
    theirs = recommendations.where(F.col("customer_id") == F.lit(customer_id))
    return driver.rows(theirs.orderBy("rank"), "recommendations")


def next_lines(found: Sequence[Any], names: Names) -> Rows:
    for row in found:
        yield {
            "label": f"customer {row['customer_id']}, {row['rank']}.",
            "text": f"{names.get(row['product_id'], row['product_id'])}: {row['reason']}",
        }


def trust(found: Sequence[Any]) -> Rows:
    """How the methods did on orders they had not seen, the best first."""
    published = [row["method"] for row in found if row["is_published"]]
    for row in sorted(found, key=lambda r: (-r["ndcg"], r["method"])):
        mark = " (published)" if row["is_published"] else " (baseline)" if row["is_baseline"] else ""
        yield {
            "label": f"{row['method']}{mark}",
            "text": f"nDCG {row['ndcg']:.4f}, a hit for {share(row['hit_rate'])} of {row['customers']:,} customers, "
            f"precision {share(row['precision'])} at {row['k']}.",
        }
    if found and not published:
        yield {
            "label": "verdict",
            "text": "No method beats the baselines on orders it has not seen, so none is published.",
            "action": "Recommend what the customer buys anyway, or what is popular.",
        }


def names_of(products: DataFrame, ids: set[str]) -> dict[str, str]:
    """What people call the products; those without a name are left out."""
    wanted = products.where(F.col("product_id").isin(sorted(ids)) & (F.trim("name") != ""))
    found = driver.rows(wanted.select("product_id", "name"), "names")
    return {row["product_id"]: " ".join(row["name"].split()) for row in found}


def chance(p_value: float) -> str:
    return "p < 1e-300" if p_value < 1e-300 else f"p = {p_value:.1g}"


def share(value: float | None) -> str:
    return "unknown" if value is None else f"{100 * value:.1f} %"


def as_text(rows: Sequence[Any]) -> str:
    """The rows of SUMMARY as a page of at most 100 columns."""
    lines: list[str] = []
    for section in SECTIONS:
        theirs = sorted((row for row in rows if row["section"] == section), key=lambda row: int(row["position"]))
        if not theirs:
            continue
        lines += ["", section.upper(), ""]
        for row in theirs:
            lines += textwrap.wrap(
                f"{row['label']}: {row['text']}", WIDTH, initial_indent="  ", subsequent_indent="    "
            )
            if row["action"]:
                lines += textwrap.wrap(row["action"], WIDTH, initial_indent="    > ", subsequent_indent="      ")
    return "\n".join(lines[1:])
