"""The job `sequences`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.jobs.sequences.tables import (
    NEXT_IN_SEQUENCE,
    PRODUCT_LOYALTY,
    SEQUENCE_EVALUATION,
    SEQUENCE_LIMITS,
    SEQUENCE_PATTERNS,
    SEQUENCE_RULES,
)
from vitalfew.jobs.sequences.transform import sequences
from vitalfew.tables import facts, sources

JOB = Job(
    name="sequences",
    question="What do customers buy after what, and when?",
    params=SequencesParams,
    reads={"orders": Read(facts.ORDERS), "products": Read(sources.PRODUCTS, optional=True)},
    writes=(
        SEQUENCE_RULES,
        SEQUENCE_PATTERNS,
        PRODUCT_LOYALTY,
        NEXT_IN_SEQUENCE,
        SEQUENCE_EVALUATION,
        SEQUENCE_LIMITS,
    ),
    transform=sequences,
    on_request=True,  # it costs half of what all others cost where there is much to count, and no fit is kept yet
)
