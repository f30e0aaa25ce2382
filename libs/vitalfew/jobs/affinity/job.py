"""The job `affinity`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.affinity.params import AffinityParams
from vitalfew.jobs.affinity.tables import AFFINITY, AFFINITY_FIT, BUNDLES, CATALOGUE_PAGES
from vitalfew.jobs.affinity.transform import affinity
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import facts, sources

JOB = Job(
    name="affinity",
    question="What is sold together or instead of each other, as which bundle, on which page?",
    params=AffinityParams,
    reads={
        "orders": Read(facts.ORDERS),
        "products": Read(sources.PRODUCTS, optional=True),
        "rfm": Read(RFM, optional=True),
        "fit": Read(AFFINITY_FIT, part="fit", optional=True),
    },
    writes=(AFFINITY, BUNDLES, CATALOGUE_PAGES, AFFINITY_FIT),
    transform=affinity,
)
