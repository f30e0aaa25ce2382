"""The job `orders`: what it reads, computes and writes.

One day more costs the passes that check all lines and fingerprint their days; a look at the old orders, by their
numbers; the lines of the days that the changed orders span; and writing `orders` again, whose files hold all days.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.orders.params import OrderParams
from vitalfew.jobs.orders.transform import orders
from vitalfew.tables import facts, sources

JOB = Job(
    name="orders",
    question="Who ordered what, when, and for how much?",
    params=OrderParams,
    reads={
        "order_lines": Read(sources.ORDER_LINES),
        "products": Read(sources.PRODUCTS, optional=True),
        "customers": Read(sources.CUSTOMERS, optional=True),
        "old_orders": Read(facts.ORDERS, optional=True),
        "old_days": Read(facts.ORDER_DAYS, optional=True),
        "old_profile": Read(facts.CUSTOMER_PROFILE, optional=True),
    },
    writes=(facts.ORDERS, facts.ORDER_DAYS, facts.CUSTOMER_PROFILE),
    transform=orders,
    is_dated=False,
)
