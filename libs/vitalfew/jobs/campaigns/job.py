"""The procedure `campaigns`: what it reads and writes.

It is on request and not part of `all`: it writes contact details into files that are given away, and nobody should
find such files because a nightly run came by. One more day is one more plan: its rows are looked at, and no others.
"""

from __future__ import annotations

from vitalfew.job import Procedure, Read
from vitalfew.jobs.actions.tables import CUSTOMER_ACTIONS, PLAN_LIMITS
from vitalfew.jobs.campaigns.params import CampaignsParams
from vitalfew.jobs.campaigns.tables import CAMPAIGN_CONTACTS, CAMPAIGN_CUSTOMERS, CAMPAIGN_FILES, CAMPAIGN_OUTCOMES
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.tables import sources

JOB = Procedure(
    name="campaigns",
    question="Who gets what by which channel, as a file that the platform takes?",
    params=CampaignsParams,
    reads={
        "customer_actions": Read(CUSTOMER_ACTIONS),
        "plan_limits": Read(PLAN_LIMITS),
        "contacts": Read(sources.CONTACTS, optional=True),
        "consents": Read(sources.CONSENTS, optional=True),
        "recommendations": Read(RECOMMENDATIONS, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=(CAMPAIGN_FILES, CAMPAIGN_OUTCOMES, CAMPAIGN_CUSTOMERS, CAMPAIGN_CONTACTS),
    on_request=True,
)
