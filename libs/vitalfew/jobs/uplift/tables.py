"""What an action brought, against customers whom chance left out."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import result

CAMPAIGN = "string not null comment 'The campaign or plan; the action itself where treatments names none.'"
ACTION = "string not null comment 'What was tried.'"
NONE, ACTIVE, LAPSED = HISTORIES = ("none", "active", "lapsed")

UPLIFT = result(
    "uplift",
    "one arm of one action against its control arm, of one group of customers, by one outcome",
    ("campaign", "action", "arm", "dimension", "member", "outcome"),
    {
        "campaign": CAMPAIGN,
        "action": ACTION,
        "arm": "string not null comment 'What these customers were to get, whether it reached them or not.'",
        "dimension": "string not null comment 'all; history; or a column of customers.'",
        "member": "string not null comment 'all; of history none (no order before the assignment), active (one in the last before_days) or lapsed; a value of the column; unknown.'",
        "outcome": "string not null comment 'ordered (1 or 0), orders, revenue (returns taken off): of a customer in horizon_days.'",
        "horizon_days": "int not null comment 'Days from the assignment on whose orders count.'",
        "before_days": "int comment 'Who ordered in this many days before the assignment is active. NULL: an earlier version wrote the row.'",
        "customers": "bigint not null comment 'Customers of the arm whose days were all over before as_of.'",
        "control_customers": "bigint not null comment 'The same of the control arm.'",
        "smaller_arm": "bigint not null comment 'The smaller of the two: of so few people the row speaks.'",
        "mean": "double comment 'Outcome of a customer of the arm; NULL where there is none.'",
        "control_mean": "double comment 'The same of the control arm.'",
        "difference": "double comment 'mean less control_mean; with is_adjusted, of what orders before the assignment do not explain. NULL where nothing can be compared.'",
        "difference_low": "double comment 'Lower end of its interval (Welch).'",
        "difference_high": "double comment 'Upper end of its interval.'",
        "standard_error": "double comment 'Of the difference.'",
        "p_value": "double comment 'Welch, two-sided: that the action changed nothing.'",
        "q_value": "double comment 'p_value after Benjamini-Hochberg over all comparisons of the day.'",
        "narrowing": "double comment 'By which share of its width the same outcome before the assignment makes the interval narrower (CUPED); NULL where nobody had any.'",
        "is_adjusted": "boolean not null comment 'CUPED is used: narrowing is above min_narrowing.'",
        "least_detectable": "double comment 'The least difference that these customers show with the asked power.'",
        "needed_customers": "bigint comment 'Customers in each arm that show relevant_lift, or the difference seen, with the asked power: (z1 + z2)^2 (v1 + v2) / d^2 with the variances seen. Only where the reason is chance; NULL where the difference is next to nothing.'",
        "verdict": "string not null comment 'worked, harmed, or cannot_tell.'",
        "reason": "string not null comment 'significant; or why nobody can tell: ratio (sizes of arms are off), no_control, too_early (days are not over), too_few, constant (no outcome differs from another), chance.'",
        **text_columns("finding", "What that means, and what to do next."),
    },
    (
        "smaller_arm = least(customers, control_customers)",
        "(difference is null) = (p_value is null)",
        "(verdict = 'cannot_tell') = (reason <> 'significant')",
        "verdict = 'cannot_tell' or q_value is not null",
    ),
    values={
        "outcome": ("ordered", "orders", "revenue"),
        "verdict": ("worked", "harmed", "cannot_tell"),
        "reason": ("significant", "ratio", "no_control", "too_early", "too_few", "constant", "chance"),
    },
    texts={"finding": ("uplift.finding",)},
)

UPLIFT_ARMS = result(
    "uplift_arms",
    "one arm of one action, as it was filled",
    ("campaign", "action", "arm"),
    {
        "campaign": CAMPAIGN,
        "action": ACTION,
        "arm": "string not null comment 'control, or what its customers were to get.'",
        "is_control": "boolean not null comment 'Gets nothing.'",
        "customers": "bigint not null comment 'Customers whose first assignment is this arm.'",
        "observed_customers": "bigint not null comment 'Of these, whose horizon_days were all over before as_of.'",
        "expected_customers": "double comment 'By arm_shares, or of arms of one size; NULL where there is one arm.'",
        "ratio_chi_square": "double comment 'Of the sizes of all arms of the action.'",
        "ratio_p_value": "double comment 'That chance makes sizes differ as much from what was planned.'",
        "is_ratio_off": "boolean not null comment 'ratio_p_value is below ratio_significance: the arms of the action cannot be compared.'",
        "reached_customers": "bigint not null comment 'Of customers, to whom it came before as_of; in the control arm: contamination.'",
        "reassigned_customers": "bigint not null comment 'Of customers, who were assigned again later; the first assignment counts.'",
        "switched_customers": "bigint not null comment 'Of these, who were put into another arm.'",
        "unknown_customers": "bigint not null comment 'Of customers, who are in no table of customers and never bought; they count, without orders.'",
        "conflicting_customers": "bigint not null comment 'Customers put into this arm and another one at the same moment: they count in no arm.'",
        "first_assigned_on": "date comment 'Day of the first of these assignments; NULL where customers is 0.'",
        "last_assigned_on": "date comment 'Day of the last one.'",
    },
    (
        "observed_customers <= customers",
        "switched_customers <= reassigned_customers and reassigned_customers <= customers",
        "customers > 0 or conflicting_customers > 0 or expected_customers > 0",
    ),
)
