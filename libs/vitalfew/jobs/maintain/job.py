"""The procedure `maintain`."""

from __future__ import annotations

from vitalfew.job import Procedure
from vitalfew.jobs.maintain.params import MaintainParams

JOB = Procedure(
    name="maintain",
    question="Which files are too small, and which does no reader need any more?",
    params=MaintainParams,
    reads={},
    writes=(),
    on_request=True,
)
