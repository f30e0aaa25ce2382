"""The job `actions`: what it reads, computes and writes.

One more day is a new plan: every customer is looked at, in a few aggregations over their options.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import (
    ACTION_PLAN,
    CUSTOMER_ACTIONS,
    PLAN_LIMITS,
    PLAN_TOTALS,
    PLANNED_CONTACTS,
)
from vitalfew.jobs.actions.transform import actions
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.influence.tables import CUSTOMER_INFLUENCE, INFLUENCE_TOTALS
from vitalfew.jobs.lifecycle.tables import CUSTOMER_STAGES
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, REPEAT_PURCHASES
from vitalfew.jobs.prospects.tables import PROSPECT_EVALUATION, PROSPECTS
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.share_of_wallet.tables import CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_EVALUATION
from vitalfew.jobs.timing.tables import CUSTOMER_TIMING
from vitalfew.jobs.uplift.tables import UPLIFT
from vitalfew.tables import sources

JOB = Job(
    name="actions",
    question="What should we do this period, and what will it bring?",
    params=ActionsParams,
    reads={
        "next_purchase": Read(NEXT_PURCHASE),
        "repeat_purchases": Read(REPEAT_PURCHASES, optional=True),
        "recommendations": Read(RECOMMENDATIONS, optional=True),
        "customer_stages": Read(CUSTOMER_STAGES, optional=True),
        "alerts": Read(ALERTS, optional=True),
        "contribution": Read(CONTRIBUTION, optional=True),
        "rfm": Read(RFM, optional=True),
        "customer_timing": Read(CUSTOMER_TIMING, optional=True),
        "customer_wallet": Read(CUSTOMER_WALLET, optional=True),
        "wallet_categories": Read(WALLET_CATEGORIES, optional=True),
        "wallet_evaluation": Read(WALLET_EVALUATION, optional=True),
        "customer_influence": Read(CUSTOMER_INFLUENCE, optional=True),
        "influence_totals": Read(INFLUENCE_TOTALS, optional=True),
        "uplift": Read(UPLIFT, optional=True),
        "treatments": Read(sources.TREATMENTS, optional=True),
        "consents": Read(sources.CONSENTS, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
        "stock": Read(sources.STOCK, optional=True),
        "prospects": Read(PROSPECTS, optional=True),
        "prospect_evaluation": Read(PROSPECT_EVALUATION, optional=True),
        "before": Read(PLANNED_CONTACTS, part="previous", optional=True, any_settings=True),
    },
    writes=(CUSTOMER_ACTIONS, ACTION_PLAN, PLAN_LIMITS, PLAN_TOTALS, PLANNED_CONTACTS),
    transform=actions,
)
