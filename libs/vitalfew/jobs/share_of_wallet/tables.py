"""What customers could spend, by whom they are like; who spends most of it elsewhere; and how sure that is."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

TOTAL, CATEGORY = SCOPES = ("total", "category")
LIKENESS, PLAIN = METHODS = ("likeness", "plain")
STANDINGS = (
    "listed",
    "no_sign",
    "too_few_orders",
    "small_gap",
    "small_wallet",
    "no_likeness",
    "nothing_known",
    "inactive",
    "too_new",
)
REASONS = ("better", "not_better", "no_groups", "too_few")
MONEY = "decimal(28,2)"
SCOPE = "string not null comment 'total (all products), or category.'"
CATEGORY_NAME = "string not null comment 'The category; all of the total.'"
ALL = "all"
OF_GROUP = "comment 'Number of the group in wallet_groups; NULL where nothing is estimated.'"

CUSTOMER_WALLET = result(
    "customer_wallet",
    "one customer",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who.'",
        "standing": "string not null comment 'listed: a small customer here and a large one elsewhere. Or the first reason why not: too_new (first order too near), inactive (no sale in the window), nothing_known (but the orders: no attribute by which customers are alike), no_likeness (likeness says nothing about spend), small_wallet (like customers spend little), small_gap (the share of wallet is large enough, or too few like customers spend more), too_few_orders (like customers order too seldom to tell), no_sign.'",
        "peer_group": f"int {OF_GROUP}",
        "tenure_days": "int comment 'Days since the first sale; NULL without one.'",
        "exposure_days": "int comment 'Days in which the spend was possible: those since the first sale, within the window.'",
        "orders_per_year": "double comment 'Sales in the window, for a year.'",
        "spend_per_year": f"{MONEY} not null comment 'Net money for products in the window, returns taken off, for a year; postage left out.'",
        "typical_per_year": f"{MONEY} comment 'What half of like customers spend, or more.'",
        "potential_per_year": f"{MONEY} comment 'Realistic wallet: the upper quantile of like customers, or the own spend where that is larger.'",
        "gap_per_year": f"{MONEY} comment 'potential_per_year less spend_per_year, the latter no less than 0.'",
        "share_of_wallet": "double comment 'spend_per_year of potential_per_year; NULL where that is 0 or unknown.'",
        "peers_above": "double comment 'Share of like customers who spend more.'",
        "usual_orders": "double comment 'Sales of like customers in a year, their median.'",
        "missing_categories": "bigint comment 'Usual categories of like customers that this one did not buy in the window; NULL where nobody looked, as the gap or the wallet is small.'",
        "expected_missing": "double comment 'How many of them like customers leave out on average.'",
        "change": "double comment 'Spend of the second half of the window by that of the first, divided by the same of all customers; NULL for customers of less than a window, or of fewer than four sales in the first half.'",
        "is_seldom": "boolean not null comment 'Sign: orders at most half as often as like customers.'",
        "is_missing": "boolean not null comment 'Sign: leaves out more usual categories than chance.'",
        "is_falling": "boolean not null comment 'Sign: change is at most fall.'",
        **text_columns("reason", "Why this customer is listed, in numbers.", is_required=False),
        **text_columns("action", "What to do next.", is_required=False),
    },
    (
        f"share_of_wallet is null or share_of_wallet {SHARE}",
        "gap_per_year is null or gap_per_year >= 0",
        "(potential_per_year is null) = (peer_group is null)",
        f"peers_above is null or peers_above {SHARE}",
        "(standing = 'listed') = (reason is not null)",
        "standing <> 'listed' or gap_per_year > 0",
    ),
    values={"standing": STANDINGS},
    texts={"reason": ("share_of_wallet.reason",), "action": ("share_of_wallet.action",)},
)

WALLET_CATEGORIES = result(
    "wallet_categories",
    "one category in which a customer with a small share of a large wallet spends less than like customers",
    ("customer_id", "rank"),
    {
        "customer_id": "string not null comment 'Who.'",
        "rank": "int not null comment 'From 1: usual categories that were never bought come first, then by gap times buyers_share.'",
        "category": "string not null comment 'In which category.'",
        "spend_per_year": f"{MONEY} not null comment 'Net money for it in the window, for a year.'",
        "potential_per_year": f"{MONEY} not null comment 'The upper quantile of like customers in this category alone: potentials of categories do not add up to that of the total.'",
        "gap_per_year": f"{MONEY} not null comment 'How much more that is.'",
        "buyers_share": "double not null comment 'Share of like customers who buy it.'",
        "is_never": "boolean not null comment 'Not bought here in the window.'",
        "method": "string not null comment 'likeness; or plain: the same potential for everybody, as likeness says nothing about this category.'",
    },
    ("rank > 0", "gap_per_year > 0", f"buyers_share {SHARE}"),
    values={"method": METHODS},
)

WALLET_GROUPS = result(
    "wallet_groups",
    "the spend of one group of like customers on one category, or on all",
    ("peer_group", "scope", "category"),
    {
        "peer_group": "int not null comment 'Number of the group.'",
        "scope": SCOPE,
        "category": CATEGORY_NAME,
        "conditions": "map<string,string> not null comment 'Values of attributes that make the group, with | between them; unknown: the value is not known. Empty: everybody.'",
        "customers": "bigint not null comment 'Customers in it.'",
        "buyers": "bigint not null comment 'Of these, whose spend in the window is above 0.'",
        "typical_per_year": f"{MONEY} not null comment 'Median spend.'",
        "quantile_per_year": f"{MONEY} not null comment 'The upper quantile of this group alone, to 2 %.'",
        "potential_per_year": f"{MONEY} not null comment 'The same, drawn to the groups above it; where likeness says nothing, that of everybody.'",
        "categories_per_year": f"{MONEY} comment 'Of the total: the sum of the potentials of categories. They are not scaled to the total: no customer is at the upper quantile of everything. NULL of a category.'",
        "usual_orders": "double not null comment 'Median of sales in a year.'",
        "gap_per_year": f"{MONEY} not null comment 'What all its customers spend less than potential_per_year, together.'",
    },
    ("buyers <= customers", "gap_per_year >= 0"),
    values={"scope": SCOPES},
)

WALLET_EVALUATION = result(
    "wallet_evaluation",
    "how estimates of the upper quantile do on the half of customers that they had not seen",
    ("scope", "category"),
    {
        "scope": SCOPE,
        "category": CATEGORY_NAME,
        "method": "string not null comment 'What is published: likeness, or plain (the same for everybody).'",
        "reason": "string not null comment 'better; or why it is plain: not_better (than one estimate for everybody, beyond chance), no_groups (no attribute tells customers apart), too_few (customers).'",
        "quantile": "double not null comment 'Which quantile.'",
        "groups": "int not null comment 'Groups of like customers.'",
        "prior_customers": "double comment 'As how many customers the group above weighs in the quantile of a group, by the losses in the fitted half; NULL: only everybody counts.'",
        "fitted_customers": "bigint not null comment 'Customers of the fitted half.'",
        "customers": "bigint not null comment 'Customers of the held-out half.'",
        "share_below": "double comment 'Of the latter, who spend less than the estimate that is published; NULL where there are none.'",
        "share_up_to": "double comment 'Who spend no more than it: more than share_below where many spend the same, such as nothing.'",
        "tolerance": "double comment 'So far from quantile both may be by chance, with 99 % confidence.'",
        "is_calibrated": "boolean comment 'The quantile lies between the two shares, give or take tolerance.'",
        "loss": "double comment 'Pinball loss of a customer, with likeness.'",
        "plain_loss": "double comment 'The same with one estimate for everybody.'",
        "improvement": "double comment '1 - loss / plain_loss.'",
        "improvement_low": "double comment 'Lower end of its one-sided interval at significance.'",
        "gap_per_year": f"{MONEY} not null comment 'What all customers spend less than their potential, together: a ceiling, and no forecast.'",
    },
    (f"share_up_to is null or share_up_to {SHARE}", "(method = 'likeness') = (reason = 'better')"),
    values={"scope": SCOPES, "method": METHODS, "reason": REASONS},
)
