"""The job `baskets`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.baskets.params import BasketParams
from vitalfew.jobs.baskets.tables import BASKET_FIT, BASKET_LIMITS, ITEMSETS, RULES
from vitalfew.jobs.baskets.transform import baskets
from vitalfew.tables import facts, sources

JOB = Job(
    name="baskets",
    question="What is bought together?",
    params=BasketParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "fit": Read(BASKET_FIT, part="fit", optional=True),
    },
    writes=(ITEMSETS, RULES, BASKET_LIMITS, BASKET_FIT),
    transform=baskets,
)
