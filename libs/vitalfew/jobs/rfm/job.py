"""The job `rfm`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY
from vitalfew.jobs.rfm.params import RfmParams
from vitalfew.jobs.rfm.tables import RFM, RFM_CUTS, RFM_SEGMENTS
from vitalfew.jobs.rfm.transform import rfm
from vitalfew.tables import facts

JOB = Job(
    name="rfm",
    question="Who are the best customers, who is slipping away, and what to do about each?",
    params=RfmParams,
    reads={
        "orders": Read(facts.ORDERS),
        "customer_history": Read(CUSTOMER_HISTORY, optional=True, in_step=True),
    },
    writes=(RFM, RFM_CUTS, RFM_SEGMENTS),
    transform=rfm,
)
