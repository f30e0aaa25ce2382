"""Small groups that differ from the others, whether the other half confirms it, and the group of each customer."""

from __future__ import annotations

from typing import get_args

from vitalfew.jobs.micro_segments.params import TargetName
from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

CONFIRMED, NOT_CONFIRMED, REVERSED = VERDICTS = ("confirmed", "not_confirmed", "reversed")
HIGHER, LOWER = DIRECTIONS = ("higher", "lower")
GROUP, SEGMENT, EVERYBODY = LEVELS = ("group", "segment", "everybody")
REASONS = ("confirmed", "none_confirmed", "none_found", "too_few", "no_figures", "no_attributes", "all_equal")
ALL_TARGETS: tuple[str, ...] = get_args(TargetName)
MONEY = "decimal(28,2)"
TARGET = "string not null comment 'In what: spend (net money in the window of rfm), average_order_value, return_probability (within 90 days), gap_days (mean days between orders), discount_share (of purchases at a price well below the usual one), expected_value (within horizon_days).'"

MICRO_SEGMENTS = result(
    "micro_segments",
    "one small group of customers that differed from the others on one half of the customers",
    ("micro_segment",),
    {
        "micro_segment": "int not null comment 'Its number: from 1, by target, the confirmed first, then by customers times difference on the half that was searched.'",
        "target": TARGET,
        "conditions": "map<string,string> not null comment 'Values of attributes that make the group; unknown: the value is not known.'",
        **text_columns("name", "The same in words."),
        "depth": "int not null comment 'How many conditions.'",
        "verdict": "string not null comment 'confirmed: so on the other half too, beyond chance, and its interval leaves 0 out; not_confirmed: there it may be chance; reversed: there it differs the other way.'",
        "direction": "string not null comment 'higher or lower than the others.'",
        "customers": "bigint not null comment 'Customers in it with a figure.'",
        "mean": "double not null comment 'Mean figure of its customers; amounts and gaps are capped (see micro_segment_targets).'",
        "rest_mean": "double not null comment 'The same of all other customers of whom the same attributes are known.'",
        "difference": "double not null comment 'mean less rest_mean, of all customers. What is found looks larger than it is.'",
        "difference_shrunk": "double not null comment 'The same on the half that was not searched, less what chance adds to it: what to plan with. 0 where chance is as large.'",
        "difference_low": "double not null comment 'Lower end of the 95 % interval of confirmed_difference.'",
        "difference_high": "double not null comment 'Upper end of it.'",
        "effect": "double not null comment 'difference in standard deviations of the customers.'",
        "weighted_difference": "double not null comment 'Share of the customers times (mean less that of all): WRAcc where the figure is yes or no.'",
        "found_customers": "bigint not null comment 'Customers of the half that was searched.'",
        "found_difference": "double not null comment 'Difference there.'",
        "found_p_value": "double not null comment 'Two-sided, the largest of its comparisons: with the others, and with what is left of each group with one condition less.'",
        "found_q_value": "double not null comment 'The same after Benjamini-Hochberg over all groups of all targets that were tested.'",
        "confirmed_customers": "bigint not null comment 'Customers of the other half.'",
        "confirmed_difference": "double not null comment 'Difference there.'",
        "confirmed_p_value": "double not null comment 'One-sided, in the direction found: the largest of the same comparisons.'",
        "confirmed_q_value": "double not null comment 'The same after Benjamini-Hochberg over all groups in this table.'",
        "spend": f"{MONEY} not null comment 'Net money of all its customers in the window of rfm.'",
        "value_at_stake": f"{MONEY} comment 'difference_shrunk times customers where the figure is money, without its sign; of other figures the spend of its customers, no less than 0. NULL unless confirmed.'",
        **text_columns("action", "What to do next; NULL unless confirmed.", is_required=False),
    },
    (
        "micro_segment > 0",
        "depth between 1 and 3",
        "customers = found_customers + confirmed_customers",
        "difference_low <= difference_shrunk and difference_shrunk <= difference_high",
        f"found_q_value {SHARE}",
        f"confirmed_q_value {SHARE}",
        "(verdict = 'confirmed') = (action is not null)",
        "(verdict = 'confirmed') = (value_at_stake is not null)",
    ),
    values={"target": ALL_TARGETS, "verdict": VERDICTS, "direction": DIRECTIONS},
    texts={"name": ("micro_segments.group",), "action": ("micro_segments.action",)},
)

