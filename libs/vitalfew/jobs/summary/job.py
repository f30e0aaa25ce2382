"""The job `summary`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.jobs.summary.transform import SUMMARISED, summary

JOB = Job(
    name="summary",
    question="What does it all say, on one page?",
    params=SummaryParams,
    reads={table.name: Read(table, optional=True) for table in SUMMARISED},
    writes=(SUMMARY,),
    transform=summary,
)
