"""What is bought together."""

from __future__ import annotations

from vitalfew.tables.result import SHARE, fit, result

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

BASKET_FIT = fit("basket_fit", "what the itemsets and rules were counted of")
