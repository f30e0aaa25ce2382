"""The procedure `expire`."""

from __future__ import annotations

from vitalfew.job import Procedure
from vitalfew.jobs.expire.params import ExpireParams

JOB = Procedure(
    name="expire",
    question="Which rows are older than the target keeps them?",
    params=ExpireParams,
    reads={},
    writes=(),
    on_request=True,
    is_exclusive=True,
)
