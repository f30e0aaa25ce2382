"""The job `cohorts`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.cohorts.params import CohortParams
from vitalfew.jobs.cohorts.tables import COHORT_PROFILES, COHORTS
from vitalfew.jobs.cohorts.transform import cohorts
from vitalfew.tables import facts, sources

JOB = Job(
    name="cohorts",
    question="Do customers stay, and does it matter when, with what and where they began?",
    params=CohortParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=(COHORTS, COHORT_PROFILES),
    transform=cohorts,
)
