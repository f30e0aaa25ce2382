"""The job `micro_segments`: what it reads, computes and writes.

One more day looks at every customer again: two passes that count values and groups, whatever the number of orders.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.jobs.customer360.tables import CUSTOMER360, IDENTITIES
from vitalfew.jobs.lifecycle.tables import CUSTOMER_STAGES
from vitalfew.jobs.micro_segments.params import MicroSegmentsParams
from vitalfew.jobs.micro_segments.tables import TABLES
from vitalfew.jobs.micro_segments.transform import micro_segments
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_FORECAST
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import facts

JOB = Job(
    name="micro_segments",
    question="Which small groups of customers are so different that they deserve a treatment of their own?",
    params=MicroSegmentsParams,
    reads={
        "rfm": Read(RFM),
        "customer_profile": Read(facts.CUSTOMER_PROFILE, optional=True),
        "clusters": Read(CLUSTERS, optional=True),
        "next_purchase": Read(NEXT_PURCHASE, optional=True),
        "purchase_forecast": Read(PURCHASE_FORECAST, optional=True),
        "customer_stages": Read(CUSTOMER_STAGES, optional=True),
        "identities": Read(IDENTITIES, optional=True),
        "customer360": Read(CUSTOMER360, optional=True),
    },
    writes=TABLES,
    transform=micro_segments,
)
