"""The job `price`: what it reads, computes and writes.

One more day is one more pass over the sales of the history: prices of weeks, which are then all that is looked at.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.tables import CATEGORY_ELASTICITY, DISCOUNT_COST, PRICE_WILLINGNESS, PRODUCT_ELASTICITY
from vitalfew.jobs.price.transform import price
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import facts, sources

JOB = Job(
    name="price",
    question="How do units answer to prices, who buys at which price, and what did discounts cost that nobody needed?",
    params=PriceParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "rfm": Read(RFM, optional=True),
    },
    writes=(PRODUCT_ELASTICITY, CATEGORY_ELASTICITY, PRICE_WILLINGNESS, DISCOUNT_COST),
    transform=price,
)
