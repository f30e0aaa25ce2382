"""The job `recommendations`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.tables import RECOMMENDATION_EVALUATION, RECOMMENDATION_FIT, RECOMMENDATIONS
from vitalfew.jobs.recommendations.transform import recommendations
from vitalfew.tables import facts, sources

JOB = Job(
    name="recommendations",
    question="What will each customer want next, and why?",
    params=RecommendationParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "fit": Read(RECOMMENDATION_FIT, part="fit", optional=True),
    },
    writes=(RECOMMENDATIONS, RECOMMENDATION_EVALUATION, RECOMMENDATION_FIT),
    transform=recommendations,
)
