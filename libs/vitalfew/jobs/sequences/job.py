"""The job `sequences`: what it reads, computes and writes.

Between two fits, one more day costs the orders of the days that a rule reaches back; on the day of a fit, all orders.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.jobs.sequences.tables import (
    NEXT_IN_SEQUENCE,
    PRODUCT_LOYALTY,
    SEQUENCE_EVALUATION,
    SEQUENCE_FIT,
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
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "fit": Read(SEQUENCE_FIT, part="fit", optional=True),
        "known_rules": Read(SEQUENCE_RULES, part="fit", optional=True),
    },
    writes=(
        SEQUENCE_RULES,
        SEQUENCE_PATTERNS,
        PRODUCT_LOYALTY,
        NEXT_IN_SEQUENCE,
        SEQUENCE_EVALUATION,
        SEQUENCE_LIMITS,
        SEQUENCE_FIT,
    ),
    transform=sequences,
)
