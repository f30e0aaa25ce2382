"""The job `clusters`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.clusters.params import ClusterParams
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES, CLUSTER_FIT, CLUSTER_PROFILES, CLUSTER_SCORES, CLUSTERS
from vitalfew.jobs.clusters.transform import clusters
from vitalfew.tables import facts

JOB = Job(
    name="clusters",
    question="Which customers are alike, and what sets each group apart?",
    params=ClusterParams,
    reads={
        "orders": Read(facts.ORDERS),
        "customer_profile": Read(facts.CUSTOMER_PROFILE),
        "previous_features": Read(CLUSTER_FEATURES, part="previous", optional=True, any_settings=True),
        "fit": Read(CLUSTER_FIT, part="fit", optional=True),
    },
    writes=(CLUSTERS, CLUSTER_PROFILES, CLUSTER_FEATURES, CLUSTER_SCORES, CLUSTER_FIT),
    transform=clusters,
)
