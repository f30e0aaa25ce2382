"""The procedure `forget`: what it writes."""

from __future__ import annotations

from vitalfew.job import Procedure
from vitalfew.jobs.forget.params import ForgetParams
from vitalfew.tables import logs

JOB = Procedure(
    name="forget",
    question="Which customers are to be forgotten, and is nothing left of them?",
    params=ForgetParams,
    reads={},
    writes=(logs.SUPPRESSED, logs.ERASURES),
    on_request=True,
    is_exclusive=True,
)
