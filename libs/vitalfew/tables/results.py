"""What the analyses answer: one slice per `as_of`, which a run replaces and no other."""

from __future__ import annotations

from collections.abc import Mapping

from vitalfew.tables.table import Table

AS_OF = "date not null comment 'The day of observation: what is older is known, what is of this day or later is not.'"


def result(
    name: str, row: str, key: tuple[str, ...], columns: Mapping[str, str], always: tuple[str, ...] = ()
) -> Table:
    """A result table: `as_of` comes first, in the columns and in the key."""
    return Table(
        name=name,
        row=row + ", on one day of observation",
        key=("as_of", *key),
        kind="result",
        columns={"as_of": AS_OF, **columns},
        always=always,
        slice="as_of",
    )


SHARE = "between 0 and 1"

RFM = result(
    "rfm",
    "one customer",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who bought.'",
        "recency_days": "int not null comment 'Days from the last order to as_of.'",
        "frequency": "bigint not null comment 'Distinct orders in the window.'",
        "monetary": "decimal(28,2) not null comment 'Net spend in the window, returns taken off.'",
        "first_order_on": "date not null comment 'First order in the window.'",
        "last_order_on": "date not null comment 'Last order in the window.'",
        "average_order_value": "decimal(28,2) not null comment 'monetary / frequency.'",
        "pieces_per_order": "double not null comment 'Pieces / frequency.'",
        "orders_per_month": "double not null comment 'frequency per 30.4375 days since the first order, at least one month.'",
        "most_bought_product_id": "string comment 'Product in most orders; ties by pieces, then by id.'",
        "r": "int not null comment 'Score of recency, the highest is the most recent.'",
        "f": "int not null comment 'Score of frequency, the highest is the most frequent.'",
        "m": "int not null comment 'Score of monetary, the highest spends most.'",
        "cell": "string not null comment 'r, f and m in a row: 555 is the best.'",
        "segment": "string not null comment 'Name of the cell in the chosen map.'",
    },
    ("recency_days > 0", "frequency > 0", "least(r, f, m) >= 1", "first_order_on <= last_order_on"),
)

RFM_CUTS = result(
    "rfm_cuts",
    "one cut point between two scores of one axis",
    ("axis", "score"),
    {
        "axis": "string not null comment 'recency_days, frequency or monetary.'",
        "score": "int not null comment 'The score that begins here: a value at or beyond the cut (recency: at or below) has at least this score.'",
        "cut": "decimal(28,2) not null comment 'The cut point, in the unit of the axis.'",
    },
    ("score >= 2",),
)

RFM_SEGMENTS = result(
    "rfm_segments",
    "one segment",
    ("segment",),
    {
        "segment": "string not null comment 'Name of the segment.'",
        "customers": "bigint not null comment 'Customers in it.'",
        "share_of_customers": "double not null comment 'Of all scored customers.'",
        "monetary": "decimal(28,2) not null comment 'Their net spend.'",
        "share_of_monetary": "double comment 'Of the net spend of all scored customers; NULL where that is zero.'",
        "mean_recency_days": "double not null comment 'Mean days since the last order.'",
        "mean_frequency": "double not null comment 'Mean orders.'",
        "mean_monetary": "decimal(28,2) not null comment 'Mean net spend.'",
        "action": "string not null comment 'What to do next.'",
    },
    ("customers > 0",),
)

CONTRIBUTION = result(
    "contribution",
    "one customer or product and its part of the value",
    ("subject", "subject_id"),
    {
        "subject": "string not null comment 'customer or product.'",
        "subject_id": "string not null comment 'Which.'",
        "value": "decimal(28,2) not null comment 'Net spend, or margin where that is asked for.'",
        "share": "double not null comment 'Of the value of all with value above zero; 0 for the others.'",
        "rank": "bigint not null comment '1 has the highest value; ties by id.'",
        "cumulative_share": "double not null comment 'Share of this one and all before it.'",
        "decile": "int not null comment '1 are the tenth with the highest value.'",
        "abc": "string not null comment 'A, B, C, or none where value is not above zero.'",
        "is_super": "boolean not null comment 'Value at least the factor times the mean of all others.'",
    },
    ("rank > 0", "decile between 1 and 10", "abc in ('A', 'B', 'C', 'none')", "subject in ('customer', 'product')"),
)

