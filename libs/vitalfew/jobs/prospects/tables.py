"""Who may become a customer, how sure that is, and what the best customers had in common."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

HORIZONS = (30, 90)
BEHAVIOUR, LAST_VISIT, VISITS, BASE_RATE = METHODS = ("behaviour", "last_visit", "visits_7", "base_rate")
NO_METHOD = "none"
REASONS = ("better", "not_better", "too_few", "too_short")
CONTACT, NURTURE, LEAVE, UNKNOWN = VERDICTS = ("contact", "nurture", "leave", "unknown")
TIERS = ("high", "middle", "low")
LOOKED_FOR, POPULAR = BASES = ("looked_for", "popular")
STATES = ("scored", "not_predicted", "no_prospects", "no_behaviour")
TRAITS = ("first_channel", "first_kind", "referred", "first_bought")
MONEY = "decimal(28,2)"
METHOD = "string not null comment 'behaviour (all that is known of a person before the day); last_visit (days since they were last seen); visits_7 (days on which they were there in the last 7); base_rate (the same for all)"

PROSPECTS = result(
    "prospects",
    "one person without an order who did something in memory_days",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who: the id in events, customers or referrals.'",
        "first_seen_on": "date not null comment 'First thing that is known of them: an event, the registration, the referral.'",
        "last_seen_days": "int not null comment 'Days from the last such thing to as_of.'",
        "active_days_7": "bigint not null comment 'Days with events in the last 7.'",
        "active_days": "bigint not null comment 'The same in memory_days.'",
        "searches": "bigint not null comment 'Events of the kind search in memory_days.'",
        "views": "bigint not null comment 'Of the kind view.'",
        "carts": "bigint not null comment 'Of the kind cart: put into it, and not bought.'",
        "wishes": "bigint not null comment 'Of the kind wishlist.'",
        "is_registered": "boolean not null comment 'joined_on is before as_of.'",
        "is_referred": "boolean not null comment 'Somebody brought them, before as_of.'",
        "p_order_30": "double comment 'Probability of a first order within 30 days; by which method, prospect_evaluation says. NULL: nothing can be said yet.'",
        "p_order_90": "double comment 'The same within 90 days; no less than p_order_30.'",
        "likeness": "string comment 'How much they are like the best customers: high, middle or low third. NULL: none of their traits is known, or likeness says nothing about value.'",
        "expected_value": f"{MONEY} comment 'What new customers like this bring in value_days of prospect_totals; NULL where too few are known.'",
        "worth": f"{MONEY} comment 'Probability of the longest horizon that is known times expected_value.'",
        "looks_for": "string comment 'Group of products (level) that they looked at most, what is older counting less; NULL where no product is known.'",
        "looks_for_product_id": "string comment 'The product, likewise.'",
        "first_offer_product_id": "string comment 'Of the products that they looked at, the one with most interest times offer_rate; else the product in most first orders.'",
        "offer_basis": "string comment 'looked_for, or popular: no product is known that they looked at. NULL without an offer.'",
        "offer_rate": "double comment 'looked_for: share of the people who looked at it before their first order, or have none, whose first order has it, drawn to that of all products. popular: share of first orders with it.'",
        "verdict": "string not null comment 'contact: margin of the orders that a contact is assumed to add is worth contact_cost; nurture: only worth nurture_cost; leave: not even that; unknown: probability or value is not known.'",
        **text_columns("reason", "What is known of them, in numbers."),
        **text_columns("action", "What to do."),
    },
    (
        "last_seen_days > 0",
        f"p_order_30 is null or p_order_30 {SHARE}",
        f"p_order_90 is null or p_order_90 {SHARE}",
        "p_order_30 is null or p_order_90 is null or p_order_30 <= p_order_90",
        "(first_offer_product_id is null) = (offer_basis is null)",
        "(verdict = 'unknown') = (worth is null)",
    ),
    values={"likeness": TIERS, "offer_basis": BASES, "verdict": VERDICTS},
    texts={"reason": ("prospects.reason",), "action": ("prospects.action",)},
)

PROSPECT_EVALUATION = result(
    "prospect_evaluation",
    "how one method predicted first orders within one horizon, on days that it had not seen",
    ("horizon_days", "method"),
    {
        "horizon_days": "int not null comment 'Days from the moment on.'",
        "method": f"{METHOD}.'",
        "is_published": "boolean not null comment 'p_order_30 or p_order_90 is by this method.'",
        "reason": "string not null comment 'Of the horizon: better (behaviour beats every simple rule beyond chance, by Brier score and by ranking); not_better; too_few (first orders to learn from or to test with); too_short (no whole horizon lies before as_of).'",
        "test_periods": "int not null comment 'Periods that were predicted from earlier ones.'",
        "people": "bigint not null comment 'People in them without an order at their moment.'",
        "moments": "bigint not null comment 'Their moments: one a period.'",
        "conversions": "bigint not null comment 'Moments with a first order within the horizon.'",
        "fitted_moments": "bigint not null comment 'Moments from which the published probabilities are learnt.'",
        "fitted_conversions": "bigint not null comment 'Of these, with a first order within the horizon.'",
        "predicted": "double comment 'Mean of the predicted probabilities.'",
        "found": "double comment 'Share with a first order.'",
        "brier": "double comment 'Mean squared error of the probabilities; less is better.'",
        "auc": "double comment 'Chance that who ordered had the higher probability than who did not.'",
        "lift_of_tenth": "double comment 'First orders in the tenth with the highest probabilities, by those expected of any tenth.'",
        "brier_gain": "double comment 'Of behaviour, by how much less its Brier score is than that of this method; NULL of behaviour itself.'",
        "brier_gain_low": "double comment 'Lower end of the one-sided interval of brier_gain at significance; all moments of a person count as one.'",
        "auc_gain_low": "double comment 'The same of the gain in auc.'",
        "is_calibrated": "boolean comment 'Of the published method: in no bin of prospect_reliability is what was predicted off by more than chance and a quarter of it; NULL of other methods, and where too few ordered to tell.'",
        "level_shift": "double comment 'Of the published method, by how much its log-odds were moved to the level of the last spacing_days whose outcome is known; 0: first orders are about as frequent as before.'",
    },
    (
        "conversions <= moments and people <= moments",
        f"predicted is null or predicted {SHARE}",
        f"auc is null or auc {SHARE}",
    ),
    values={"method": METHODS, "reason": REASONS},
)

PROSPECT_RELIABILITY = result(
    "prospect_reliability",
    "the people to whom the published method gave like probabilities on the test days",
    ("horizon_days", "bin"),
    {
        "horizon_days": "int not null comment 'Days from the moment on.'",
        "bin": "int not null comment 'From 1, the lowest probabilities, on; about as many moments in each.'",
        "method": f"{METHOD}.'",
        "people": "bigint not null comment 'People in it.'",
        "moments": "bigint not null comment 'Their moments.'",
        "conversions": "bigint not null comment 'With a first order within the horizon.'",
        "predicted": "double not null comment 'Mean of the predicted probabilities.'",
        "found": "double not null comment 'Share with a first order.'",
        "low": "double not null comment 'Lower end of the 99 % interval of found (Wilson).'",
        "high": "double not null comment 'Upper end.'",
    },
    ("bin > 0", f"predicted {SHARE}", f"found {SHARE}", "low <= high"),
    values={"method": METHODS},
)

PROSPECT_SIGNS = result(
    "prospect_signs",
    "one thing that the model of behaviour goes by",
    ("horizon_days", "sign"),
    {
        "horizon_days": "int not null comment 'Days from the moment on.'",
        "sign": "string not null comment 'A column of behaviour, or an attribute. _30: of the last 30 days; recency_days: since they were last seen; known_days: since they were first seen in memory_days; others: events of other kinds.'",
        "weight": "double not null comment 'By how much log-odds change for one standard deviation more, all else equal. Signs that go together share what they say.'",
        "is_used": "boolean not null comment 'The published probabilities go by it: behaviour is the published method.'",
    },
)

PROSPECT_PROFILE = result(
    "prospect_profile",
    "one value of one trait among the best customers and the others",
    ("trait", "value"),
    {
        "trait": "string not null comment 'A column of customers; first_channel and first_kind of their first event before the first order; referred (yes, no); first_bought (the group of products with most money in the first order).'",
        "value": "string not null comment 'Its value.'",
        "customers": "bigint not null comment 'Customers with it, of those of whom the trait is known; of a sample where there are more than sample_people.'",
        "best_customers": "bigint not null comment 'Of these, the best: best_share by what they brought in value_days of prospect_totals.'",
        "share_of_best": "double not null comment 'Share of the best with this value, of those of whom the trait is known.'",
        "share_of_others": "double not null comment 'Share of the others with it.'",
        "lift": "double not null comment 'share_of_best / share_of_others, half a customer added to each.'",
        "lift_low": "double not null comment 'Lower end of its 95 % interval.'",
        "lift_high": "double not null comment 'Upper end.'",
        "log_odds": "double not null comment 'Difference of log-odds, drawn to 0 where few have the value.'",
        "q_value": "double not null comment 'Share of chance findings among all values that differ at least as clearly.'",
        "is_distinct": "boolean not null comment 'q_value is at most significance.'",
    },
    (
        "best_customers <= customers",
        f"share_of_best {SHARE}",
        f"share_of_others {SHARE}",
        "lift_low <= lift_high",
        f"q_value {SHARE}",
    ),
)

PROSPECT_TOTALS = result(
    "prospect_totals",
    "all people without an order, and what is known of new customers",
    (),
    {
        "state": "string not null comment 'scored; not_predicted (there are prospects, and nothing by which to predict); no_prospects (nobody without an order did anything in memory_days); no_behaviour (nothing is known of anybody before a first order: only the profile can be given).'",
        "people": "bigint not null comment 'People of whom something is known before a first order, or who have none; automatic visitors left out.'",
        "prospects": "bigint not null comment 'Of these, without an order and seen in memory_days: the rows of prospects.'",
        "silent": "bigint not null comment 'Without an order and not seen in memory_days: they are not scored.'",
        "converted": "bigint not null comment 'Of these, with a first order.'",
        "automatic": "bigint not null comment 'Left out: more than max_daily_events on one day.'",
        "memory_days": "int not null comment 'The setting: how long ago somebody may have been seen.'",
        "max_daily_events": "int not null comment 'The setting: with more events on one day, a visitor is no person.'",
        "first_day": "date comment 'Day of the first event, registration or referral.'",
        "customers": "bigint not null comment 'Customers with an order before as_of.'",
        "value_days": "int comment 'What customers bring is counted in this many days from the first order on; NULL where fewer than min_customers are known for as long, or less than a quarter of all.'",
        "value_customers": "bigint not null comment 'Customers of whom that is known; at most about sample_people.'",
        "is_new_only": "boolean comment 'True: customers whose first order is among the first 90 days of orders are left out, as they may be old ones; false: they are not, as the others are too few, or less than a quarter of all.'",
        "best_share": "double not null comment 'The setting: which share of customers are the best.'",
        "mean_value": f"{MONEY} comment 'What they brought on average.'",
        "best_value": f"{MONEY} comment 'What the least of the best brought.'",
        "is_likeness_used": "boolean not null comment 'Customers like the best brought more than others, on the half by which likeness was not learnt, beyond chance.'",
        "value_high": f"{MONEY} comment 'What the third brought that is most like the best, by the mean of all customers: that traits are known is no likeness. Drawn to the mean; NULL where likeness is not used.'",
        "value_middle": f"{MONEY} comment 'The middle third.'",
        "value_low": f"{MONEY} comment 'The third that is least like them.'",
    },
    ("prospects + silent + converted = people",),
    values={"state": STATES},
)

TABLES = (PROSPECTS, PROSPECT_EVALUATION, PROSPECT_RELIABILITY, PROSPECT_SIGNS, PROSPECT_PROFILE, PROSPECT_TOTALS)
