"""What customers buy after what, how loyal they are, and what is due next."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, fit, result

SEQUENCE = "sequence"
MOST_POPULAR, BUY_AGAIN = BASELINES = ("most popular", "buy again")
VERDICTS = ("loyal", "as_expected", "switching", "cannot_tell")

SEQUENCE_RULES = result(
    "sequence_rules",
    "one rule beyond chance: after this, within a window of days, that",
    ("level", "antecedent", "consequent", "from_days"),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "antecedent": "string not null comment 'What is bought first.'",
        "consequent": "string not null comment 'What is bought after it.'",
        "from_days": "int not null comment 'First day of the window after the first purchase.'",
        "to_days": "int not null comment 'Last day of the window.'",
        "customers": "bigint not null comment 'Customers who bought the second within the window after the first.'",
        "antecedent_customers": "bigint not null comment 'Customers who bought the first at least to_days before as_of: all their days of the window are known.'",
        "all_customers": "bigint not null comment 'Customers with an order in the window of orders.'",
        "support": "double not null comment 'customers / all_customers.'",
        "confidence": "double not null comment 'customers / antecedent_customers.'",
        "expected_customers": "double not null comment 'As customers, had chance dealt what each customer bought over their own order days; days with the first held fixed.'",
        "lift": "double not null comment 'customers / expected_customers.'",
        "p_value": "double not null comment 'A bound of the probability of that count or more: Hoeffding (1956), on the probability of each customer.'",
        "q_value": "double not null comment 'p_value after Benjamini-Hochberg over all ordered pairs of frequent items of the level and all windows.'",
        **text_columns("text", "The same in words."),
        **text_columns("action", "What to do next."),
    },
    (
        "antecedent <> consequent",
        "from_days <= to_days",
        "customers <= antecedent_customers",
        "antecedent_customers <= all_customers",
        f"confidence {SHARE}",
        f"q_value {SHARE}",
        "lift > 1",
    ),
    texts={"text": ("sequences.text",), "action": ("sequences.action",)},
)

SEQUENCE_PATTERNS = result(
    "sequence_patterns",
    "one frequent pattern: items that are bought in this order, each on a later day",
    ("level", "items"),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "items": "array<string> not null comment 'The items in the order in which they are bought; one may come again.'",
        "length": "int not null comment 'How many items.'",
        "customers": "bigint not null comment 'Customers who have it, with gaps and span as the settings ask.'",
        "support": "double not null comment 'customers / all customers with an order.'",
    },
    ("length = size(items)", "length >= 2", "customers > 0", f"support {SHARE}"),
)

PRODUCT_LOYALTY = result(
    "product_loyalty",
    "one product, or brand in a category, and how loyal its buyers are",
    ("level", "category", "item"),
    {
        "level": "string not null comment 'product or brand.'",
        "category": "string not null comment 'Within what buyers may choose; all where no product has a category.'",
        "item": "string not null comment 'The product or the brand.'",
        "buyers": "bigint not null comment 'Customers who bought it.'",
        "purchases": "bigint not null comment 'Days on which a customer bought it, of all customers.'",
        "penetration": "double not null comment 'buyers / all customers with an order.'",
        "share": "double not null comment 'purchases / purchases of the category.'",
        "requirements": "double not null comment 'Share of category requirements: of all purchases of the category by its buyers, those of it.'",
        "repeat_buyers": "double not null comment 'Share of its buyers who bought it on two days or more.'",
        "repeat_rate": "double comment 'Of the days with it that another day in the category follows, the share on which it is bought again; NULL where none follows.'",
        "stays": "bigint not null comment 'Times that it was bought again on the next day in the category.'",
        "switches": "bigint not null comment 'Times that it was not, though the customer bought in the category.'",
        "mean_streak": "double not null comment 'Days in the category in a row with it, mean.'",
        "longest_streak": "bigint not null comment 'The longest of these.'",
        "expected_penetration": "double comment 'As the NBD-Dirichlet has it for a brand of this share; NULL where the category does not fit it.'",
        "expected_requirements": "double comment 'The same of requirements.'",
        "expected_repeat_buyers": "double comment 'The same of repeat_buyers.'",
        "excess_loyalty": "double comment 'requirements less expected_requirements: loyalty beyond the size of the brand.'",
        "standard_error": "double comment 'Of requirements, over customers; NULL where it is 0.'",
        "q_value": "double comment 'Two-sided, of excess_loyalty, after Benjamini-Hochberg over the rows of the level.'",
        "category_penetration": "double not null comment 'Share of all customers who bought in the category.'",
        "category_rate": "double not null comment 'Purchases in the category per such customer.'",
        "diversity": "double comment 'S of the Dirichlet: the larger, the more alike customers are; NULL where the category does not fit it.'",
        "verdict": "string not null comment 'loyal (requirements beyond what its size explains), switching (short of it), as_expected, cannot_tell.'",
        **text_columns("finding", "What that means."),
    },
    (
        "buyers > 0 and buyers <= purchases",
        f"share {SHARE}",
        f"requirements {SHARE}",
        "longest_streak >= 1",
        "(verdict = 'cannot_tell') = (q_value is null)",
    ),
    values={"verdict": VERDICTS},
    texts={"finding": ("sequences.finding",)},
)

NEXT_IN_SEQUENCE = result(
    "next_in_sequence",
    "one item that is due next for one customer",
    ("customer_id", "level", "rank"),
    {
        "customer_id": "string not null comment 'To whom.'",
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "rank": "int not null comment '1 is the likeliest.'",
        "item": "string not null comment 'What.'",
        "due_from": "date not null comment 'First day on which it is due.'",
        "due_to": "date not null comment 'Last day.'",
        "confidence": "double not null comment 'Of the rule: share of the customers who then bought it in the window.'",
        "lift": "double not null comment 'Of the rule: how many times as many as chance would have.'",
        "because": "string not null comment 'What the customer bought.'",
        "bought_on": "date not null comment 'When last.'",
        **text_columns("reason", "The reason in words."),
    },
    ("rank >= 1", "due_from <= due_to", "bought_on < due_from", f"confidence {SHARE}"),
    texts={"reason": ("sequences.reason",)},
)

SEQUENCE_EVALUATION = result(
    "sequence_evaluation",
    "one method, judged on days that it had not seen",
    ("level", "method", "k"),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "method": "string not null comment 'sequence (the rules); baselines: most popular; buy again (what the customer bought on most days).'",
        "k": "int not null comment 'How many items of each list are looked at, at most. All lists of a customer are as long as that of the rules.'",
        "split_on": "date not null comment 'What was before this day was known, the rest was to be predicted.'",
        "customers": "bigint not null comment 'Customers for whom something was due, and who bought in the days held out; at most evaluation_customers.'",
        "hit_rate": "double not null comment 'Share of them who bought an item of the list.'",
        "is_baseline": "boolean not null comment 'To be beaten.'",
        "is_published": "boolean not null comment 'next_in_sequence is made with it: at the full length it beats both baselines beyond chance.'",
    },
    ("k >= 1", f"hit_rate {SHARE}", "not (is_baseline and is_published)"),
    values={"method": (SEQUENCE, *BASELINES)},
)

SEQUENCE_LIMITS = result(
    "sequence_limits",
    "one level of the hierarchy: what was looked at, and what the guards did",
    ("level",),
    {
        "level": "string not null comment 'product, or the level of the hierarchy.'",
        "customers": "bigint not null comment 'Customers with an order.'",
        "item_days": "bigint not null comment 'Items of days of customers; a day without one counts as one.'",
        "frequent_items": "bigint not null comment 'Items at or above the count that was used.'",
        "requested_count": "bigint not null comment 'Customers that an item, a pattern and a rule needed, as configured.'",
        "pattern_count": "bigint not null comment 'Customers that a pattern needed in fact: raised where there were too many.'",
        "rule_count": "bigint not null comment 'The same of a rule.'",
        "tested": "bigint not null comment 'Pairs of items and windows that count as tested.'",
        "significant": "bigint not null comment 'Of these, those beyond chance and min_lift.'",
        "published": "bigint not null comment 'Of these, those within max_reported.'",
        "capped_customers": "bigint not null comment 'Customers with more than max_events: their latest were followed.'",
        "left_out_item_days": "bigint not null comment 'What was therefore not followed.'",
        "cut_occurrences": "bigint not null comment 'How often a pattern had more than max_occurrences in one customer.'",
    },
    ("pattern_count >= requested_count", "rule_count >= requested_count", "published <= significant"),
)

SEQUENCE_FIT = fit("sequence_fit", "at which levels the rules predict better than the obvious")
