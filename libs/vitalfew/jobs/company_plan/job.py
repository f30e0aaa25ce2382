"""The job `company_plan`: what it reads, computes and writes.

It reads results alone, of the orders only the first day: one more day costs as much as any other.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.actions.tables import ACTION_PLAN
from vitalfew.jobs.affinity.tables import BUNDLES
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.company_plan.params import CompanyPlanParams
from vitalfew.jobs.company_plan.tables import COMPANY_PLAN
from vitalfew.jobs.company_plan.transform import company_plan
from vitalfew.jobs.demand.tables import PURCHASE_PLAN
from vitalfew.jobs.price.tables import DISCOUNT_COST, PRODUCT_ELASTICITY
from vitalfew.jobs.voice.tables import VOICE_SOURCES
from vitalfew.tables import facts, sources

JOB = Job(
    name="company_plan",
    question="What should the company do next, and what is each thing worth?",
    params=CompanyPlanParams,
    reads={
        "orders": Read(facts.ORDERS),
        "alerts": Read(ALERTS, optional=True),
        "voice_sources": Read(VOICE_SOURCES, optional=True),
        "purchase_plan": Read(PURCHASE_PLAN, optional=True),
        "discount_cost": Read(DISCOUNT_COST, optional=True),
        "product_elasticity": Read(PRODUCT_ELASTICITY, optional=True),
        "bundles": Read(BUNDLES, optional=True),
        "action_plan": Read(ACTION_PLAN, optional=True),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=(COMPANY_PLAN,),
    transform=company_plan,
)
