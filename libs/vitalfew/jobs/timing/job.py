"""The job `timing`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.timing.params import TimingParams
from vitalfew.jobs.timing.tables import CUSTOMER_TIMING, TIMING_GRID, TIMING_PEAKS
from vitalfew.jobs.timing.transform import timing
from vitalfew.tables import facts, sources

JOB = Job(
    name="timing",
    question="When do customers buy, which hours stand out, and when is each one best reached?",
    params=TimingParams,
    reads={
        "orders": Read(facts.ORDERS),
        "events": Read(sources.EVENTS, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
        "rfm": Read(RFM, optional=True),
    },
    writes=(TIMING_GRID, TIMING_PEAKS, CUSTOMER_TIMING),
    transform=timing,
)