MICRO_SEGMENT_TARGETS = result(
    "micro_segment_targets",
    "one figure in which groups may differ, and what was tested",
    ("target",),
    {
        "target": TARGET,
        "outcome": "string not null comment 'confirmed (groups are); none_confirmed (groups were found on one half alone); none_found; too_few (no group and rest of min_customers); no_figures (no table has it); no_attributes (nothing tells customers apart); all_equal (everybody has the same figure).'",
        "customers": "bigint not null comment 'Customers with the figure.'",
        "mean": "double comment 'Mean figure; NULL without a customer, or of fewer than min_customers.'",
        "deviation": "double comment 'Standard deviation of the customers; NULL likewise.'",
        "cap": "double comment 'Figures beyond this, either way, count as this; NULL: none is capped.'",
        "attributes": "array<string> not null comment 'Attributes by which groups were made.'",
        "excluded_attributes": "array<string> not null comment 'Attributes that were left out: they are made of the same figures, so that groups differ by construction.'",
        "tested_groups": "bigint not null comment 'Groups tested on the half that was searched.'",
        "found_groups": "bigint not null comment 'Of these, with a difference beyond chance that is large enough.'",
        "listed_groups": "bigint not null comment 'Of these, in micro_segments: nearly the same groups once, and no more than top.'",
        "confirmed_groups": "bigint not null comment 'Of these, confirmed on the other half.'",
        "deviation_of_groups": "double comment 'Standard deviation of the true differences of all groups that were tested, beyond chance; NULL where none was.'",
        "between_customers": "double comment 'Standard deviation of customers about the mean of their group, beyond the chance of own figures; NULL where a figure is no mean of own orders or purchases, or nothing tells the two apart.'",
        "within_customer": "double comment 'Standard deviation of the orders or purchases of one customer; NULL likewise.'",
    },
    ("found_groups <= tested_groups", "listed_groups <= found_groups", "confirmed_groups <= listed_groups"),
    values={"target": ALL_TARGETS, "outcome": REASONS},
)

CUSTOMER_MICRO_SEGMENTS = result(
    "customer_micro_segments",
    "one customer and one figure: the smallest confirmed group, its mean, and the own figure beside it",
    ("customer_id", "target"),
    {
        "customer_id": "string not null comment 'Who.'",
        "target": TARGET,
        "level": "string not null comment 'group: a confirmed one; else segment of rfm, where it has min_customers; else everybody.'",
        "micro_segment": "int comment 'Number of the group in micro_segments, the smallest that the customer is in; NULL of other levels.'",
        "segment": "string not null comment 'Segment of rfm.'",
        "reference_mean": "double not null comment 'Mean figure of the group, of the segment, or of everybody.'",
        "customer_figure": "double comment 'The own figure; NULL: not known.'",
        "own_n": "bigint comment 'Orders or purchases of which the own figure is a mean; NULL where it is none.'",
        "own_weight": "double comment 'How much the own figure counts beside reference_mean: by own_n (empirical Bayes); NULL where it is no mean, or nothing tells chance from customers apart.'",
        "expected_figure": "double not null comment 'What to expect of this customer: the own figure drawn to reference_mean by own_weight; the own figure where it is no mean; reference_mean where nothing is known.'",
    },
    (
        "(level = 'group') = (micro_segment is not null)",
        f"own_weight is null or own_weight {SHARE}",
        "own_n is null or own_n > 0",
    ),
    values={"target": ALL_TARGETS, "level": LEVELS},
)

TABLES = (MICRO_SEGMENTS, MICRO_SEGMENT_TARGETS, CUSTOMER_MICRO_SEGMENTS)
