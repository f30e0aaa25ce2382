"""The answers of all jobs on one page, each with what to do next."""

from __future__ import annotations

from pydantic import Field
from pyspark.sql import DataFrame

from vitalfew.analyses.local_tables import local_table
from vitalfew.analyses.params import Params
from vitalfew.analyses.summary_customers import clusters, groups, segments, value
from vitalfew.analyses.summary_products import example, strongest_rules, trust
from vitalfew.analyses.summary_text import Line, as_text
from vitalfew.tables.results import SUMMARY

__all__ = ["SummaryParams", "as_text", "summary"]


class SummaryParams(Params):
    """What the summary looks at."""

    target_share: float = Field(default=0.8, gt=0, lt=1, description="How many customers hold this share of the value?")
    top_share: float = Field(default=0.2, gt=0, lt=1, description="What do the best customers, so large a share, hold?")
    customer_id: str | None = Field(
        default=None,
        description="Whose recommendations are shown; null: of all who have any, the customer with the highest value.",
    )
    rules: int = Field(default=5, ge=0, le=100, description="How many rules are shown.")
    rule_level: str = Field(default="product", min_length=1, description="Rules of this level of the hierarchy.")
    rule_baskets: int = Field(
        default=30, ge=1, description="A rule is strong only if it holds in so many baskets, however high its lift."
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
    **_: object,
) -> tuple[DataFrame]:
    """SUMMARY; a result that is not there is said to be missing, with the job that makes it."""
    sections: dict[str, list[Line]] = {
        "Who brings the value?": value(contribution, concentration, params.target_share, params.top_share),
        "Do groups of customers differ?": groups(concentration),
        "Which segments are there?": segments(rfm_segments),
        "What is bought together?": strongest_rules(
            rules, products, params.rule_level, params.rule_baskets, params.rules
        ),
        "Which customers are alike?": clusters(cluster_profiles),
        "What will a customer want next?": example(recommendations, contribution, products, params.customer_id),
        "Do the recommendations beat the obvious?": trust(evaluation),
    }
    rows = [
        {"section": f"{number}. {section}", "position": position, **vars(line)}
        for number, (section, lines) in enumerate(sections.items(), start=1)
        for position, line in enumerate(lines, start=1)
    ]
    return (local_table(SUMMARY, rows, beside=products),)
