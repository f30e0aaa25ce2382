"""Which customers are alike."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import fit, result

CLUSTERS = result(
    "clusters",
    "one customer and the cluster nearest to them",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who.'",
        "cluster": "int not null comment 'The cluster; the same number is the same cluster from run to run.'",
        **text_columns("name", "Its name: what sets it apart."),
        "distance": "double not null comment 'Euclidean distance to its centre, in standardised units.'",
        "second_cluster": "int comment 'The next nearest; NULL where there is one cluster only.'",
        "second_distance": "double comment 'Distance to the centre of that one.'",
    },
    ("cluster >= 1", "distance >= 0", "second_distance is null or second_distance >= distance"),
    texts={"name": ("clusters.name",)},
)

CLUSTER_PROFILES = result(
    "cluster_profiles",
    "one cluster",
    ("cluster",),
    {
        "cluster": "int not null comment 'The cluster.'",
        **text_columns("name", "What sets it apart, in words made from its features."),
        "customers": "bigint not null comment 'Customers in it.'",
        "share_of_customers": "double not null comment 'Of all clustered.'",
        "monetary": "decimal(28,2) not null comment 'Their net spend.'",
        "share_of_monetary": "double comment 'Of the net spend of all clustered; NULL where that is zero.'",
        "is_new": "boolean not null comment 'No cluster of the run before matches it.'",
        **text_columns("action", "What to do next."),
    },
    ("cluster >= 1", "customers > 0"),
    texts={"name": ("clusters.name",), "action": ("clusters.action",)},
)

CLUSTER_FEATURES = result(
    "cluster_features",
    "one feature of one cluster",
    ("cluster", "feature"),
    {
        "cluster": "int not null comment 'The cluster.'",
        "feature": "string not null comment 'The feature.'",
        "centre": "double not null comment 'The centre, in standardised units: deviations from the mean of all.'",
        "cluster_mean": "double not null comment 'Mean of the cluster, in the unit of the feature.'",
        "overall_mean": "double not null comment 'Mean of all, in the unit of the feature.'",
        "shift": "double not null comment 'What was subtracted to standardise (after the logarithm, where one is taken).'",
        "scale": "double not null comment 'What it was divided by.'",
    },
    ("scale > 0",),
)

CLUSTER_SCORES = result(
    "cluster_scores",
    "one number of clusters that was tried",
    ("k",),
    {
        "k": "int not null comment 'Clusters.'",
        "silhouette": "double comment 'Mean silhouette on a sample, -1 to 1; NULL for k = 1.'",
        "stability": "double comment 'Mean adjusted Rand index between bootstrap fits; NULL for k = 1.'",
        "cost": "double not null comment 'Sum of squared distances on the sample.'",
        "is_chosen": "boolean not null comment 'The one that was used.'",
    },
    ("k >= 1", "cost >= 0"),
)

CLUSTER_FIT = fit("cluster_fit", "what customers are assigned with: units of the features, and centres of the clusters")