CONCENTRATION = result(
    "concentration",
    "how concentrated the value is, overall or in one group",
    ("subject", "dimension", "member"),
    {
        "subject": "string not null comment 'customer or product.'",
        "dimension": "string not null comment 'all, or the attribute by which it is split.'",
        "member": "string not null comment 'all, or one value of the attribute; unknown where it is NULL.'",
        "subjects": "bigint not null comment 'How many, value above zero or not.'",
        "subjects_without_value": "bigint not null comment 'How many whose value is not above zero.'",
        "value": "decimal(28,2) not null comment 'Value of all.'",
        "share_of_value": "double comment 'Of the value of all members; NULL where that is zero.'",
        "mean_value": "decimal(28,2) not null comment 'Value of one, on average.'",
        "ratio_to_others": "double comment 'mean_value over that of the other members of the dimension together; NULL where there are none, or theirs is not above zero.'",
        "top_share": "double comment 'Share of the value that the top 20 % (or as set) hold, what is below zero counted as zero; NULL where no value is above zero.'",
        "top_share_low": "double comment 'Lower end of its bootstrap interval.'",
        "top_share_high": "double comment 'Upper end of its bootstrap interval.'",
        "subjects_for_target": "bigint comment 'How many, highest first, hold 80 % (or as set) of the value.'",
        "share_for_target": "double comment 'The same, as a share of all.'",
        "gini": "double comment 'Gini coefficient of the value, what is below zero counted as zero.'",
        "gini_low": "double comment 'Lower end of its bootstrap interval.'",
        "gini_high": "double comment 'Upper end of its bootstrap interval.'",
        "super_subjects": "bigint not null comment 'How many have at least the factor times the mean of the others.'",
        "super_share": "double comment 'Share of the value that they hold.'",
    },
    ("subjects > 0",),
)

LORENZ = result(
    "lorenz",
    "one point of a Lorenz curve",
    ("subject", "dimension", "member", "percent"),
    {
        "subject": "string not null comment 'customer or product.'",
        "dimension": "string not null comment 'all, or the attribute by which it is split.'",
        "member": "string not null comment 'all, or one value of the attribute.'",
        "percent": "int not null comment 'Percent of the subjects, lowest value first.'",
        "share_of_value": "double not null comment 'Share of the value that these hold; a value below zero counts as zero.'",
    },
    ("percent between 0 and 100",),
)

ITEMSETS = result(
    "itemsets",
    "one set of items that are often in one basket",
    ("level", "items"),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "items": "array<string> not null comment 'The items, sorted.'",
        "size": "int not null comment 'How many items.'",
        "n": "bigint not null comment 'Baskets that contain all of them.'",
        "baskets": "bigint not null comment 'Baskets in all.'",
        "support": "double not null comment 'n / baskets.'",
    },
    ("n > 0", "n <= baskets", "size = size(items)"),
)

RULES = result(
    "rules",
    "one rule: who has these in the basket also has that",
    ("level", "antecedent", "consequent"),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "antecedent": "array<string> not null comment 'The items given, sorted.'",
        "consequent": "string not null comment 'The item that follows.'",
        "n": "bigint not null comment 'Baskets with all of them: n(XY).'",
        "n_antecedent": "bigint not null comment 'Baskets with the antecedent: n(X).'",
        "n_consequent": "bigint not null comment 'Baskets with the consequent: n(Y).'",
        "baskets": "bigint not null comment 'Baskets in all: N.'",
        "support": "double not null comment 'n(XY) / N.'",
        "confidence": "double not null comment 'n(XY) / n(X).'",
        "lift": "double not null comment 'confidence / s(Y): how many times as likely.'",
        "leverage": "double not null comment 's(XY) - s(X) s(Y).'",
        "conviction": "double comment '(1 - s(Y)) / (1 - confidence); NULL where confidence is 1.'",
        "zhang": "double comment 'Metric of Zhang, -1 to 1; NULL where it is 0 / 0.'",
        "phi": "double comment 'Correlation of the two indicators; NULL where one is constant.'",
        "p_value": "double not null comment 'One-sided Fisher: P(Hypergeometric >= n).'",
        "q_value": "double not null comment 'p_value after Benjamini-Hochberg over all rules of the level whose items are an itemset, whatever their confidence.'",
        "is_significant": "boolean not null comment 'q_value at most the chosen level.'",
        "is_redundant": "boolean not null comment 'A part of the antecedent, or nothing at all, says it with no less confidence.'",
    },
    ("n > 0", "n <= n_antecedent", "n <= n_consequent", f"confidence {SHARE}", f"p_value {SHARE}", f"q_value {SHARE}"),
)

