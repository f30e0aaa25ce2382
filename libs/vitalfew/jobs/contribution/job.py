"""The job `contribution`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.contribution.params import ContributionParams
from vitalfew.jobs.contribution.tables import CONCENTRATION, CONTRIBUTION, LORENZ
from vitalfew.jobs.contribution.transform import contribution
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY
from vitalfew.tables import facts, sources

JOB = Job(
    name="contribution",
    question="How few customers and products bring most of the value?",
    params=ContributionParams,
    reads={
        "orders": Read(facts.ORDERS),
        "customer_profile": Read(facts.CUSTOMER_PROFILE),
        "products": Read(sources.PRODUCTS, optional=True),
        "customer_history": Read(CUSTOMER_HISTORY, optional=True, in_step=True),
    },
    writes=(CONTRIBUTION, CONCENTRATION, LORENZ),
    transform=contribution,
)
