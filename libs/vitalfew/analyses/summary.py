"""The answers of all jobs on one page, each with what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field
from pyspark.sql import DataFrame

from vitalfew.analyses.local_tables import local_table
from vitalfew.analyses.params import Params
from vitalfew.analyses.summary_attention import attention, moved
from vitalfew.analyses.summary_coming import coming, staying
from vitalfew.analyses.summary_customers import clusters, groups, segments, value
from vitalfew.analyses.summary_habits import hours, pairs, wishes
from vitalfew.analyses.summary_products import example, strongest_rules, trust
from vitalfew.analyses.summary_text import Line, as_text
from vitalfew.tables import Table, results
from vitalfew.tables.sources import PRODUCTS

__all__ = ["SUMMARISED", "SummaryParams", "as_text", "summary"]

SUMMARISED: tuple[Table, ...] = (
    PRODUCTS,
    results.ALERT_TOTALS,
    results.ALERTS,
    results.CONTRIBUTION,
    results.CONCENTRATION,
    results.RFM_SEGMENTS,
    results.MOVE_TOTALS,
    results.MOVE_MATRIX,
    results.CLUSTER_PROFILES,
    results.CUSTOMER360,
    results.UNMET_WANTS,
    results.NEXT_PURCHASE,
    results.PURCHASE_FORECAST,
    results.PURCHASE_CALIBRATION,
    results.COHORTS,
    results.COHORT_PROFILES,
    results.TIMING_PEAKS,
    results.RULES,
    results.AFFINITY,
    results.BUNDLES,
    results.RECOMMENDATIONS,
    results.RECOMMENDATION_EVALUATION,
)
"""What the summary is made of."""


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
    horizon_days: int = Field(
        default=90, ge=1, description="Orders to come are shown for the horizon of next_purchase nearest to this."
    )


def summary(*frames: DataFrame, params: SummaryParams, as_of: date, **_: object) -> tuple[DataFrame]:
    """SUMMARY, from frames of SUMMARISED; a result that is not there is said to be missing, with the job that makes it.

    A question to which there is nothing to say is left out, and the next has its number.
    """
    known = {table.name: frame for table, frame in zip(SUMMARISED, frames, strict=True)}
    told = {question: lines for question, lines in sections(known, params, as_of).items() if lines}
    rows = [
        {"section": f"{number:02d}. {question}", "position": position, **vars(line)}
        for number, (question, lines) in enumerate(told.items(), start=1)
        for position, line in enumerate(lines, start=1)
    ]
    return (local_table(results.SUMMARY, rows, beside=frames[0]),)


def sections(known: Mapping[str, DataFrame], params: SummaryParams, as_of: date) -> dict[str, list[Line]]:
    """The questions and their answers, in the order of the page."""
    products, worth, concentration = known["products"], known["contribution"], known["concentration"]
    return {
        "What needs attention now?": attention(known["alert_totals"], known["alerts"]),
        "Who brings the value?": value(worth, concentration, params.target_share, params.top_share),
        "Do groups of customers differ?": groups(concentration),
        "Which segments are there?": segments(known["rfm_segments"]),
        "Who has moved since the last look?": moved(known["move_totals"], known["move_matrix"]),
        "Which customers are alike?": clusters(known["cluster_profiles"]),
        "What do customers pay, and what do they look for?": wishes(
            known["customer360"], known["unmet_wants"], products
        ),
        "Who will come back, and what are they worth?": coming(
            known["next_purchase"],
            known["purchase_forecast"],
            known["purchase_calibration"],
            params.horizon_days,
            as_of,
        ),
        "Do new customers stay?": staying(known["cohorts"], known["cohort_profiles"]),
        "When do customers buy?": hours(known["timing_peaks"]),
        "What is bought together?": strongest_rules(
            known["rules"], products, params.rule_level, params.rule_baskets, params.rules
        ),
        "What replaces what, and what makes a bundle?": pairs(known["affinity"], known["bundles"], products),
        "What will a customer want next?": example(known["recommendations"], worth, products, params.customer_id),
        "Do the recommendations beat the obvious?": trust(known["recommendation_evaluation"]),
    }
