"""The job `prospects`: what it reads, computes and writes.

One more day is one more pass over the events, summed by person and day; the past is learnt again from a sample of
people. Without events, registrations and referrals it looks at the orders alone.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.tables import TABLES
from vitalfew.jobs.prospects.transform import prospects
from vitalfew.tables import facts, sources

JOB = Job(
    name="prospects",
    question="Who is not a customer yet and may become one, and whom to look for?",
    params=ProspectsParams,
    reads={
        "orders": Read(facts.ORDERS),
        "events": Read(sources.EVENTS, optional=True),
        "customers": Read(sources.CUSTOMERS, optional=True),
        "referrals": Read(sources.REFERRALS, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=TABLES,
    transform=prospects,
)
