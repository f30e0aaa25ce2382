"""What becomes of customers who came at the same time, or in the same way."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

DIMENSION = "string not null comment 'all; first_month; or, of customers who are new for certain: first_product, first_channel.'"
COHORT = "string not null comment 'The month (2025-03), the category (or as set) on which most was spent in the first order, or its channel; unknown; other: small cohorts together.'"

COHORTS = result(
    "cohorts",
    "one cohort and one number of calendar months after the first order",
    ("dimension", "cohort", "months_since"),
    {
        "dimension": DIMENSION,
        "cohort": COHORT,
        "months_since": "int not null comment '0 is the calendar month of the first order.'",
        "customers": "bigint not null comment 'Customers of the cohort.'",
        "observed_customers": "bigint not null comment 'Of these, how many this month was over for before as_of; the others are not known yet and count nowhere in the row.'",
        "is_complete": "boolean not null comment 'The month was over for all of them.'",
        "active_customers": "bigint comment 'Of the observed, who bought in that month; NULL where none is observed.'",
        "active_share": "double comment 'active_customers / observed_customers.'",
        "value": "decimal(28,2) comment 'Net spend of the observed in that month.'",
        "value_per_customer": "double comment 'value / observed_customers.'",
        "cumulative_value_per_customer": "double comment 'Sum of value_per_customer from month 0 to this one: the mean cumulative function of Nelson (2003).'",
    },
    (
        "months_since >= 0",
        "observed_customers <= customers",
        "coalesce(active_customers, 0) <= observed_customers",
        "(observed_customers = 0) = (active_customers is null)",
        "is_complete = (observed_customers = customers)",
    ),
)

COHORT_PROFILES = result(
    "cohort_profiles",
    "one cohort",
    ("dimension", "cohort"),
    {
        "dimension": DIMENSION,
        "cohort": COHORT,
        "customers": "bigint not null comment 'Customers of the cohort.'",
        "may_be_older": "boolean not null comment 'Their first order is in the first months of the data: it need not have been their first.'",
        "months_observed": "int not null comment 'Calendar months that were over for at least one of them.'",
        "return_days": "int not null comment 'Days in which they are asked to come back.'",
        "observed_customers": "bigint not null comment 'Customers whose first order lies longer back than that.'",
        "returned_customers": "bigint not null comment 'Of these, who bought on another day in that time.'",
        "returned_share": "double comment 'returned_customers / observed_customers; NULL where none is observed.'",
        "returned_share_of_others": "double comment 'The same of the other cohorts of the dimension; NULL where there are none.'",
        "p_value": "double comment 'Fisher, two-sided as twice the smaller tail: that the cohort comes back as often as the others.'",
        "q_value": "double comment 'p_value after Benjamini-Hochberg over the cohorts of the dimension.'",
        "is_different": "boolean not null comment 'q_value at most the chosen level.'",
        "horizon_months": "int not null comment 'The month up to which value is compared.'",
        "value_at_horizon": "double comment 'cumulative_value_per_customer at that month; NULL where it is not known yet.'",
        "value_ratio": "double comment 'value_at_horizon over that of the whole dimension; NULL where that is not above zero.'",
        **text_columns("action", "What to do next."),
    },
    ("customers > 0", "returned_customers <= observed_customers", f"returned_share is null or returned_share {SHARE}"),
    texts={"action": ("cohort_profiles.action",)},
)
