"""The job `next_purchase`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.tables import (
    NEXT_PURCHASE,
    PURCHASE_BACKTESTS,
    PURCHASE_CALIBRATION,
    PURCHASE_FIT,
    PURCHASE_FORECAST,
    PURCHASE_MODELS,
    PURCHASE_OUTLOOK,
    PURCHASE_PARAMETERS,
    PURCHASE_RELIABILITY,
    PURCHASE_WINDOWS,
    REPEAT_PURCHASES,
)
from vitalfew.jobs.next_purchase.transform import next_purchase
from vitalfew.tables import facts, sources

JOB = Job(
    name="next_purchase",
    question="Who will come back, when, and what are they worth?",
    params=NextPurchaseParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "fit": Read(PURCHASE_FIT, part="fit", optional=True),
    },
    writes=(
        NEXT_PURCHASE,
        PURCHASE_FORECAST,
        PURCHASE_OUTLOOK,
        PURCHASE_BACKTESTS,
        PURCHASE_RELIABILITY,
        PURCHASE_MODELS,
        PURCHASE_PARAMETERS,
        PURCHASE_CALIBRATION,
        PURCHASE_WINDOWS,
        REPEAT_PURCHASES,
        PURCHASE_FIT,
    ),
    transform=next_purchase,
)