BASKET_LIMITS = result(
    "basket_limits",
    "one level of the hierarchy: what was mined, and what the guards did",
    ("level",),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "baskets": "bigint not null comment 'Baskets mined.'",
        "items": "bigint not null comment 'Distinct items in them.'",
        "frequent_items": "bigint not null comment 'Items at or above the count that was used.'",
        "oversized_baskets": "bigint not null comment 'Baskets over the size cap, left out.'",
        "requested_count": "bigint not null comment 'Baskets a set needed, as configured.'",
        "used_count": "bigint not null comment 'Baskets a set needed in fact: raised where memory would not do.'",
        "note": "string comment 'What a guard did, in words; NULL where none acted.'",
    },
    ("used_count >= requested_count",),
)

CLUSTERS = result(
    "clusters",
    "one customer and the cluster nearest to them",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who.'",
        "cluster": "int not null comment 'The cluster; the same number is the same cluster from run to run.'",
        "name": "string not null comment 'Its name: what sets it apart.'",
        "distance": "double not null comment 'Euclidean distance to its centre, in standardised units.'",
        "second_cluster": "int comment 'The next nearest; NULL where there is one cluster only.'",
        "second_distance": "double comment 'Distance to the centre of that one.'",
    },
    ("cluster >= 1", "distance >= 0", "second_distance is null or second_distance >= distance"),
)

CLUSTER_PROFILES = result(
    "cluster_profiles",
    "one cluster",
    ("cluster",),
    {
        "cluster": "int not null comment 'The cluster.'",
        "name": "string not null comment 'What sets it apart, in words made from its features.'",
        "customers": "bigint not null comment 'Customers in it.'",
        "share_of_customers": "double not null comment 'Of all clustered.'",
        "monetary": "decimal(28,2) not null comment 'Their net spend.'",
        "share_of_monetary": "double comment 'Of the net spend of all clustered; NULL where that is zero.'",
        "is_new": "boolean not null comment 'No cluster of the run before matches it.'",
        "action": "string not null comment 'What to do next.'",
    },
    ("cluster >= 1", "customers > 0"),
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

RECOMMENDATIONS = result(
    "recommendations",
    "one product recommended to one customer",
    ("customer_id", "rank"),
    {
        "customer_id": "string not null comment 'To whom.'",
        "rank": "int not null comment '1 is the first to show.'",
        "product_id": "string not null comment 'What.'",
        "method": "string not null comment 'rules, repeat, similar or popular: what spoke loudest for it.'",
        "score": "double not null comment 'Strength after blending; comparable within one customer.'",
        "because": "array<string> not null comment 'Product ids that are the reason.'",
        "reason": "string not null comment 'The reason in words.'",
    },
    ("rank >= 1",),
)

RECOMMENDATION_EVALUATION = result(
    "recommendation_evaluation",
    "one method, measured on orders it had not seen",
    ("method", "k"),
    {
        "method": "string not null comment 'rules, repeat, similar, popular; blend: all together; discovery: the blend with places kept for what is new to the customer; baselines: most popular, buy again.'",
        "k": "int not null comment 'Length of the list.'",
        "split_on": "date not null comment 'What was before this day was known, the rest was to be foretold.'",
        "customers": "bigint not null comment 'Customers known before the split who bought after it.'",
        "hit_rate": "double not null comment 'Share with at least one hit.'",
        "precision": "double not null comment 'Hits / k, mean.'",
        "recall": "double not null comment 'Hits / products bought, mean.'",
        "ndcg": "double not null comment 'Normalised discounted cumulative gain, mean.'",
        "map": "double not null comment 'Mean average precision.'",
        "coverage": "double not null comment 'Share of the products sold before the split that is recommended to any of these customers.'",
        "novelty": "double comment 'Mean of -log2 of the share of customers who had bought what is recommended, in bits; NULL where nothing is.'",
        "is_baseline": "boolean not null comment 'One of the two to beat.'",
        "is_published": "boolean not null comment 'Recommendations are made with it: it beats both baselines.'",
    },
    ("k >= 1", f"hit_rate {SHARE}", f"precision {SHARE}", f"recall {SHARE}", f"coverage {SHARE}"),
)

SUMMARY = result(
    "summary",
    "one line of the summary",
    ("section", "position"),
    {
        "section": "string not null comment 'The question.'",
        "position": "int not null comment 'Order within the section.'",
        "label": "string not null comment 'What the line is about.'",
        "text": "string not null comment 'The answer.'",
        "action": "string comment 'What to do next.'",
    },
    ("position >= 1",),
)
