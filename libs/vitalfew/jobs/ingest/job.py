"""The procedure `ingest`: what it writes."""

from __future__ import annotations

from vitalfew.job import Procedure
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.tables import logs, sources

JOB = Procedure(
    name="ingest",
    question="Which files are new, and which of their rows can be trusted?",
    params=IngestParams,
    reads={},
    writes=(
        sources.ORDER_LINES,
        sources.EVENTS,
        sources.CUSTOMERS,
        sources.PRODUCTS,
        sources.CONTACTS,
        sources.TREATMENTS,
        sources.CONSENTS,
        sources.REFERRALS,
        sources.MILESTONES,
        sources.STOCK,
        sources.SITUATIONS,
    ),
    needs_files=True,
    logs=(logs.FILES, logs.ROW_VERSIONS, logs.REPLACED_ROWS),
)
