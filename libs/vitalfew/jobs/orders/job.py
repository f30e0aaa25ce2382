"""The job `orders`: what it reads, computes and writes.

One day more costs checking and fingerprinting the lines in the files that came (all lines, where the files of the table
cannot be told apart); a look at the old orders, by their numbers; the lines of the days that the changed orders span;
and writing the months (years, in a small shop) of these days.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.orders.params import OrderParams
from vitalfew.jobs.orders.transform import RULES, orders
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
    follows="order_lines",
    as_before={"products": ("product_id", "unit")},
    rules=RULES,
)
