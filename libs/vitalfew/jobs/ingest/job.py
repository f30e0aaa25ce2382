"""The job `ingest`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.tables import logs, sources

JOB = Job(
    name="ingest",
    question="Which files are new, and which of their rows can be trusted?",
    params=IngestParams,
    reads={},
    writes=(sources.ORDER_LINES, sources.EVENTS, sources.CUSTOMERS, sources.PRODUCTS, sources.CONTACTS),
    transform=None,
    is_dated=False,
    logs=(logs.FILES, logs.ROW_VERSIONS, logs.REPLACED_ROWS),
)
