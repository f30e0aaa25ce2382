"""The job `customer_products`: what it reads, computes and writes.

One day more costs a look at the orders of the months that were written again, to find whose orders changed; reading the
orders of these customers; and a MERGE, which writes the files of `customer_products` again in which they are.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.customer_products.params import CustomerProductParams
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY, CUSTOMER_ORDERS, CUSTOMER_PRODUCTS
from vitalfew.jobs.customer_products.transform import RULES, customer_products
from vitalfew.tables import facts

JOB = Job(
    name="customer_products",
    question="What has each customer bought so far, how often and when last?",
    params=CustomerProductParams,
    reads={
        "orders": Read(facts.ORDERS),
        "old_products": Read(CUSTOMER_PRODUCTS, optional=True),
        "old_known": Read(CUSTOMER_ORDERS, optional=True),
        "old_history": Read(CUSTOMER_HISTORY, optional=True),
    },
    writes=(CUSTOMER_PRODUCTS, CUSTOMER_ORDERS, CUSTOMER_HISTORY),
    transform=customer_products,
    is_dated=False,
    follows="orders",
    rules=RULES,
)
