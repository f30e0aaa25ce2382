"""What each customer will want."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, fit, result

METHODS = ("rules", "repeat", "similar", "popular")
"""Where two methods speak equally loud, the earlier is named."""

BLEND, DISCOVERY = "blend", "discovery"
MOST_POPULAR, BUY_AGAIN, NEW_AND_POPULAR = BASELINES = ("most popular", "buy again", "new and popular")
AFTER = (DISCOVERY, NEW_AND_POPULAR)
"""What is measured for the places after the list."""

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
        **text_columns("reason", "The reason in words."),
    },
    ("rank >= 1",),
    values={"method": METHODS},
    texts={"reason": ("recommendations.reason",)},
)

RECOMMENDATION_EVALUATION = result(
    "recommendation_evaluation",
    "one method, measured on orders it had not seen",
    ("method", "k"),
    {
        "method": "string not null comment 'rules, repeat, similar, popular; blend: all together; discovery: the places after the list, for what is new to the customer; baselines: most popular; buy again: what the customer bought most, older purchases counting less; new and popular, for discovery.'",
        "k": "int not null comment 'How many products of each list are looked at: its first, or all; for discovery, the places.'",
        "split_on": "date not null comment 'What was before this day was known, the rest was to be predicted.'",
        "customers": "bigint not null comment 'Customers known before the split who bought after it; at most evaluation_customers of them, drawn by hash.'",
        "hit_rate": "double not null comment 'Share with at least one hit.'",
        "precision": "double not null comment 'Hits / k, mean.'",
        "recall": "double not null comment 'Hits / products bought, mean.'",
        "ndcg": "double not null comment 'Normalised discounted cumulative gain, mean.'",
        "map": "double not null comment 'Mean average precision.'",
        "coverage": "double not null comment 'Share of the products sold before the split that is recommended to any of these customers.'",
        "novelty": "double comment 'Mean of -log2 of the share of customers who had bought what is recommended, in bits; NULL where nothing is.'",
        "is_baseline": "boolean not null comment 'To be beaten.'",
        "is_published": "boolean not null comment 'Recommendations are made with it: it beats both baselines; discovery: the places are kept, as they beat new and popular.'",
    },
    ("k >= 1", f"hit_rate {SHARE}", f"precision {SHARE}", f"recall {SHARE}", f"coverage {SHARE}"),
    values={"method": (*METHODS, BLEND, DISCOVERY, *BASELINES)},
)

RECOMMENDATION_FIT = fit(
    "recommendation_fit", "what recommendations are made with: the weights of the blend, and the method"
)
