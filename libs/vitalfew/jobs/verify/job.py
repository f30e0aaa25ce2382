"""The job `verify`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.verify.params import VerifyParams
from vitalfew.jobs.verify.tables import VERIFICATION
from vitalfew.jobs.verify.transform import verify

JOB = Job(
    name="verify",
    question="Does this engine reproduce what was published?",
    params=VerifyParams,
    reads={
        "before": Read(VERIFICATION, optional=True),
    },
    writes=(VERIFICATION,),
    transform=verify,
    is_dated=False,
    on_request=True,
)
