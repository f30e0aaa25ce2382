"""What is bought together, or instead of each other."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, fit, result

AFFINITY = result(
    "affinity",
    "one pair of products or categories that are bought together, or instead of each other, beyond chance",
    ("segment", "level", "item", "other"),
    {
        "segment": "string not null comment 'Among whose baskets: all, or the customers of one RFM segment.'",
        "level": "string not null comment 'product or category.'",
        "item": "string not null comment 'The first of the two by id.'",
        "other": "string not null comment 'The second.'",
        "relation": "string not null comment 'complement (positive significant phi) or substitute (negative significant phi, both of one category).'",
        "n": "bigint not null comment 'Baskets with both.'",
        "n_item": "bigint not null comment 'Baskets with the first.'",
        "n_other": "bigint not null comment 'Baskets with the second.'",
        "baskets": "bigint not null comment 'Baskets in all.'",
        "expected": "double not null comment 'Baskets with both, were they independent: n_item n_other / baskets.'",
        "phi": "double not null comment 'Correlation of the two indicators.'",
        "lift": "double not null comment 'n / expected.'",
        "p_value": "double not null comment 'One-sided Fisher: this many or more (complement), this few or fewer (substitute).'",
        "q_value": "double not null comment 'p_value after Benjamini-Hochberg over all pairs tested for this relation, level and segment.'",
        **text_columns("text", "The same in words."),
        **text_columns("action", "What to do next."),
    },
    (
        "item < other",
        "n <= n_item and n <= n_other",
        "relation in ('complement', 'substitute')",
        "(relation = 'complement') = (phi > 0)",
        f"q_value {SHARE}",
    ),
    texts={"text": ("affinity.text",), "action": ("affinity.action",)},
)

BUNDLES = result(
    "bundles",
    "one pair of products that could be sold as one",
    ("item", "other"),
    {
        "item": "string not null comment 'The first product.'",
        "other": "string not null comment 'The second.'",
        "n": "bigint not null comment 'Baskets with both.'",
        "n_one_only": "bigint not null comment 'Baskets with one of the two: who could be led to both.'",
        "price_item": "decimal(28,2) not null comment 'Mean price of a piece of the first.'",
        "price_other": "decimal(28,2) not null comment 'Mean price of a piece of the second.'",
        "cost_item": "decimal(28,2) comment 'Mean cost of a piece, where an order tells it; NULL where none does.'",
        "cost_other": "decimal(28,2) comment 'The same of the second.'",
        "price_apart": "decimal(28,2) not null comment 'Both apart: below it the customer gains.'",
        "price_floor": "decimal(28,2) comment 'Above it the shop gains from everybody who takes both instead of one: one price and the cost of the other, the higher of the two ways.'",
        "price_together": "decimal(28,2) comment 'A price at which both gain; NULL where the cost of one is not known, or leaves no room.'",
        "break_even": "bigint comment 'Buyers of one only who have to take both, to make up for what those pay less who take both anyway.'",
        "break_even_share": "double comment 'The same, as a share of n_one_only; above 1 it cannot be reached.'",
        **text_columns("action", "What to do next."),
    },
    ("item < other", "price_together is null or (price_together > price_floor and price_together < price_apart)"),
    texts={"action": ("affinity.bundle",)},
)

CATALOGUE_PAGES = result(
    "catalogue_pages",
    "one product and the page of the catalogue it belongs on",
    ("page", "position"),
    {
        "page": "int not null comment '1 holds the products in most baskets.'",
        "position": "int not null comment 'Order on the page: the product in most baskets first.'",
        "product_id": "string not null comment 'The product.'",
        "baskets": "bigint not null comment 'Baskets with it.'",
        "closest": "string not null comment 'The product on the page it goes best with.'",
        "phi": "double not null comment 'Its correlation with that one.'",
        **text_columns("action", "What to do next."),
    },
    ("page >= 1", "position >= 1"),
    texts={"action": ("affinity.page",)},
)

AFFINITY_FIT = fit("affinity_fit", "what the pairs, bundles and pages were counted of")
