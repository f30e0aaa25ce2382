"""The job `demand`: what it reads, computes and writes.

One day more costs a pass over the orders of history_weeks: weeks end where the data do, so that every week moves with
the day. What is kept in between, one row per product and week with a sale, is small.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.demand.params import DemandParams
from vitalfew.jobs.demand.tables import CATEGORY_DEMAND, DEMAND_EVALUATION, PRODUCT_DEMAND, PURCHASE_PLAN
from vitalfew.jobs.demand.transform import demand
from vitalfew.tables import facts, sources

JOB = Job(
    name="demand",
    question="How much of each product will be asked for, and how much to order?",
    params=DemandParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "stock": Read(sources.STOCK, optional=True),
    },
    writes=(PRODUCT_DEMAND, CATEGORY_DEMAND, DEMAND_EVALUATION, PURCHASE_PLAN),
    transform=demand,
)
