"""Who the customers are: identities, profiles, touches, and what they looked for in vain."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result
from vitalfew.tables.sources import CUSTOMERS

SIGNS = ("search", "view", "cart", "wishlist", "review", "share", "support", "campaign", "coupon")
"""Kinds of events that the profile counts by name."""

PRICE_TYPES = ("unknown", "price-insensitive", "quality-seeking", "bargain-seeking", "safety-seeking", "balanced")

DATED = ("customer_id", "is_member", "joined_on", "birth_date", "updated_at")
ATTRIBUTES = {name: text for name, text in CUSTOMERS.columns.items() if name not in DATED}

CUSTOMER360 = result(
    "customer360",
    "one person: all that is known of the accounts that are theirs",
    ("person_id",),
    {
        "person_id": "string not null comment 'The person: the least customer_id among the accounts.'",
        "accounts": "bigint not null comment 'Customer ids of this person.'",
        "is_registered": "boolean not null comment 'One of them has a row in customers.'",
        "is_member": "boolean comment 'One of them belongs to the loyalty programme.'",
        "joined_on": "date comment 'Member or registered since, at the earliest.'",
        "age_years": "int comment 'Full years at as_of; NULL where the birth date is unknown, not before as_of, or over 120 years ago.'",
        "zodiac_sign": "string comment 'Of the birth date, where age_years is known.'",
        **ATTRIBUTES,
        "orders": "bigint not null comment 'Sales.'",
        "net_amount": "decimal(28,2) not null comment 'Money of all orders, returns taken off.'",
        "first_order_on": "date comment 'Day of the first sale.'",
        "last_order_on": "date comment 'Day of the last sale.'",
        "favourite_channel": "string comment 'In most sales; this and the next four: ties to the first by name.'",
        "favourite_weekday": "int comment 'On most sales; 1 is Monday.'",
        "favourite_hour": "int comment 'At most sales, on the clock of the shop.'",
        "favourite_category": "string comment 'In most purchases, a purchase being a product in a sale.'",
        "favourite_brand": "string comment 'In most purchases.'",
        "first_touch_at": "timestamp comment 'The first order or event.'",
        "first_touch_channel": "string comment 'Where; unknown, where the source does not say.'",
        "first_touch_kind": "string comment 'order, or the kind of the event.'",
        "last_touch_at": "timestamp comment 'The last order or event.'",
        "last_touch_channel": "string comment 'Where.'",
        "last_touch_kind": "string comment 'order, or the kind of the event.'",
        **{f"{kind}_events": f"bigint not null comment 'Events of the kind {kind}.'" for kind in SIGNS},
        "other_events": "bigint not null comment 'Events of other kinds.'",
        "mean_rating": "double comment 'Mean value of the reviews.'",
        "unmet_demand": "bigint not null comment 'Products looked for and never bought: the rows of unmet_demand.'",
        "priced_purchases": "bigint not null comment 'Purchases of what others paid other prices for, in its kind.'",
        "price_position": "double comment 'Mean place of the unit prices paid among those of all pieces of the kind: 0 the cheapest, 0.5 as everybody, 1 the dearest.'",
        "price_position_error": "double comment 'Its standard error.'",
        "promotion_share": "double comment 'Share of all purchases at a price well below the usual one of the product.'",
        "leader_share": "double comment 'Share of the purchases that went to the best-selling brand, where a kind has several.'",
        "usual_leader_share": "double comment 'Share that all together give to the best-selling brands of the same kinds.'",
        "branded_purchases": "bigint not null comment 'Purchases behind these two.'",
        "coupons_per_order": "double comment 'Coupon events / orders; NULL without orders.'",
        "price_type": "string not null comment 'price-insensitive, quality-seeking, bargain-seeking, safety-seeking, balanced, or unknown: too few purchases to tell.'",
        **text_columns("price_evidence", "The rule that decided, with its numbers."),
        **text_columns("action", "What to do next."),
    },
    (
        "accounts > 0",
        "orders >= 0",
        "age_years is null or age_years between 0 and 120",
        "(age_years is null) = (zodiac_sign is null)",
        f"price_position is null or price_position {SHARE}",
        f"promotion_share is null or promotion_share {SHARE}",
        f"usual_leader_share is null or usual_leader_share {SHARE}",
        f"leader_share is null or leader_share {SHARE}",
        "first_touch_at is null or first_touch_at <= last_touch_at",
    ),
    values={"price_type": PRICE_TYPES},
    texts={"price_evidence": ("customer360.price_evidence",), "action": ("customer360.action",)},
)

TOUCHPOINTS = result(
    "touchpoints",
    "one channel in which one person was met",
    ("person_id", "channel"),
    {
        "person_id": "string not null comment 'Who.'",
        "channel": "string not null comment 'Where; unknown, where the source does not say.'",
        "first_at": "timestamp not null comment 'The first order or event there.'",
        "first_kind": "string not null comment 'order, or the kind of the event.'",
        "last_at": "timestamp not null comment 'The last one.'",
        "last_kind": "string not null comment 'Likewise.'",
        "orders": "bigint not null comment 'Sales there.'",
        "net_amount": "decimal(28,2) not null comment 'Money of all orders there.'",
        "events": "bigint not null comment 'Events there.'",
    },
    ("first_at <= last_at", "orders >= 0", "events >= 0"),
)

UNMET_DEMAND = result(
    "unmet_demand",
    "one product that one person looked for lately (wants_days) and never bought",
    ("person_id", "product_id"),
    {
        "person_id": "string not null comment 'Who.'",
        "product_id": "string not null comment 'What.'",
        "searches": "bigint not null comment 'Searches for it.'",
        "views": "bigint not null comment 'Views.'",
        "carts": "bigint not null comment 'Times it was put into the cart.'",
        "wishes": "bigint not null comment 'Times it was put on the wish list.'",
        "last_at": "timestamp not null comment 'The last of these.'",
        "is_available": "boolean comment 'As products says now; NULL where it does not.'",
        **text_columns("action", "What to do next."),
    },
    ("searches + views + carts + wishes > 0",),
    texts={"action": ("unmet_demand.action",)},
)

IDENTITIES = result(
    "identities",
    "one customer id and the person it belongs to",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'The account.'",
        "person_id": "string not null comment 'The person: the least customer_id of those joined.'",
        "accounts": "bigint not null comment 'Customer ids of this person.'",
        "rule": "string comment 'Kind of the surest identifier that it shares; NULL where it stands alone.'",
        "evidence": "string comment 'Keyed hash of that identifier: name it in distrusted to undo what it joined.'",
        "links": "bigint not null comment 'Identifiers that it shares with others of this person.'",
    },
    (
        "accounts > 0",
        "(accounts = 1) = (rule is null)",
        "(rule is null) = (evidence is null)",
        "person_id <= customer_id",
    ),
    is_restricted=True,
)

IDENTITY_REVIEW = result(
    "identity_review",
    "one identifier or person that somebody should look at",
    ("subject", "subject_id", "reason_code"),
    {
        "subject": "string not null comment 'identifier or person.'",
        "subject_id": "string not null comment 'Keyed hash of the identifier, or person_id.'",
        "rule": "string comment 'Kind of the identifier.'",
        **text_columns("reason", "What is suspicious."),
        "accounts": "bigint not null comment 'Customer ids that have it, or that are joined.'",
        "is_merged": "boolean not null comment 'Whether they are joined.'",
        **text_columns("action", "What to do next."),
    },
    ("accounts > 1",),
    is_restricted=True,
    values={"subject": ("identifier", "person")},
    texts={"reason": ("identity_review.reason",), "action": ("identity_review.action",)},
)

CUSTOMER_COVERAGE = result(
    "customer_coverage",
    "customers of whom the same sources know, or what nobody is known of",
    ("is_known", "is_registered", "has_orders", "has_events", "has_contacts"),
    {
        "is_known": "boolean not null comment 'False: orders and events without a customer.'",
        "is_registered": "boolean not null comment 'Have a row in customers.'",
        "has_orders": "boolean not null comment 'Have an order of any kind.'",
        "has_events": "boolean not null comment 'Have an event.'",
        "has_contacts": "boolean not null comment 'Have a row in contacts.'",
        "customers": "bigint not null comment 'Customer ids.'",
        "orders": "bigint not null comment 'Their orders of any kind.'",
        "net_amount": "decimal(28,2) not null comment 'The money of these.'",
        "events": "bigint not null comment 'Their events.'",
        "contacts": "bigint not null comment 'Their rows in contacts.'",
        "unusable_contacts": "bigint not null comment 'Those of a kind that joins, but not an address or a number that can be.'",
        "implausible_birth_dates": "bigint not null comment 'Birth dates not before as_of, or over 120 years ago.'",
        **text_columns("meaning", "In words."),
    },
    ("is_known or customers = 0", "unusable_contacts <= contacts", "implausible_birth_dates <= customers"),
    texts={"meaning": ("customer_coverage.meaning",)},
)
