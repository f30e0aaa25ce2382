"""The job `voice`: what it reads, computes and writes.

One day more costs a pass over the texts of the window; without texts and bursts it costs one look.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.tables import VOICE_SOURCES, VOICE_THEMES, VOICE_TOTALS
from vitalfew.jobs.voice.transform import voice
from vitalfew.tables import facts, sources

JOB = Job(
    name="voice",
    question="What do customers talk about, what upsets them, and where does a crisis come from?",
    params=VoiceParams,
    reads={
        "orders": Read(facts.ORDERS),
        "events": Read(sources.EVENTS, optional=True),
        "alerts": Read(ALERTS, optional=True),
        "customer_profile": Read(facts.CUSTOMER_PROFILE, optional=True),
    },
    writes=(VOICE_THEMES, VOICE_SOURCES, VOICE_TOTALS),
    transform=voice,
)
