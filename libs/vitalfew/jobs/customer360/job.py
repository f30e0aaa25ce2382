"""The job `customer360`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.customer360.params import Customer360Params
from vitalfew.jobs.customer360.tables import (
    CUSTOMER360,
    CUSTOMER_COVERAGE,
    IDENTITIES,
    IDENTITY_REVIEW,
    TOUCHPOINTS,
    UNMET_DEMAND,
)
from vitalfew.jobs.customer360.transform import customer360
from vitalfew.tables import facts, sources

JOB = Job(
    name="customer360",
    question="Who is each customer: which accounts are one person, what do they do, look for and pay?",
    params=Customer360Params,
    reads={
        "orders": Read(facts.ORDERS),
        "profile": Read(facts.CUSTOMER_PROFILE),
        "events": Read(sources.EVENTS, optional=True),
        "contacts": Read(sources.CONTACTS, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=(CUSTOMER360, TOUCHPOINTS, UNMET_DEMAND, IDENTITIES, IDENTITY_REVIEW, CUSTOMER_COVERAGE),
    transform=customer360,
)
