"""The job `alerts`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.jobs.alerts.tables import ALERT_EVALUATION, ALERT_FIT, ALERT_TOTALS, ALERTS
from vitalfew.jobs.alerts.transform import alerts
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.tables import facts, sources

JOB = Job(
    name="alerts",
    question="What needs attention now, how much is at stake, and since when?",
    params=AlertParams,
    reads={
        "orders": Read(facts.ORDERS),
        "events": Read(sources.EVENTS, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
        "next_purchase": Read(NEXT_PURCHASE, optional=True),
        "next_purchase_before": Read(NEXT_PURCHASE, part="previous", optional=True),
        "before": Read(ALERTS, part="previous", optional=True),
        "customer_history": Read(CUSTOMER_HISTORY, optional=True, in_step=True),
        "fit": Read(ALERT_FIT, part="fit", optional=True),
    },
    writes=(ALERTS, ALERT_TOTALS, ALERT_EVALUATION, ALERT_FIT),
    transform=alerts,
)
