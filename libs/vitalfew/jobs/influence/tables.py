"""Who moves others, what they bring, and whether that is influence at all."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

REFERRAL, CO_ADOPTION, NONE = "referral", "co_adoption", "none"
CONTACT, ATTRIBUTES = "contact", "attributes"
INFLUENCE, ALIKE, UNKNOWN = VERDICTS = ("influence", "alike_taste", "cannot_tell")
MONEY = "decimal(28,2)"

CUSTOMER_INFLUENCE = result(
    "customer_influence",
    "one customer who moved others or was moved",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who; of referrals also somebody who is no customer.'",
        "rank": "bigint not null comment '1 is the highest score; ties by customer_id.'",
        "score": "double not null comment 'PageRank of the graph in which each customer gives to those who moved them; all scores add up to 1.'",
        "times_average": "double not null comment 'Score as a multiple of the mean.'",
        "referrer_id": "string comment 'Who brought them; NULL: nobody, or nobody knows.'",
        "brought_customers": "bigint not null comment 'Whom they brought themselves.'",
        "brought_buyers": "bigint not null comment 'Of these, who have ordered.'",
        "followed_purchases": "double not null comment 'Of co-adoption: first purchases that came soon after theirs; one that followed several counts as a part for each. 0 with referrals.'",
        "own_value": f"{MONEY} not null comment 'Net money of all orders before as_of, returns taken off.'",
        "brought_value": f"{MONEY} not null comment 'own_value of those whom they brought themselves.'",
        "received_value": f"{MONEY} not null comment 'Passed to them by those: passed_share of what these have, what was passed to these included.'",
        "passed_value": f"{MONEY} not null comment 'Passed by them to who brought them.'",
        "network_value": f"{MONEY} not null comment 'own_value and received_value less passed_value: over all customers it adds up to own_value, to the cent.'",
        "last_order_on": "date comment 'Day of the last sale; NULL where there is none.'",
        **text_columns("finding", "What they bring, and what to do next."),
    },
    (
        "network_value = own_value + received_value - passed_value",
        "rank > 0",
        f"score {SHARE}",
        "brought_buyers <= brought_customers",
        "referrer_id is null or referrer_id <> customer_id",
    ),
    texts={"finding": ("influence.finding",)},
)

INFLUENCE_EDGES = result(
    "influence_edges",
    "one customer who was moved by another",
    ("customer_id", "influencer_id"),
    {
        "customer_id": "string not null comment 'Who was moved.'",
        "influencer_id": "string not null comment 'By whom.'",
        "source": "string not null comment 'referral: brought by them; co_adoption: first bought products soon after them, and shares a tie with them.'",
        "first_on": "date not null comment 'Day of the referral; of co-adoption, of the first purchase that followed.'",
        "products": "bigint comment 'Of co-adoption: products that followed; NULL of a referral.'",
        "weight": "double not null comment '1 of a referral; of co-adoption each product counts 1, in equal parts for all whom it followed.'",
    },
    ("weight > 0", "customer_id <> influencer_id", "(source = 'referral') = (products is null)"),
    values={"source": (REFERRAL, CO_ADOPTION)},
)

INFLUENCE_CHECK = result(
    "influence_check",
    "one kind of tie, and whether the tied move each other",
    ("tie",),
    {
        "tie": "string not null comment 'referral: one brought the other; contact: they share a contact; attributes: they share columns of customers.'",
        "customers": "bigint not null comment 'Customers with such a tie who had ordered before the days of the test, and first bought a product in them.'",
        "products": "bigint not null comment 'Products that at least two tied customers first bought in these days.'",
        "pairs": "bigint not null comment 'Of a product and two tied customers who both first bought it; each in both orders, of referrals in one.'",
        "tied_groups": "bigint comment 'Groups of tied customers in these pairs; of referrals, customers who brought others. z is at most the square root of their number. NULL: an earlier version wrote the row.'",
        "followed": "bigint not null comment 'Of these, in which the second bought within follow_days after the first.'",
        "expected": "double not null comment 'The same by chance: if times of purchase were shuffled among the buyers of each product (mean over all shuffles), times rhythm.'",
        "rhythm": "double comment 'How many times as often as by shuffled times the tied follow each other in the next follow_days, where influence has worn off; at least 1. They order at like times. NULL: an earlier version wrote the row.'",
        "deviation": "double not null comment 'Standard deviation of followed less expected: by how much groups of tied customers differ, or over all shuffles where that is more.'",
        "z": "double comment 'How many deviations followed is above expected; NULL where nothing varies.'",
        "verdict": "string not null comment 'influence: z is at least min_z; alike_taste: it is not; cannot_tell: shuffled times give fewer than min_expected, or there are no more than min_z * min_z groups.'",
        **text_columns("finding", "What that means, and what to do next."),
    },
    (
        "followed <= pairs",
        "expected >= 0 and deviation >= 0",
        "rhythm is null or rhythm >= 1",
        "verdict <> 'influence' or z > 0",
    ),
    values={"tie": (REFERRAL, CONTACT, ATTRIBUTES), "verdict": VERDICTS},
    texts={"finding": ("influence.check",)},
)

INFLUENCE_TOTALS = result(
    "influence_totals",
    "the whole graph",
    (),
    {
        "source": "string not null comment 'Where the edges come from: referral, co_adoption, or none.'",
        "edges": "bigint not null comment 'Rows of influence_edges.'",
        "customers": "bigint not null comment 'Rows of customer_influence.'",
        "influencers": "bigint not null comment 'Of these, who moved others.'",
        "own_value": f"{MONEY} not null comment 'Of these customers.'",
        "network_value": f"{MONEY} not null comment 'Of the same: the same sum.'",
        "brought_customers": "bigint not null comment 'Customers who were brought.'",
        "brought_value": f"{MONEY} not null comment 'own_value of those who were brought: each counts once.'",
        "all_value": f"{MONEY} comment 'Value of all known customers, these or not; NULL where there is no edge.'",
        "referrals": "bigint not null comment 'Rows of referrals before as_of.'",
        "self_referrals": "bigint not null comment 'Of these, of a customer by the same customer: left out.'",
        "repeated_referrals": "bigint not null comment 'Of a customer who was referred before: the first counts.'",
        "late_referrals": "bigint not null comment 'Customers whose first referral is after the day of their first order: nobody brought them.'",
        "unknown_referrers": "bigint not null comment 'Who brought somebody, but never ordered.'",
        "loop_customers": "bigint comment 'Customers who brought each other in a ring; NULL where the graph is too large to count them.'",
        "tied_customers": "bigint not null comment 'Who share a contact or attributes with others.'",
        "large_tie_groups": "bigint not null comment 'What more than max_tie_group customers share: no tie.'",
        "daily_actives": "double comment 'Mean customers with an event on a day of the last 28; NULL where there are no events.'",
        "monthly_actives": "bigint comment 'Customers with an event in these 28 days.'",
        "stickiness": "double comment 'daily_actives / monthly_actives: on which share of the days an active customer is there.'",
        "missing": "array<string> not null comment 'Tables that are not there or empty, without which some question has no answer.'",
    },
    (
        "own_value = network_value",
        "influencers <= customers",
        "(source = 'none') = (edges = 0)",
        f"stickiness is null or stickiness {SHARE}",
    ),
    values={"source": (REFERRAL, CO_ADOPTION, NONE)},
)
