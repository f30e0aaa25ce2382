"""The job `influence`: what it reads, computes and writes.

One day more costs a pass over the orders, with sums by customer, where there are referrals or ties; without either it
costs next to nothing.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.tables import CUSTOMER_INFLUENCE, INFLUENCE_CHECK, INFLUENCE_EDGES, INFLUENCE_TOTALS
from vitalfew.jobs.influence.transform import influence
from vitalfew.tables import facts, sources

JOB = Job(
    name="influence",
    question="Who moves others, what do they bring, and is it influence or alike taste?",
    params=InfluenceParams,
    reads={
        "orders": Read(facts.ORDERS),
        "referrals": Read(sources.REFERRALS, optional=True),
        "contacts": Read(sources.CONTACTS, optional=True),
        "customers": Read(sources.CUSTOMERS, optional=True),
        "events": Read(sources.EVENTS, optional=True),
    },
    writes=(CUSTOMER_INFLUENCE, INFLUENCE_EDGES, INFLUENCE_CHECK, INFLUENCE_TOTALS),
    transform=influence,
)
