"""What the analyses answer: one slice per `as_of`, which a run replaces and no other."""

from __future__ import annotations

from vitalfew.tables.results.affinities import AFFINITY, BUNDLES, CATALOGUE_PAGES
from vitalfew.tables.results.alarms import ALERT_TOTALS, ALERTS
from vitalfew.tables.results.alike import CLUSTER_FEATURES, CLUSTER_PROFILES, CLUSTER_SCORES, CLUSTERS
from vitalfew.tables.results.cohorts import COHORT_PROFILES, COHORTS
from vitalfew.tables.results.coming import (
    NEXT_PURCHASE,
    PURCHASE_CALIBRATION,
    PURCHASE_FORECAST,
    PURCHASE_MODELS,
    PURCHASE_PARAMETERS,
    PURCHASE_WINDOWS,
    REPEAT_PURCHASES,
)
from vitalfew.tables.results.movements import MOVE_MATRIX, MOVE_TOTALS, MOVES
from vitalfew.tables.results.page import SUMMARY
from vitalfew.tables.results.persons import (
    CUSTOMER360,
    CUSTOMER_COVERAGE,
    IDENTITIES,
    IDENTITY_DOUBTS,
    TOUCHES,
    UNMET_WANTS,
)
from vitalfew.tables.results.rhythm import CUSTOMER_TIMING, TIMING_GRID, TIMING_PEAKS
from vitalfew.tables.results.slices import result
from vitalfew.tables.results.together import BASKET_LIMITS, ITEMSETS, RULES
from vitalfew.tables.results.wanted import RECOMMENDATION_EVALUATION, RECOMMENDATIONS
from vitalfew.tables.results.worth import CONCENTRATION, CONTRIBUTION, LORENZ, RFM, RFM_CUTS, RFM_SEGMENTS

__all__ = [
    "AFFINITY",
    "ALERTS",
    "ALERT_TOTALS",
    "BASKET_LIMITS",
    "BUNDLES",
    "CATALOGUE_PAGES",
    "CLUSTERS",
    "CLUSTER_FEATURES",
    "CLUSTER_PROFILES",
    "CLUSTER_SCORES",
    "COHORTS",
    "COHORT_PROFILES",
    "CONCENTRATION",
    "CONTRIBUTION",
    "CUSTOMER360",
    "CUSTOMER_COVERAGE",
    "CUSTOMER_TIMING",
    "IDENTITIES",
    "IDENTITY_DOUBTS",
    "ITEMSETS",
    "LORENZ",
    "MOVES",
    "MOVE_MATRIX",
    "MOVE_TOTALS",
    "NEXT_PURCHASE",
    "PURCHASE_CALIBRATION",
    "PURCHASE_FORECAST",
    "PURCHASE_MODELS",
    "PURCHASE_PARAMETERS",
    "PURCHASE_WINDOWS",
    "RECOMMENDATIONS",
    "RECOMMENDATION_EVALUATION",
    "REPEAT_PURCHASES",
    "RFM",
    "RFM_CUTS",
    "RFM_SEGMENTS",
    "RULES",
    "SUMMARY",
    "TIMING_GRID",
    "TIMING_PEAKS",
    "TOUCHES",
    "UNMET_WANTS",
    "result",
]
