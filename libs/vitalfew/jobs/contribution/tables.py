"""Who brings the value, and how concentrated it is."""

from __future__ import annotations

from vitalfew.tables.result import result

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
