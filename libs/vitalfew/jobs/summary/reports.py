"""What each job has to say: its sections in words, and what a page shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.sql import DataFrame

from vitalfew.jobs.actions import report as actions
from vitalfew.jobs.affinity import report as affinity
from vitalfew.jobs.alerts import report as alerts
from vitalfew.jobs.baskets import report as baskets
from vitalfew.jobs.clusters import report as clusters
from vitalfew.jobs.cohorts import report as cohorts
from vitalfew.jobs.company_plan import report as company_plan
from vitalfew.jobs.contribution import report as contribution
from vitalfew.jobs.customer360 import report as customer360
from vitalfew.jobs.demand import report as demand
from vitalfew.jobs.influence import report as influence
from vitalfew.jobs.ingest import report as ingest
from vitalfew.jobs.lifecycle import report as lifecycle
from vitalfew.jobs.micro_segments import report as micro_segments
from vitalfew.jobs.next_purchase import report as next_purchase
from vitalfew.jobs.price import report as price
from vitalfew.jobs.prospects import report as prospects
from vitalfew.jobs.recommendations import report as recommendations
from vitalfew.jobs.rfm import report as rfm
from vitalfew.jobs.segment_moves import report as segment_moves
from vitalfew.jobs.sequences import report as sequences
from vitalfew.jobs.share_of_wallet import report as share_of_wallet
from vitalfew.jobs.timing import report as timing
from vitalfew.jobs.uplift import report as uplift
from vitalfew.jobs.voice import report as voice
from vitalfew.report.sections import Asked, Report, Section
from vitalfew.tables import Table
from vitalfew.tables.sources import PRODUCTS

REPORTS: tuple[Report, ...] = (
    alerts.REPORT,
    ingest.REPORT,
    contribution.REPORT,
    rfm.REPORT,
    segment_moves.REPORT,
    clusters.REPORT,
    customer360.REPORT,
    next_purchase.REPORT,
    cohorts.REPORT,
    timing.REPORT,
    baskets.REPORT,
    affinity.REPORT,
    demand.REPORT,
    price.REPORT,
    sequences.REPORT,
    influence.REPORT,
    share_of_wallet.REPORT,
    micro_segments.REPORT,
    prospects.REPORT,
    lifecycle.REPORT,
    voice.REPORT,
    uplift.REPORT,
    actions.REPORT,
    company_plan.REPORT,
    recommendations.REPORT,
)
"""What each job has to say, in the order of the page."""

SUMMARISED: tuple[Table, ...] = (PRODUCTS, *(table for report in REPORTS for table in report.tables))
"""What the summary is made of."""


def sections(known: Mapping[str, DataFrame], asked: Asked) -> Iterator[tuple[str, Section]]:
    """Every section of the report with the job that it is of, in the order of the page."""
    for report in REPORTS:
        for section in report.sections(known, asked):
            yield report.job, section
