"""Who brings the value: RFM and contribution."""

from __future__ import annotations

from vitalfew.tables.results.slices import result

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
