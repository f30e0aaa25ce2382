"""The job `uplift`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.uplift.params import UpliftParams
from vitalfew.jobs.uplift.tables import UPLIFT, UPLIFT_ARMS
from vitalfew.jobs.uplift.transform import uplift
from vitalfew.tables import facts, sources

JOB = Job(
    name="uplift",
    question="What did each campaign or action bring, against customers left out at random?",
    params=UpliftParams,
    reads={
        "treatments": Read(sources.TREATMENTS),
        "orders": Read(facts.ORDERS),
        "customer_profile": Read(facts.CUSTOMER_PROFILE),
    },
    writes=(UPLIFT, UPLIFT_ARMS),
    transform=uplift,
)
