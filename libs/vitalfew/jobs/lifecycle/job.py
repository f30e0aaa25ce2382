"""The job `lifecycle`: what it reads, computes and writes.

One more day costs a pass over the orders where a milestone is known or a purchase starts a ladder; without either it
costs two small queries.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.tables import TABLES
from vitalfew.jobs.lifecycle.transform import lifecycle
from vitalfew.tables import facts, sources

JOB = Job(
    name="lifecycle",
    question="In which stage of life is each customer, what does it need, and when does the next one begin?",
    params=LifecycleParams,
    reads={
        "orders": Read(facts.ORDERS),
        "milestones": Read(sources.MILESTONES, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=TABLES,
    transform=lifecycle,
)
