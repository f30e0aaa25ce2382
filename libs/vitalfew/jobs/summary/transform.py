"""The answers of all jobs on one page, each with what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame

from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.affinity.report import pairs
from vitalfew.jobs.affinity.tables import AFFINITY, BUNDLES
from vitalfew.jobs.alerts.report import attention
from vitalfew.jobs.alerts.tables import ALERT_TOTALS, ALERTS
from vitalfew.jobs.baskets.report import strongest_rules
from vitalfew.jobs.baskets.tables import RULES
from vitalfew.jobs.clusters.report import clusters
from vitalfew.jobs.clusters.tables import CLUSTER_PROFILES
from vitalfew.jobs.cohorts.report import staying
from vitalfew.jobs.cohorts.tables import COHORT_PROFILES, COHORTS
from vitalfew.jobs.contribution.report import groups, value
from vitalfew.jobs.contribution.tables import CONCENTRATION, CONTRIBUTION
from vitalfew.jobs.customer360.report import wishes
from vitalfew.jobs.customer360.tables import CUSTOMER360, UNMET_WANTS
from vitalfew.jobs.ingest.report import refused
from vitalfew.jobs.next_purchase.report import coming
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_CALIBRATION, PURCHASE_FORECAST
from vitalfew.jobs.recommendations.report import example, trust
from vitalfew.jobs.recommendations.tables import RECOMMENDATION_EVALUATION, RECOMMENDATIONS
from vitalfew.jobs.rfm.report import segments
from vitalfew.jobs.rfm.tables import RFM_SEGMENTS
from vitalfew.jobs.segment_moves.report import moved
from vitalfew.jobs.segment_moves.tables import MOVE_MATRIX, MOVE_TOTALS
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.jobs.timing.report import hours
from vitalfew.jobs.timing.tables import TIMING_PEAKS
from vitalfew.report.answers import Line
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import PRODUCTS

__all__ = ["SUMMARISED", "SummaryParams", "summary"]

SUMMARISED: tuple[Table, ...] = (
    PRODUCTS,
    ALERT_TOTALS,
    ALERTS,
    CONTRIBUTION,
    CONCENTRATION,
    RFM_SEGMENTS,
    MOVE_TOTALS,
    MOVE_MATRIX,
    CLUSTER_PROFILES,
    CUSTOMER360,
    UNMET_WANTS,
    NEXT_PURCHASE,
    PURCHASE_FORECAST,
    PURCHASE_CALIBRATION,
    COHORTS,
    COHORT_PROFILES,
    TIMING_PEAKS,
    RULES,
    AFFINITY,
    BUNDLES,
    RECOMMENDATIONS,
    RECOMMENDATION_EVALUATION,
    QUARANTINE,
)
"""What the summary is made of."""


def summary(*, params: SummaryParams, as_of: date, stage: Stage = UNSTAGED, **known: DataFrame) -> tuple[DataFrame]:
    """SUMMARY, from frames of SUMMARISED by their names; of a result that is missing it says which job makes it.

    A question to which there is nothing to say is left out, and the next has its number.
    """
    del stage  # results are small, and each is read once
    told = {question: lines for question, lines in sections(known, params, as_of).items() if lines}
    rows = [
        {"section": f"{number:02d}. {question}", "position": position, **vars(line)}
        for number, (question, lines) in enumerate(told.items(), start=1)
        for position, line in enumerate(lines, start=1)
    ]
    return (local_table(SUMMARY, rows, beside=known["products"]),)


def sections(known: Mapping[str, DataFrame], params: SummaryParams, as_of: date) -> dict[str, list[Line]]:
    """The questions and their answers, in the order of the page."""
    products, worth, concentration = known["products"], known["contribution"], known["concentration"]
    return {
        "What needs attention now?": attention(known["alert_totals"], known["alerts"]),
        "What was refused?": refused(known["quarantine"]),
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
